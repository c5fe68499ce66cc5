// Joins of two streams, and of two tables, by key and by foreign key.
#include <algorithm>
#include <chrono>
#include <map>
#include <tuple>

#include "property/flows.h"

namespace millrace::property {
namespace {

using std::chrono_literals::operator""ms;

constexpr int64_t kBefore = 100;
constexpr int64_t kAfter = 200;
constexpr int64_t kGrace = 300;

Text Pair(const Text* left, const Text* right) {
  return (left ? *left : "null") + "|" + (right ? *right : "null");
}
Text Pair(const Text& left, const Text& right) { return Pair(&left, &right); }

// -- Streams. The model is for events in order: nothing is late.
class StreamJoinModel {
 public:
  StreamJoinModel(bool left_outer, bool right_outer) : outer_{right_outer, left_outer} {}

  Results Run(const Events& events) {
    for (const Event& event : events) Add(event);
    return std::move(out_);
  }

 private:
  static constexpr int kRight = 0;
  static constexpr int kLeft = 1;
  // How far the side looks ahead into the other one.
  static int64_t Ahead(int side) { return side == kLeft ? kAfter : kBefore; }

  void Emit(const Text& key, int side, const Text& own, const Text* other, int64_t time) {
    out_.push_back({key, side == kLeft ? Pair(&own, other) : Pair(other, &own), time});
  }
  void LetOutClosed(int64_t now) {
    while (!waiting_.empty()) {
      // The first one that is closed, in the order of time, side, key, arrival.
      const auto closed = std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& entry) {
        const auto& [time, side, key, arrival] = entry.first;
        return time + Ahead(side) + kGrace < now;
      });
      if (closed == waiting_.end()) return;
      const auto& [time, side, key, arrival] = closed->first;
      Emit(key, side, closed->second, nullptr, time);
      waiting_.erase(closed);
    }
  }
  void Add(const Event& event) {
    const int side = event.right ? kRight : kLeft;
    if (!event.value) return;
    const Text value = TextOf(event.value);
    if (!event.key) {
      if (outer_[side]) Emit("null", side, value, nullptr, event.time);
      return;
    }
    const Text key = TextOf(event.key);
    if (outer_[kLeft] || outer_[kRight]) LetOutClosed(event.time);
    bool met = false;
    for (const auto& [other, time] : kept_[1 - side][key]) {
      if (time < event.time - Ahead(1 - side) || time > event.time + Ahead(side)) continue;
      met = true;
      Emit(key, side, value, &other, std::max(time, event.time));
      std::erase_if(waiting_, [&](const auto& entry) {
        return std::get<0>(entry.first) == time && std::get<1>(entry.first) == 1 - side &&
               std::get<2>(entry.first) == key;
      });
    }
    kept_[side][key].emplace_back(value, event.time);
    if (!met && outer_[side]) waiting_[{event.time, side, key, arrivals_++}] = value;
  }

  const bool outer_[2];
  std::map<Text, std::vector<std::pair<Text, int64_t>>> kept_[2];
  std::map<std::tuple<int64_t, int, Text, int>, Text> waiting_;
  int arrivals_ = 0;
  Results out_;
};

Flow StreamJoin(const Text& name, bool left_outer, bool right_outer) {
  return {.name = name,
          .build =
              [=](TopologyBuilder& flow) {
                const auto left = flow.From(kLeft);
                const auto right = flow.From(kRight);
                constexpr auto kAny = [](const Text* l, const Text* r) { return Pair(l, r); };
                if (right_outer) {
                  left.OuterJoin("pairs", right, {.before = 100ms, .after = 200ms, .grace = 300ms},
                                 kAny)
                      .To(kOut);
                } else if (left_outer) {
                  left.LeftJoin("pairs", right, {.before = 100ms, .after = 200ms, .grace = 300ms},
                                [](const Text& l, const Text* r) { return Pair(&l, r); })
                      .To(kOut);
                } else {
                  left.Join("pairs", right, {.before = 100ms, .after = 200ms, .grace = 300ms},
                            [](const Text& l, const Text& r) { return Pair(l, r); })
                      .To(kOut);
                }
              },
          .model =
              [=](const Events& events) {
                return StreamJoinModel(left_outer, right_outer).Run(events);
              },
          .model_in_order = true};
}

// -- Tables: what the result holds in the end.
struct Tables {
  std::map<Text, Text> left;
  std::map<Text, Text> right;
};
Tables FinalTables(const Events& events) {
  Tables tables;
  for (const Event& event : events) {
    if (!IsValid(event) || !event.key) continue;
    std::map<Text, Text>& table = event.right ? tables.right : tables.left;
    table.erase(TextOf(event.key));
    if (event.value) table[TextOf(event.key)] = TextOf(event.value);
  }
  return tables;
}

Flow TableJoin(const Text& name, bool left_outer, bool right_outer, bool kept) {
  return {.name = name,
          .build =
              [=](TopologyBuilder& flow) {
                const auto left = flow.TableFrom(kLeft, "left-rows");
                const auto right = flow.TableFrom(kRight, "right-rows");
                const auto inner = [](const Text& l, const Text& r) { return Pair(l, r); };
                const auto only_left = [](const Text& l, const Text* r) { return Pair(&l, r); };
                const auto any = [](const Text* l, const Text* r) { return Pair(l, r); };
                auto joined = right_outer  ? left.OuterJoin(right, any)
                              : left_outer ? left.LeftJoin(right, only_left)
                                           : left.Join(right, inner);
                if (kept) {
                  joined = right_outer  ? left.OuterJoin("joined", right, any)
                           : left_outer ? left.LeftJoin("joined", right, only_left)
                                        : left.Join("joined", right, inner);
                }
                joined.ToStream().To(kOut);
              },
          .table =
              [=](const Events& events) {
                const Tables tables = FinalTables(events);
                std::map<Text, Text> joined;
                for (const auto& [key, value] : tables.left) {
                  const auto other = tables.right.find(key);
                  if (other != tables.right.end()) joined[key] = Pair(value, other->second);
                  if (other == tables.right.end() && left_outer)
                    joined[key] = Pair(&value, nullptr);
                }
                for (const auto& [key, value] : tables.right) {
                  if (right_outer && !tables.left.contains(key))
                    joined[key] = Pair(nullptr, &value);
                }
                return joined;
              },
          .partition_time = false};
}

// A left row with value v belongs to the right row v % 4; the values 8 and 9 belong to none.
std::optional<Text> Owner(const Text& value) {
  const int number = std::stoi(value);
  return number >= 8 ? std::nullopt : std::optional(std::to_string(number % 4));
}

Flow ForeignKeyJoin(const Text& name, bool left_outer) {
  return {.name = name,
          .build =
              [=](TopologyBuilder& flow) {
                const auto left = flow.TableFrom(kLeft, "left-rows");
                const auto right = flow.TableFrom(kRight, "right-rows");
                if (left_outer) {
                  left.LeftJoin("owners", right, Owner,
                                [](const Text& l, const Text* r) { return Pair(&l, r); })
                      .ToStream()
                      .To(kOut);
                } else {
                  left.Join("owners", right, Owner,
                            [](const Text& l, const Text& r) { return Pair(l, r); })
                      .ToStream()
                      .To(kOut);
                }
              },
          .table =
              [=](const Events& events) {
                const Tables tables = FinalTables(events);
                std::map<Text, Text> joined;
                for (const auto& [key, value] : tables.left) {
                  const std::optional<Text> owner = Owner(value);
                  const auto other = owner ? tables.right.find(*owner) : tables.right.end();
                  if (other != tables.right.end()) joined[key] = Pair(value, other->second);
                  if (other == tables.right.end() && left_outer)
                    joined[key] = Pair(&value, nullptr);
                }
                return joined;
              },
          .partition_time = false,
          .order_of_key_varies = true};
}

}  // namespace

std::vector<Flow> JoinFlows() {
  return {
      StreamJoin("StreamJoin", false, false),
      StreamJoin("StreamLeftJoin", true, false),
      StreamJoin("StreamOuterJoin", true, true),
      TableJoin("TableJoin", false, false, true),
      TableJoin("TableJoinView", false, false, false),
      TableJoin("TableLeftJoin", true, false, true),
      TableJoin("TableOuterJoin", true, true, true),
      ForeignKeyJoin("ForeignKeyJoin", false),
      ForeignKeyJoin("ForeignKeyLeftJoin", true),
  };
}

std::vector<Flow> AllFlows() {
  std::vector<Flow> all;
  for (auto* family :
       {AggregationFlows, WindowFlows, TableFlows, JoinFlows, VersionedFlows, BeyondFlows}) {
    for (Flow& flow : family()) all.push_back(std::move(flow));
  }
  return all;
}

}  // namespace millrace::property
