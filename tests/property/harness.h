// Runs a topology over generated records, in many ways that must not make a difference: batches,
// restarts, partitions, backends. The engine is the real one; only the log is in memory.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "millrace/millrace.h"

namespace millrace::property {

using Text = std::string;

// The topics of all flows.
inline const Topic<Text, Text> kLeft{"left"};
inline const Topic<Text, Text> kRight{"right"};
inline const Topic<Text, Text> kOut{"out"};

// A record of `left` or `right`; key k becomes "k", value v "v".
struct Event {
  bool right = false;
  std::optional<int> key;
  std::optional<int> value;
  int64_t time = 0;
  bool operator==(const Event&) const = default;
};
using Events = std::vector<Event>;

// One line per event, as regressions/*.txt keep them: "left 1 7 100"; "-" is null.
std::ostream& operator<<(std::ostream& out, const Event& event);
Events ReadEvents(std::istream& in);

// A record of `out`.
struct Result {
  Text key;
  Text value;
  int64_t time = 0;
  bool operator==(const Result&) const = default;
  auto operator<=>(const Result&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Result& result);
using Results = std::vector<Result>;

struct RunOptions {
  int partitions = 1;
  // 1: each record is processed, in all sub-topologies, before the next one is written. More: all
  // are there from the start, and a transaction holds so many.
  int records_per_transaction = 1;
  // The worker is killed before these events (in the order of the log), and starts again.
  std::vector<size_t> kills;
  // The state is lost with the worker: it comes back from the changelogs.
  bool lose_state = false;
  bool rocksdb = false;        // else every store is in memory
  bool small_buffers = false;  // as good as no cache
};

struct Outcome {
  Results output;  // partition by partition
  // Newest value per key of the output; deleted keys are not there.
  std::map<Text, Text> Table() const;
  // What came for each key, in order.
  std::map<Text, Results> ByKey() const;
};

using Build = std::function<void(TopologyBuilder&)>;
Outcome RunFlow(const Build& build, const Events& events, const RunOptions& options = {});

}  // namespace millrace::property
