// Joins of two streams, by Kafka Streams' rules.
#include <chrono>
#include <string>

#include "conformance/catalogue.h"

namespace millrace::conformance {

namespace {

using std::chrono_literals::operator""ms;

using Build = std::function<void(TopologyBuilder&)>;

const Topic<Text, Text> kLeft{"left"};
const Topic<Text, Text> kRight{"right"};
const Topic<Text, Text> kThird{"third"};
const JoinOptions<Text, Text, Text> kRules{.kafka_streams_rules = true};

constexpr JoinWindow Around(Duration difference, Duration grace = 0ms) {
  return {.before = difference, .after = difference, .grace = grace};
}
constexpr JoinWindow kAsymmetric{.before = 200ms, .after = 800ms, .grace = 300ms};

Text Pair(const Text& left, const Text& right) { return left + "|" + right; }
Text PairWithAny(const Text& left, const Text* right) { return JoinText(&left, right); }

Build Inner(JoinWindow window) {
  return [=](auto& flow) {
    flow.From(kLeft).Join("joined", flow.From(kRight), window, Pair, kRules).To(kOut);
  };
}
Build Left(JoinWindow window) {
  return [=](auto& flow) {
    flow.From(kLeft).LeftJoin("joined", flow.From(kRight), window, PairWithAny, kRules).To(kOut);
  };
}
Build Outer(JoinWindow window, const char* left = "left", const char* right = "right") {
  return [=](auto& flow) {
    const auto others = flow.From(Topic<Text, Text>(right));
    flow.From(Topic<Text, Text>(left))
        .OuterJoin("joined", others, window, JoinText, kRules)
        .To(kOut);
  };
}

Build Itself(bool one_store) {
  return [=](auto& flow) {
    const auto in = flow.From(kIn);
    in.Join("pairs", in, Around(500ms, 500ms), Pair,
            {.one_store = one_store, .kafka_streams_rules = true})
        .To(kOut);
  };
}

void Rekeyed(TopologyBuilder& flow) {
  const auto left = flow.From(kLeft).SelectKey(Group);
  const auto right = flow.From(kRight).SelectKey(Group);
  left.LeftJoin("rekeyed", right, Around(500ms, 500ms), PairWithAny, kRules).To(kOut);
}

void ThreeStreams(TopologyBuilder& flow) {
  const JoinWindow window = Around(500ms, 500ms);
  flow.From(kLeft)
      .Join("two", flow.From(kRight), window, Pair, kRules)
      .Join("three", flow.From(kThird), window, Pair, kRules)
      .To(kOut);
}

}  // namespace

std::vector<Entry> StreamJoinEntries() {
  return {
      {"join-inner", Inner(Around(500ms))},
      {"join-inner-grace", Inner(Around(500ms, 1000ms))},
      {"join-inner-asymmetric", Inner(kAsymmetric)},
      {"join-same-time", Inner(Around(0ms, 200ms))},
      {"join-left", Left(Around(500ms))},
      {"join-left-grace", Left(Around(500ms, 1000ms))},
      {"join-left-asymmetric", Left(kAsymmetric)},
      {"join-after-only", Left({.before = 0ms, .after = 600ms})},
      {"join-outer", Outer(Around(500ms))},
      {"join-outer-grace", Outer(Around(500ms, 1000ms))},
      {"join-outer-asymmetric", Outer(kAsymmetric)},
      {"join-outer-ordered", Outer(Around(500ms, 1000ms))},
      {"join-self", Itself(/*one_store=*/false)},
      {"join-self-optimized", Itself(/*one_store=*/true)},
      {"join-rekeyed", Rekeyed},
      {"join-three-streams", ThreeStreams},
      {"propagate-stream-join", Outer(Around(400ms, 200ms), "in", "in-2")},
  };
}

}  // namespace millrace::conformance
