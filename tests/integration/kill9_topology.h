// The topology of the kill -9 test and the input that it gets: repartition, window, table join.
// Worker and test share the declaration; the test's model of the result shares no code with it.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/big_endian.h"
#include "millrace/millrace.h"

namespace millrace::kill9 {

// How many values a key has had, and a hash that depends on all of them and on their order.
struct Fold {
  int64_t count = 0;
  int64_t hash = 0;
};

// Shared between the worker that is killed and the test that kills it; in a mapped file.
struct Progress {
  std::atomic<int64_t> processed;           // records of `in` that this worker has begun
  std::atomic<int64_t> committed_at_start;  // of `in`, when it started; -1 before it knows
};

}  // namespace millrace::kill9

template <>
struct millrace::Serde<millrace::kill9::Fold> {
  static void Encode(const millrace::kill9::Fold& fold, std::string* out) {
    AppendBigEndian<int64_t>(fold.count, out);
    AppendBigEndian<int64_t>(fold.hash, out);
  }
  static absl::Status Decode(std::string_view bytes, millrace::kill9::Fold* fold) {
    if (bytes.size() != 16) return absl::InvalidArgumentError("a fold has 16 bytes");
    fold->count = ReadBigEndian<int64_t>(bytes);
    fold->hash = ReadBigEndian<int64_t>(bytes.substr(8));
    return absl::OkStatus();
  }
};

namespace millrace::kill9 {

inline const Topic<std::string, int64_t> kIn("in");
inline const Topic<std::string, std::string> kOwners("owners");
inline const Topic<std::string, Fold> kFolds("folds");
inline const Topic<Windowed<std::string>, int64_t> kWindows("windows");
inline const Topic<std::string, std::string> kJoined("joined");

inline absl::StatusOr<Topology> BuildTopology(Progress* progress) {
  TopologyBuilder flow("kill9");
  const auto in = flow.From(kIn).Peek([progress](const int64_t&) { ++progress->processed; });
  in.GroupBy("by-group", [](const std::string& key, const int64_t&) { return "group-" + key; })
      .Aggregate("folds-by-group", Fold{},
                 [](Fold& fold, const int64_t& value) {
                   ++fold.count;
                   fold.hash = (fold.hash * 31 + value) % 1'000'000'007;
                 })
      .ToStream()
      .To(kFolds);
  in.GroupByKey()
      .Window(Tumbling{.size = Duration(1000), .grace = Duration(0)})
      .Count("per-second")
      .ToStream()
      .To(kWindows);
  in.Join(flow.TableFrom(kOwners, "owner-of-key"), [](const int64_t& value,
                                                      const std::string& owner) {
      return owner + ":" + std::to_string(value);
    }).To(kJoined);
  return std::move(flow).Build();
}

}  // namespace millrace::kill9
