// Windows other than tumbling and hopping ones, cogroup, emission on close, and suppress.
#include <chrono>
#include <string>

#include "conformance/catalogue.h"

namespace millrace::conformance {

namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""h;

constexpr Tumbling kTumbling{.size = 1000ms, .grace = 700ms};
constexpr Hopping kHopping{.size = 1000ms, .advance = 400ms, .grace = 300ms};
constexpr Sliding kSliding{.difference = 500ms, .grace = 1000ms};
constexpr Sessions kSessions{.gap = 500ms, .grace = 1500ms};
constexpr WindowStateOptions kKept{.retention = 1h};

const Topic<Windowed<Text>, Text> kOutWindowTexts{"out"};
const Topic<Session<Text>, int64_t> kOutSessions{"out"};
const Topic<Session<Text>, Text> kOutSessionTexts{"out"};

using Build = std::function<void(TopologyBuilder&)>;

GroupedStream<Text, Text> ByKey(TopologyBuilder& flow, const char* topic = "in") {
  return flow.From(Topic<Text, Text>(topic)).GroupByKey();
}
Text AppendPart(const Text& sum, const Text& value) { return sum + value + ";"; }
Text Merge(const Text& one, const Text& two) { return one + "&" + two; }

Build SlidingCount(Sliding windows) {
  return
      [=](auto& flow) { ByKey(flow).Window(windows).Count("counts").ToStream().To(kOutWindows); };
}
Build SessionCount(Sessions windows) {
  return
      [=](auto& flow) { ByKey(flow).Window(windows).Count("counts").ToStream().To(kOutSessions); };
}

void SlidingAggregate(TopologyBuilder& flow) {
  ByKey(flow)
      .Window(Sliding{.difference = 500ms, .grace = 2000ms})
      .Aggregate("agg", "", AppendPart)
      .ToStream()
      .To(kOutWindowTexts);
}

void SessionAggregate(TopologyBuilder& flow) {
  ByKey(flow)
      .Window(kSessions)
      .Aggregate(
          "agg", "", [](const Text& sum, const Text* value) { return sum + Str(value) + ";"; },
          Merge)
      .ToStream()
      .To(kOutSessionTexts);
}

void SessionReduce(TopologyBuilder& flow) {
  ByKey(flow)
      .Window(kSessions)
      .Reduce("agg", [](const Text& one, const Text* two) { return one + "," + Str(two); })
      .ToStream()
      .To(kOutSessionTexts);
}

void UnlimitedCount(TopologyBuilder& flow) {
  ByKey(flow)
      .Window(Unlimited{.start = TimestampFromMillis(2000)})
      .Count("counts")
      .ToStream()
      .Map([](const Windowed<Text>& window, int64_t count) {
        return KeyValue{window.key + "@" + std::to_string(ToMillis(window.start)), count};
      })
      .To(kOutNumbers);
}

std::vector<Entry> MoreWindows() {
  const std::vector<Place> numbers = {{"out", Format::kNumber, 500ms}};
  const std::vector<Place> session_numbers = {
      {.name = "out", .value = Format::kNumber, .sessions = true}};
  const std::vector<Place> session_texts = {{.name = "out", .sessions = true}};
  const auto counts = [](Duration window, Duration retention) {
    return std::vector<Place>{{"counts", Format::kNumber, window, retention}};
  };
  const auto sessions = [](const char* name, Format format, Duration retention) {
    return std::vector<Place>{
        {.name = name, .value = format, .retention = retention, .sessions = true}};
  };
  return {
      {"sliding-count", SlidingCount(kSliding), numbers, counts(500ms, 2000ms)},
      {"sliding-count-no-grace", SlidingCount({.difference = 500ms}), numbers,
       counts(500ms, 1000ms)},
      {"sliding-early-records",
       SlidingCount({.difference = 2000ms, .grace = 3000ms}),
       {{"out", Format::kNumber, 2000ms}},
       counts(2000ms, 7000ms)},
      {"sliding-aggregate",
       SlidingAggregate,
       {{"out", Format::kText, 500ms}},
       {{"agg", Format::kText, 500ms, 3000ms}}},
      {"session-count", SessionCount({.gap = 500ms}), session_numbers,
       sessions("counts", Format::kNumber, 500ms)},
      {"session-count-grace", SessionCount(kSessions), session_numbers,
       sessions("counts", Format::kNumber, 2000ms)},
      {"session-aggregate", SessionAggregate, session_texts,
       sessions("agg", Format::kText, 2000ms)},
      {"session-reduce", SessionReduce, session_texts, sessions("agg", Format::kText, 2000ms)},
      {"unlimited-count", UnlimitedCount, {{"out", Format::kNumber}}},
  };
}

CogroupedStream<Text, Text> Cogrouped(TopologyBuilder& flow) {
  return ByKey(flow, "in-1")
      .Cogroup<Text>([](const Text& sum, const Text& value) { return sum + value; })
      .Cogroup(ByKey(flow, "in-2"),
               [](const Text& sum, const Text& value) { return sum + "/" + value; });
}
// Windows aggregate nulls.
CogroupedStream<Text, Text> CogroupedWithNulls(TopologyBuilder& flow) {
  return ByKey(flow, "in-1")
      .Cogroup<Text>([](const Text& sum, const Text* value) { return sum + Str(value); })
      .Cogroup(ByKey(flow, "in-2"),
               [](const Text& sum, const Text* value) { return sum + "/" + Str(value); });
}

std::vector<Entry> Cogroups() {
  return {
      {"cogroup",
       [](auto& flow) { Cogrouped(flow).Aggregate("agg", "").ToStream().To(kOut); },
       {{"out"}},
       {{"agg"}}},
      {"cogroup-tumbling",
       [](auto& flow) {
         CogroupedWithNulls(flow).Window(kTumbling).Aggregate("agg", "").ToStream().To(
             kOutWindowTexts);
       },
       {{"out", Format::kText, 1000ms}},
       {{"agg", Format::kText, 1000ms, 1700ms}}},
      {"cogroup-sliding",
       [](auto& flow) {
         Cogrouped(flow).Window(kSliding).Aggregate("agg", "").ToStream().To(kOutWindowTexts);
       },
       {{"out", Format::kText, 500ms}},
       {{"agg", Format::kText, 500ms, 2000ms}}},
      {"cogroup-session",
       [](auto& flow) {
         CogroupedWithNulls(flow)
             .Window(kSessions)
             .Aggregate("agg", "", Merge)
             .ToStream()
             .To(kOutSessionTexts);
       },
       {{.name = "out", .sessions = true}},
       {{.name = "agg", .retention = 2000ms, .sessions = true}}},
  };
}

constexpr OnClose kAsKafkaStreams{.kafka_streams_rules = true};

template <class Windows>
Build CountOnClose(Windows windows, WindowStateOptions options) {
  return [=](auto& flow) {
    ByKey(flow)
        .Window(windows)
        .EmitOnClose(kAsKafkaStreams)
        .Count("counts", options)
        .ToStream()
        .To(kOutWindows);
  };
}

void ReduceOnClose(TopologyBuilder& flow) {
  ByKey(flow)
      .Window(Tumbling{.size = 1000ms})
      .EmitOnClose(kAsKafkaStreams)
      .Reduce(
          "agg", [](const Text& sum, const Text* value) { return sum + "," + Str(value); }, kKept)
      .ToStream()
      .To(kOutWindowTexts);
}

void CloseThenJoin(TopologyBuilder& flow) {
  const auto closed = ByKey(flow)
                          .Window(kTumbling)
                          .EmitOnClose(kAsKafkaStreams)
                          .Count("counts", kKept)
                          .ToStream()
                          .Map([](const Windowed<Text>& window, int64_t count) {
                            return KeyValue{window.key, std::to_string(count)};
                          });
  const auto names = flow.TableFrom(Topic<Text, Text>("names"), "names");
  closed
      .LeftJoin("with-names", names,
                [](const Text& count, const Text* name) { return JoinText(&count, name); })
      .To(kOut);
}

std::vector<Entry> EmissionOnClose() {
  const std::vector<Place> numbers = {{"out", Format::kNumber, 1000ms}};
  return {
      {"tumbling-emit-close", CountOnClose(kTumbling, kKept), numbers},
      {"tumbling-emit-close-default-retention", CountOnClose(kTumbling, {}), numbers},
      {"hopping-emit-close", CountOnClose(kHopping, kKept), numbers},
      {"sliding-emit-close", CountOnClose(kSliding, kKept), {{"out", Format::kNumber, 500ms}}},
      {"session-emit-close",
       [](auto& flow) {
         ByKey(flow)
             .Window(kSessions)
             .EmitOnClose(kAsKafkaStreams)
             .Count("counts")
             .ToStream()
             .To(kOutSessions);
       },
       {{.name = "out", .value = Format::kNumber, .sessions = true}}},
      {"tumbling-emit-close-reduce", ReduceOnClose, {{"out", Format::kText, 1000ms}}},
      {"close-then-join", CloseThenJoin},
  };
}

template <class Windows, class Rule>
Build SuppressedCount(Windows windows, Rule rule) {
  return [=](auto& flow) {
    ByKey(flow)
        .Window(windows)
        .Count("counts")
        .Suppress("waiting", rule)
        .ToStream()
        .To(kOutWindows);
  };
}
Build SuppressedTable(UntilTimeLimit rule) {
  return [=](auto& flow) { flow.TableFrom(kIn).Suppress("waiting", rule).ToStream().To(kOut); };
}

std::vector<Entry> Suppressions() {
  const std::vector<Place> numbers = {{"out", Format::kNumber, 1000ms}};
  return {
      {"tumbling-suppress-close", SuppressedCount(kTumbling, UntilWindowCloses()), numbers},
      {"hopping-suppress-close", SuppressedCount(kHopping, UntilWindowCloses()), numbers},
      {"sliding-suppress-close",
       SuppressedCount(kSliding, UntilWindowCloses()),
       {{"out", Format::kNumber, 500ms}}},
      {"session-suppress-close",
       [](auto& flow) {
         ByKey(flow)
             .Window(kSessions)
             .Count("counts")
             .Suppress("waiting", UntilWindowCloses())
             .ToStream()
             .To(kOutSessions);
       },
       {{.name = "out", .value = Format::kNumber, .sessions = true}}},
      {"tumbling-suppress-early",
       SuppressedCount(kTumbling, UntilTimeLimit{.limit = 2000ms, .max_records = 3}), numbers},
      {"tumbling-suppress-time-limit", SuppressedCount(kTumbling, UntilTimeLimit{.limit = 600ms}),
       numbers},
      {"table-suppress-time-limit", SuppressedTable({.limit = 1000ms})},
      {"table-suppress-max-records", SuppressedTable({.limit = 2000ms, .max_records = 2})},
  };
}

Text AtStart(const Windowed<Text>& window) {
  return window.key + "@" + std::to_string(ToMillis(window.start));
}
Stream<Text, int64_t> ByWindow(const Table<Windowed<Text>, int64_t>& counts) {
  return counts.ToStream().Map([](const Windowed<Text>& window, int64_t count) {
    return KeyValue{AtStart(window), count};
  });
}

std::vector<Entry> Propagation() {
  static constexpr Tumbling kStrict{.size = 1000ms};
  return {
      {"propagate-suppress", SuppressedTable({.limit = 700ms})},
      {"propagate-window-close",
       [](auto& flow) {
         ByWindow(ByKey(flow).Window(kStrict).EmitOnClose(kAsKafkaStreams).Count("counts", kKept))
             .To(kOutNumbers);
       },
       {{"out", Format::kNumber}}},
      {"propagate-window-suppress",
       [](auto& flow) {
         const auto counts = ByKey(flow).Window(kStrict).Count("counts", kKept);
         ByWindow(counts.Suppress("waiting", UntilWindowCloses())).To(kOutNumbers);
       },
       {{"out", Format::kNumber}}},
      {"propagate-session",
       SessionCount({.gap = 400ms, .grace = 1000ms}),
       {{.name = "out", .value = Format::kNumber, .sessions = true}}},
  };
}

}  // namespace

std::vector<Entry> WindowingEntries() {
  std::vector<Entry> all;
  for (auto* entries : {MoreWindows, Cogroups, EmissionOnClose, Suppressions, Propagation}) {
    for (Entry& entry : entries()) all.push_back(std::move(entry));
  }
  return all;
}

}  // namespace millrace::conformance
