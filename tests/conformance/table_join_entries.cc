#include <string>
#include <vector>

#include "conformance/catalogue.h"

namespace millrace::conformance {

namespace {

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

}  // namespace

std::vector<Entry> TableJoinEntries() {
  const std::vector<Place> out = {{"out"}};
  const std::vector<Place> joined = {{"joined"}};
  const std::vector<Place> all = {{"left-store"}, {"right-store"}, {"joined"}};
  return {
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
}

}  // namespace millrace::conformance
