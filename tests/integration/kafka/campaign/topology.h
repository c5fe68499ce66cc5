// The topology that the campaign torments: repartition, fold, window, table join and a counter of
// its own, each with one output per record of "in". Every output carries where it comes from and
// which life of a task wrote it, so that verifier/ can judge it without knowing how it was made.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/big_endian.h"
#include "millrace/millrace.h"

namespace millrace::campaign {

// All values of a group so far, and a hash that depends on their order.
struct Fold {
  int64_t count = 0;
  int64_t sum = 0;
  int64_t min = 0;
  int64_t max = 0;
  int64_t chain = 0;

  void Add(int64_t value);
  bool operator==(const Fold&) const = default;
};

// Header names of outputs.
inline constexpr char kFrom[] = "from";      // "PARTITION-OFFSET" in the topic "in"
inline constexpr char kWriter[] = "writer";  // when the task that wrote it began, see WriterTime

// In windows of so long.
inline constexpr Duration kWindow{1000};

// The group that a key's values are folded in: several keys of different partitions make one.
std::string GroupOf(const std::string& key);

// Nanoseconds of the machine's monotonic clock. A task that takes over from another one begins
// later than that one, so along a partition this never decreases unless a zombie has written.
int64_t WriterTime();

// What the worker does beside: called on the thread of the task.
struct Hooks {
  std::function<void()> task_begins = [] {};
  std::function<void()> record_begins = [] {};   // nothing of it is written yet
  std::function<void()> record_written = [] {};  // its last output is in the open transaction
};

absl::StatusOr<Topology> BuildTopology(const Hooks& hooks);

}  // namespace millrace::campaign

template <>
struct millrace::Serde<millrace::campaign::Fold> {
  static void Encode(const millrace::campaign::Fold& fold, std::string* out) {
    for (const int64_t part : {fold.count, fold.sum, fold.min, fold.max, fold.chain}) {
      AppendBigEndian<int64_t>(part, out);
    }
  }
  static absl::Status Decode(std::string_view bytes, millrace::campaign::Fold* fold) {
    if (bytes.size() != 40) return absl::InvalidArgumentError("a fold has 40 bytes");
    for (int64_t* part : {&fold->count, &fold->sum, &fold->min, &fold->max, &fold->chain}) {
      *part = static_cast<int64_t>(ReadBigEndian<uint64_t>(bytes));
      bytes.remove_prefix(8);
    }
    return absl::OkStatus();
  }
};

namespace millrace::campaign {

inline const Topic<std::string, int64_t> kIn("in");
inline const Topic<std::string, std::string> kOwners("owners");
inline const Topic<std::string, int64_t> kEcho("echo");
inline const Topic<std::string, Fold> kFolds("folds");
inline const Topic<Windowed<std::string>, int64_t> kWindows("windows");
inline const Topic<std::string, std::string> kJoined("joined");
inline const Topic<std::string, int64_t> kIds("ids");

// The topics that it writes.
inline constexpr const char* kOutputs[] = {"echo", "folds", "windows", "joined", "ids"};

}  // namespace millrace::campaign
