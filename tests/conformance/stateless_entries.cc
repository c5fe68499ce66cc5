#include <optional>
#include <stdexcept>
#include <string>

#include "conformance/catalogue.h"

namespace millrace::conformance {

namespace {

const Topic<Text, Text> kOutA{"out-a"};
const Topic<Text, Text> kOutLong{"out-long"};
const Topic<Text, Text> kOutRest{"out-rest"};
const Topic<Text, Text> kOut1{"out-1"};
const Topic<Text, Text> kOut2{"out-2"};
const Topic<Text, Text> kIn1{"in-1"};
const Topic<Text, Text> kIn2{"in-2"};

bool IsLong(const Text& value) { return value.size() > 4; }

void PeekFanOut(TopologyBuilder& flow) {
  const auto peeked = flow.From(kIn).Peek([](const Text&) {});
  peeked.Filter([](const Text&) { return true; }).To(Topic<Text, Text>("out-values"));
  peeked.MapValues(Str).To(Topic<Text, Text>("out-all"));
  peeked.To(Topic<Text, Text>("out-raw"));
}

void Branch(TopologyBuilder& flow) {
  auto [a, longer, rest] = flow.From(kIn).Split().Branch(StartsWithA).Branch(IsLong).Default();
  a.To(kOutA);
  longer.To(kOutLong);
  rest.To(kOutRest);
}

void BranchNoDefault(TopologyBuilder& flow) {
  auto [a, longer] = flow.From(kIn).Split().Branch(StartsWithA).Branch(IsLong).NoDefault();
  a.To(kOutA);
  longer.To(kOutLong);
}

void FlatMapParts(TopologyBuilder& flow) {
  flow.From(kIn)
      .FlatMap([](const Text* key, const Text& value, Emit<Text, Text>& emit) {
        int i = 0;
        for (const Text& part : Parts(value)) emit(Str(key) + "-" + std::to_string(i++), part);
      })
      .To(kOut);
}

Text ChooseTopic(const Text* value) {
  if (value == nullptr) return "out-null";
  return value->size() % 2 == 0 ? "out-even" : "out-odd";
}

void ErrorsContinue(TopologyBuilder& flow) {
  const auto in = flow.From(kIn);
  in.MapValues([](const Text* value) {
      if (Str(value) == "boom") throw std::runtime_error("boom");
      return "1" + Str(value);
    }).To(kOut1);
  in.MapValues([](const Text* value) { return "2" + Str(value); }).To(kOut2);
}

void ThroughTopic(TopologyBuilder& flow) {
  const Topic<Text, Text> mid{"mid"};
  flow.From(kIn).MapValues([](const Text* value) { return Str(value) + "1"; }).To(mid);
  flow.From(mid).MapValues([](const Text& value) { return value + "2"; }).To(kOut);
}

void FeedbackLoop(TopologyBuilder& flow) {
  auto [positive, rest] =
      flow.From(kIn).Split().Branch([](const Text& x) { return Number(x) > 0; }).Default();
  positive.MapValues([](const Text& x) { return std::to_string(Number(x) - 1); }).To(kIn);
  rest.To(kOut);
}

void PropagateStateless(TopologyBuilder& flow) {
  flow.From(kIn)
      .Map([](const Text* key, const Text* value) {
        return KeyValue{Str(key) + "m", value == nullptr ? MaybeText() : MaybeText(*value)};
      })
      .FlatMapValues([](const Text& value, Emit<Text>& emit) {
        emit(value);
        emit(value + "2");
      })
      .Filter([](const Text& value) { return !value.ends_with("0"); })
      .To(kOut);
}

void WordCount(TopologyBuilder& flow) {
  flow.From(kIn)
      .FlatMapValues([](const Text& value, Emit<Text>& emit) {
        for (const Text& part : Parts(value)) emit(part);
      })
      .GroupBy("words", [](const Text& word) { return word; })
      .Count("counts")
      .ToStream()
      .To(kOutNumbers);
}

void CountsTo(const GroupedStream<Text, Text>& grouped) {
  grouped.Count("counts").ToStream().To(kOutNumbers);
}

}  // namespace

std::vector<Entry> StatelessEntries() {
  const std::vector<Place> numbers = {{"out", Format::kNumber}};
  const std::vector<Place> counts = {{"counts", Format::kNumber}};
  return {
      {"filter", [](auto& flow) { flow.From(kIn).Filter(StartsWithA).To(kOut); }},
      {"filter-not", [](auto& flow) { flow.From(kIn).FilterNot(StartsWithA).To(kOut); }},
      {"map-values",
       [](auto& flow) {
         flow.From(kIn).MapValues([](const Text* value) { return Str(value) + "!"; }).To(kOut);
       }},
      {"map-values-with-key",
       [](auto& flow) {
         flow.From(kIn)
             .MapValues(
                 [](const Text* key, const Text* value) { return Str(key) + ":" + Str(value); })
             .To(kOut);
       }},
      {"map",
       [](auto& flow) {
         flow.From(kIn)
             .Map([](const Text* key, const Text* value) {
               return KeyValue{value == nullptr ? MaybeText() : MaybeText(*value),
                               key == nullptr ? MaybeText() : MaybeText(*key)};
             })
             .To(kOut);
       }},
      {"flat-map", FlatMapParts},
      {"flat-map-values",
       [](auto& flow) {
         flow.From(kIn)
             .FlatMapValues([](const Text& value, Emit<Text>& emit) {
               for (const Text& part : Parts(value)) emit(part);
             })
             .To(kOut);
       }},
      {"select-key", [](auto& flow) { flow.From(kIn).SelectKey(First).To(kOut); }},
      {"peek-fan-out", PeekFanOut, {{"out-all"}, {"out-raw"}, {"out-values"}}},
      {"branch", Branch, {{"out-a"}, {"out-long"}, {"out-rest"}}},
      {"branch-no-default", BranchNoDefault, {{"out-a"}, {"out-long"}}},
      {"merge",
       [](auto& flow) {
         flow.From(kIn1)
             .MapValues([](const Text* value) { return "1" + Str(value); })
             .Merge(flow.From(kIn2))
             .To(kOut);
       }},
      {"multi-topic-source",
       [](auto& flow) {
         flow.From({kIn1, kIn2}).To(kOut);
       }},
      {"dynamic-topic",
       [](auto& flow) { flow.From(kIn).To(ChooseTopic); },
       {{"out-even"}, {"out-null"}, {"out-odd"}}},
      {"repartition", [](auto& flow) { flow.From(kIn).Repartition("hop").To(kOut); }},
      {"rekey-count",
       [](auto& flow) { CountsTo(flow.From(kIn).SelectKey(First).GroupByKey("by-letter")); },
       numbers, counts},
      {"group-by-count", [](auto& flow) { CountsTo(flow.From(kIn).GroupBy("by-letter", First)); },
       numbers, counts},
      {"word-count", WordCount, numbers, counts},
      {"errors-continue", ErrorsContinue, {{"out-1"}, {"out-2"}}, {}, ErrorPolicy::Skip()},
      {"through-topic", ThroughTopic, {{"mid"}, {"out"}}},
      {"feedback-loop", FeedbackLoop},
      {"propagate-stateless", PropagateStateless},
      {"propagate-count", [](auto& flow) { CountsTo(flow.From(kIn).GroupByKey()); }, numbers,
       counts},
      {"propagate-repartition-count",
       [](auto& flow) {
         CountsTo(flow.From(kIn)
                      .SelectKey([](const Text* key, const Text*) { return Str(key) + "r"; })
                      .GroupByKey("rekeyed"));
       },
       numbers, counts},
  };
}

}  // namespace millrace::conformance
