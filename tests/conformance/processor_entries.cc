#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "conformance/catalogue.h"

namespace millrace::conformance {

namespace {

using std::chrono_literals::operator""ms;

using TextProcessor = Processor<Text, Text, Text, Text>;
using TextRecord = Record<Text, Text>;

struct CountsHeaders : TextProcessor {
  void Process(const TextRecord& record, Context& context) override {
    const Text value = Str(record.value) + "#" + std::to_string(record.headers->size());
    Headers headers = *record.headers;
    headers.Remove("h").Add("seen", std::to_string(++seen_));
    context.Forward(record.WithValue(&value).WithHeaders(&headers));
  }
  int seen_ = 0;
};

struct EmitsMany : TextProcessor {
  void Process(const TextRecord& record, Context& context) override {
    if (record.value == nullptr) {
      context.Forward(record.WithHeaders(&Headers::Empty()));
      return;
    }
    for (int64_t i = 0; i < Number(*record.value); ++i) {
      const Text number = std::to_string(i);
      const Text key = Str(record.key) + number;
      Headers headers = *record.headers;
      headers.Add("i", number);
      context.Forward({&key, &number, record.timestamp + Duration(10 * i), &headers});
    }
  }
};

struct AddsHeader : TextProcessor {
  void Process(const TextRecord& record, Context& context) override {
    Headers headers = *record.headers;
    headers.Add("by", "1");
    context.Forward(record.WithHeaders(&headers));
  }
};

void HeadersSiblings(TopologyBuilder& flow) {
  const auto in = flow.From(kIn);
  in.ProcessValues<AddsHeader>("add-header").To(Topic<Text, Text>("out-1"));
  in.To(Topic<Text, Text>("out-2"));
}

// Forwards (key, value) at the time that a punctuation gets.
void ForwardAt(Timestamp now, const Text& key, const Text& value, TextProcessor::Context& context) {
  context.Forward({&key, &value, now});
}

// Counts records; each tick forwards the count since the last one.
struct Ticks : TextProcessor {
  Ticks(Duration every, PunctuationOptions when, bool by_load = false)
      : every_(every), when_(when), by_load_(by_load) {}
  void Init(Context& context) override {
    context.Schedule(every_, when_, [this, &context](Timestamp now) {
      const int64_t count = std::exchange(count_, 0);
      const Text load = count > 2 ? "busy" : count == 0 ? "idle" : "normal";
      ForwardAt(now, by_load_ ? load : "tick", std::to_string(count), context);
    });
  }
  void Process(const TextRecord&, Context&) override { ++count_; }

  Duration every_;
  PunctuationOptions when_;
  bool by_load_;
  int64_t count_ = 0;
};

Stream<Text, Text> TicksOf(TopologyBuilder& flow, Duration every, PunctuationOptions when,
                           bool by_load = false) {
  return flow.From(kIn).Process("ticks", {},
                                [=] { return std::make_unique<Ticks>(every, when, by_load); });
}

struct CancelsItself : TextProcessor {
  void Init(Context& context) override { Start(context); }
  void Process(const TextRecord& record, Context& context) override {
    if (!scheduled_ && Str(record.value) == "again") Start(context);
  }
  void Start(Context& context) {
    scheduled_ = true;
    tick_ = context.Schedule(700ms, {}, [this, &context](Timestamp now) {
      ForwardAt(now, "tick", std::to_string(++ticks_), context);
      if (ticks_ % 3 != 0) return;
      tick_.Cancel();
      scheduled_ = false;
    });
  }
  Punctuation tick_;
  bool scheduled_ = false;
  int ticks_ = 0;
};

// Forwards (name, time) every so often.
void Announce(const Text& name, Duration every, PunctuationOptions when,
              TextProcessor::Context& context) {
  context.Schedule(every, when, [name, &context](Timestamp now) {
    ForwardAt(now, name, std::to_string(ToMillis(now)), context);
  });
}

struct TwoSchedules : TextProcessor {
  void Init(Context& context) override {
    Announce("A", 300ms, {.start = TimestampFromMillis(50)}, context);
    Announce("B", 700ms, {.start = TimestampFromMillis(0)}, context);
  }
  void Process(const TextRecord& record, Context& context) override { context.Forward(record); }
};

struct BothClocks : TextProcessor {
  void Init(Context& context) override {
    Announce("S", 1000ms, {}, context);
    Announce("W", 400ms, {.type = PunctuationType::kWallClock}, context);
  }
  void Process(const TextRecord&, Context&) override {}
};

struct FlushesStore : TextProcessor {
  void Init(Context& context) override {
    store_ = context.Store<Text, Text>("store");
    context.Schedule(1000ms, {}, [this, &context](Timestamp now) {
      for (auto row = store_.All(); row.Valid(); row.Next()) {
        const Text key = row.key();
        ForwardAt(now, key, row.value(), context);
        store_.Delete(key);
      }
    });
  }
  void Process(const TextRecord& record, Context&) override {
    if (record.key == nullptr) return;
    const Text joined = Str(store_.Get(*record.key).value) + "," + Str(record.value);
    store_.Put(*record.key, joined, record.timestamp);
  }
  KeyValueStore<Text, Text> store_;
};

struct TellsTimes : TextProcessor {
  void Process(const TextRecord& record, Context& context) override {
    const auto text = [](Timestamp time) { return std::to_string(ToMillis(time)); };
    const Text times =
        text(record.timestamp) + "|" + text(context.StreamTime()) + "|" + text(context.WallClock());
    context.Forward(record.WithValue(&times));
  }
};

struct Deduplicates : TextProcessor {
  void Init(Context& context) override { seen_ = context.WindowedStore<Text, Text>("seen"); }
  void Process(const TextRecord& record, Context& context) override {
    if (record.value != nullptr) {
      const Timestamp time = record.timestamp;
      if (seen_.Fetch(*record.value, time - 2000ms, time + 2000ms).Valid()) return;
      seen_.Put(*record.value, time, "");
    }
    context.Forward(record);
  }
  WindowStore<Text, Text> seen_;
};

template <class P>
std::function<void(TopologyBuilder&)> Runs(std::vector<detail::StoreSpec> stores = {}) {
  return [stores](TopologyBuilder& flow) {
    std::vector<std::string> names;
    for (const detail::StoreSpec& store : stores) {
      names.push_back(store.name);
      flow.AddStore(store);
    }
    flow.From(kIn).Process<P>("step", names).To(kOut);
  };
}

}  // namespace

std::vector<Entry> ProcessorEntries() {
  constexpr PunctuationType kWall = PunctuationType::kWallClock;
  return {
      {"process-values-headers",
       [](auto& flow) {
         flow.From(kIn).template ProcessValues<CountsHeaders>("count-headers").To(kOut);
       }},
      {"process-emit-many", Runs<EmitsMany>()},
      {"headers-siblings", HeadersSiblings, {{"out-1"}, {"out-2"}}},
      {"punctuate-stream-time", [](auto& flow) { TicksOf(flow, 1000ms, {}).To(kOut); }},
      {"punctuate-stream-time-anchored",
       [](auto& flow) { TicksOf(flow, 1000ms, {.start = TimestampFromMillis(250)}).To(kOut); }},
      {"punctuate-wall-clock", [](auto& flow) { TicksOf(flow, 500ms, {.type = kWall}).To(kOut); }},
      {"punctuate-wall-clock-anchored",
       [](auto& flow) {
         TicksOf(flow, 500ms, {.type = kWall, .start = TimestampFromMillis(300)}).To(kOut);
       }},
      {"punctuate-into-count",
       [](auto& flow) {
         TicksOf(flow, 500ms, {.type = kWall}, /*by_load=*/true)
             .GroupByKey("ticks")
             .Count("counts")
             .ToStream()
             .To(kOutNumbers);
       },
       {{"out", Format::kNumber}},
       {{"counts", Format::kNumber}}},
      {"punctuate-cancel", Runs<CancelsItself>()},
      {"punctuate-two", Runs<TwoSchedules>()},
      {"punctuate-both-clocks", Runs<BothClocks>()},
      {"punctuate-flush-store",
       Runs<FlushesStore>({Store<Text, Text>("store")}),
       {{"out"}},
       {{"store"}}},
      {"current-times", Runs<TellsTimes>()},
      {"deduplicate",
       Runs<Deduplicates>(
           {WindowedStore<Text, Text>("seen", {.window_size = 2000ms, .retention = 4000ms})}),
       {{"out"}},
       {{"seen", Format::kText, 2000ms, 4000ms}}},
  };
}

}  // namespace millrace::conformance
