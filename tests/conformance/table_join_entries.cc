#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "conformance/catalogue.h"

namespace millrace::conformance {

namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""h;
using TextTable = Table<Text, Text>;

TextTable Left(TopologyBuilder& flow) {
  return flow.TableFrom(Topic<Text, Text>("left"), "left-store");
}
TextTable Right(TopologyBuilder& flow) {
  return flow.TableFrom(Topic<Text, Text>("right"), "right-store");
}

// How two rows are joined: all joins here show a missing row.
Text JoinBoth(const Text& left, const Text& right) { return JoinText(&left, &right); }
Text JoinLeft(const Text& left, const Text* right) { return JoinText(&left, right); }

bool AtLeast30(const Text& value) { return Number(value) >= 30; }

void Chain(TopologyBuilder& flow) {
  Left(flow)
      .Join(Right(flow), JoinBoth)
      .LeftJoin(flow.TableFrom(Topic<Text, Text>("third"), "third-store"), JoinLeft)
      .ToStream()
      .To(kOut);
}

// The filters stand before any store, so that they do not know which rows matched before: a row
// that does not match is deleted in any case, and the join passes needless deletions on.
void Filtered(TopologyBuilder& flow) {
  const TextTable left =
      flow.TableFrom(Topic<Text, Text>("left")).Filter("left-matching", AtLeast30);
  const TextTable right =
      flow.TableFrom(Topic<Text, Text>("right")).Filter("right-matching", AtLeast30);
  left.Join(right, Add).ToStream().To(kOut);
}

void Grouped(TopologyBuilder& flow) {
  Left(flow)
      .Join(Right(flow),
            [](const Text& left, const Text& right) {
              return StrOf(Group(&left)) + ":" + StrOf(Rest(&right));
            })
      .GroupBy("by-group",
               [](const Text& value) {
                 return KeyValue<MaybeText, MaybeText>{Group(&value), Rest(&value)};
               })
      .Reduce("sums", Add, Subtract)
      .ToStream()
      .To(kOut);
}

// The key of the right row that a left row names.
MaybeText GroupOf(const Text& left) { return Group(&left); }

void ForeignKeyCount(TopologyBuilder& flow) {
  Left(flow)
      .Join("fk", "fk-result", Right(flow), GroupOf, JoinBoth)
      .GroupBy("by-right",
               [](const Text& key, const Text& joined) {
                 return KeyValue{joined.substr(joined.find('|') + 1), key};
               })
      .Count("counts")
      .ToStream()
      .MapValues([](int64_t count) { return std::to_string(count); })
      .To(kOut);
}

Text Smaller(const Text& joined) {
  const size_t bar = joined.find('|');
  return std::to_string(std::min(Number(joined.substr(0, bar)), Number(joined.substr(bar + 1))));
}

void Trades(TopologyBuilder& flow) {
  const auto matches = flow.From(Topic<Text, Text>("buys"))
                           .Join("trades", flow.From(Topic<Text, Text>("sells")),
                                 {.before = 400ms, .after = 400ms, .grace = 400ms}, JoinBoth,
                                 {.kafka_streams_rules = true});
  matches.To(Topic<Text, Text>("matches"));
  matches.MapValues(Smaller)
      .GroupByKey()
      .Window(Hopping{.size = 1000ms, .advance = 500ms, .grace = 500ms})
      .EmitOnClose()
      .Reduce("volume", Add, {.retention = 1h})
      .ToStream()
      .Map([](const Windowed<Text>& window, const Text& sum) {
        return KeyValue{window.key + "@" + std::to_string(ToMillis(window.start)), sum};
      })
      .To(Topic<Text, Text>("volume"));
  const auto matched = matches.GroupByKey().Aggregate(
      "matched", "0", [](const Text& count, const Text&) { return Add(count, "1"); });
  flow.TableFrom(Topic<Text, Text>("accounts"), "accounts")
      .LeftJoin("exposure", matched, GroupOf, JoinLeft)
      .ToStream()
      .To(Topic<Text, Text>("exposure"));
}

std::vector<Entry> ForeignKeyEntries() {
  const std::vector<Place> joined = {{"joined"}};
  return {
      {"fk-inner",
       [](auto& flow) {
         Left(flow).Join("fk", "joined", Right(flow), GroupOf, JoinBoth).ToStream().To(kOut);
       },
       {{"out"}},
       joined},
      {"fk-left",
       [](auto& flow) {
         Left(flow).LeftJoin("fk", "joined", Right(flow), GroupOf, JoinLeft).ToStream().To(kOut);
       },
       {{"out"}},
       joined},
      {"fk-inner-view",
       [](auto& flow) {
         Left(flow).Join("fk", Right(flow), GroupOf, JoinBoth).ToStream().To(kOut);
       }},
      {"fk-left-view",
       [](auto& flow) {
         Left(flow).LeftJoin("fk", Right(flow), GroupOf, JoinLeft).ToStream().To(kOut);
       }},
      {"kitchen-sink-trades", Trades, {{"exposure"}, {"matches"}, {"volume"}}, {{"matched"}}},
      {"fk-count", ForeignKeyCount, {{"out"}}, {{"counts", Format::kNumber}}},
      {"propagate-fk-join",
       [](auto& flow) {
         flow.TableFrom(kIn, "left-store")
             .LeftJoin("fk", flow.TableFrom(Topic<Text, Text>("in-2"), "right-store"), GroupOf,
                       JoinLeft)
             .ToStream()
             .To(kOut);
       }},
  };
}

}  // namespace

std::vector<Entry> TableJoinEntries() {
  const std::vector<Place> out = {{"out"}};
  const std::vector<Place> joined = {{"joined"}};
  const std::vector<Place> all = {{"left-store"}, {"right-store"}, {"joined"}};
  std::vector<Entry> entries = {
      {"table-table-inner",
       [](auto& flow) { Left(flow).Join("joined", Right(flow), JoinBoth).ToStream().To(kOut); },
       out, all},
      {"table-table-inner-view",
       [](auto& flow) { Left(flow).Join(Right(flow), JoinBoth).ToStream().To(kOut); }},
      {"table-table-left",
       [](auto& flow) { Left(flow).LeftJoin("joined", Right(flow), JoinLeft).ToStream().To(kOut); },
       out, joined},
      {"table-table-left-view",
       [](auto& flow) { Left(flow).LeftJoin(Right(flow), JoinLeft).ToStream().To(kOut); }},
      {"table-table-outer",
       [](auto& flow) {
         Left(flow).OuterJoin("joined", Right(flow), JoinText).ToStream().To(kOut);
       },
       out, joined},
      {"table-table-outer-view",
       [](auto& flow) { Left(flow).OuterJoin(Right(flow), JoinText).ToStream().To(kOut); }},
      {"table-table-chain", Chain},
      {"table-table-filtered", Filtered},
      {"table-table-group", Grouped, out, {{"sums"}}},
      {"propagate-table-join",
       [](auto& flow) {
         flow.TableFrom(kIn, "left-store")
             .OuterJoin(flow.TableFrom(Topic<Text, Text>("in-2"), "right-store"), JoinText)
             .ToStream()
             .To(kOut);
       }},
  };
  for (Entry& entry : ForeignKeyEntries()) entries.push_back(std::move(entry));
  return entries;
}

}  // namespace millrace::conformance
