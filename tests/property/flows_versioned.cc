// Tables with a history: streams that look rows up as of their time, at once or with a grace, and
// views of the latest rows.
#include <algorithm>
#include <chrono>
#include <map>
#include <tuple>

#include "property/flows.h"

namespace millrace::property {
namespace {

using std::chrono_literals::operator""ms;

constexpr int64_t kHistory = 1000;
constexpr int64_t kGrace = 300;

Text Pair(const Text& left, const Text* right) { return left + "|" + (right ? *right : "null"); }

// What a table knows of its past: each version is valid until the next one of its key.
class Versions {
 public:
  // False: older than the history.
  bool Put(const Text& key, int64_t time, const std::optional<Text>& value) {
    if (IsTooOld(time)) return false;
    newest_ = std::max(newest_, time);
    rows_[key][time] = value;
    return true;
  }
  bool IsLatest(const Text& key, int64_t time) { return rows_[key].rbegin()->first == time; }
  std::optional<Text> AsOf(const Text& key, int64_t time) {
    const auto& versions = rows_[key];
    const auto next = versions.upper_bound(time);
    if (next == versions.begin()) return std::nullopt;
    // The latest version stays for ever, older ones for the history.
    if (next != versions.end() && IsTooOld(time)) return std::nullopt;
    return std::prev(next)->second;
  }

 private:
  bool IsTooOld(int64_t time) const { return newest_ >= 0 && time < newest_ - kHistory; }

  std::map<Text, std::map<int64_t, std::optional<Text>>> rows_;
  int64_t newest_ = -1;
};

std::optional<Text> ValueOf(const Event& event) {
  return event.value ? std::optional(TextOf(event.value)) : std::nullopt;
}

// A left join of the left topic with the right topic's table, as of each record's time.
class AsOfModel {
 public:
  explicit AsOfModel(std::optional<int64_t> grace) : grace_(grace) {}

  Results Run(const Events& events) {
    for (const Event& event : events) {
      if (!IsValid(event)) continue;
      if (event.right) {
        if (event.key) table_.Put(TextOf(event.key), event.time, ValueOf(event));
      } else if (event.value) {
        Add(event);
      }
    }
    return std::move(out_);
  }

 private:
  void Add(const Event& event) {
    stream_time_ = std::max(stream_time_, event.time);
    const Text key = TextOf(event.key);
    if (!event.key) {
      out_.push_back({key, Pair(TextOf(event.value), nullptr), event.time});
    } else if (!grace_.has_value() || event.time < stream_time_ - *grace_) {
      Join(key, TextOf(event.value), event.time);
    } else {
      waiting_[{event.time, key, ++arrivals_}] = TextOf(event.value);
    }
    if (!grace_.has_value()) return;
    while (!waiting_.empty()) {
      const auto first = waiting_.begin();
      const auto& [time, first_key, arrival] = first->first;
      if (time > stream_time_ - *grace_) return;
      Join(first_key, first->second, time);
      waiting_.erase(first);
    }
  }
  void Join(const Text& key, const Text& value, int64_t time) {
    const std::optional<Text> row = table_.AsOf(key, time);
    out_.push_back({key, Pair(value, row ? &*row : nullptr), time});
  }

  const std::optional<int64_t> grace_;
  Versions table_;
  int64_t stream_time_ = -1;
  std::map<std::tuple<int64_t, Text, int>, Text> waiting_;
  int arrivals_ = 0;
  Results out_;
};

Flow AsOfJoin() {
  return {.name = "AsOfJoin",
          .build =
              [](TopologyBuilder& flow) {
                const auto rows = flow.TableFrom(kRight, "rows", {}, {.history = 1000ms});
                flow.From(kLeft).LeftJoin(rows, Pair).To(kOut);
              },
          .model = [](const Events& events) { return AsOfModel(std::nullopt).Run(events); }};
}

Flow GraceJoin() {
  return {.name = "GraceJoin",
          .build =
              [](TopologyBuilder& flow) {
                const auto rows = flow.TableFrom(kRight, "rows", {}, {.history = 1000ms});
                flow.From(kLeft).LeftJoin("enrich", rows, Pair, {.grace = 300ms}).To(kOut);
              },
          .model = [](const Events& events) { return AsOfModel(kGrace).Run(events); }};
}

// A view in a plain store shows latest rows only, whatever comes out of order.
Flow LatestOfVersions() {
  return {
      .name = "LatestOfVersions",
      .build =
          [](TopologyBuilder& flow) {
            flow.TableFrom(kLeft, "rows", {}, {.history = 1000ms})
                .MapValues("latest", [](const Text& value) { return value + "!"; })
                .ToStream()
                .To(kOut);
          },
      .model =
          [](const Events& events) {
            Versions table;
            Results out;
            for (const Event& event : events) {
              if (event.right || !IsValid(event) || !event.key) continue;
              const Text key = TextOf(event.key);
              if (!table.Put(key, event.time, ValueOf(event))) continue;
              if (!table.IsLatest(key, event.time)) continue;
              out.push_back({key, event.value ? TextOf(event.value) + "!" : "null", event.time});
            }
            return out;
          }};
}

}  // namespace

std::vector<Flow> VersionedFlows() { return {AsOfJoin(), GraceJoin(), LatestOfVersions()}; }

}  // namespace millrace::property
