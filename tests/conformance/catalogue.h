// The topologies of the conformance vectors, written in millrace's DSL. Each does what the topology
// of the same name does in Apache Kafka Streams 4.3.1; vectors/NAME/seed-N.json has the input and
// output of that one.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "millrace/millrace.h"

namespace millrace::conformance {

using Text = std::string;
using MaybeText = std::optional<std::string>;

enum class Format { kText, kNumber };  // a number is an int64_t

// How to read an output topic or a store: its values, and the windows of its keys if it has them.
struct Place {
  std::string name;
  Format value = Format::kText;
  std::optional<Duration> window;     // the size
  std::optional<Duration> retention;  // of a window or session store
  bool sessions = false;              // its keys have sessions
  std::optional<Duration> history;    // of a versioned store
};

struct Entry {
  std::string name;
  std::function<void(TopologyBuilder&)> build;
  std::vector<Place> outputs = {{"out"}};
  std::vector<Place> stores;
  ErrorPolicy errors = ErrorPolicy::Stop();
};

std::vector<Entry> StatelessEntries();
std::vector<Entry> TableEntries();
std::vector<Entry> TableJoinEntries();
std::vector<Entry> AggregationEntries();
std::vector<Entry> GlobalEntries();
std::vector<Entry> JoinEntries();
std::vector<Entry> StreamJoinEntries();
std::vector<Entry> ProcessorEntries();
std::vector<Entry> StoreEntries();
std::vector<Entry> VersionedEntries();
std::vector<Entry> WindowingEntries();

inline const Topic<Text, Text> kIn{"in"};
inline const Topic<Text, Text> kOut{"out"};
inline const Topic<Text, int64_t> kOutNumbers{"out"};
inline const Topic<Windowed<Text>, int64_t> kOutWindows{"out"};

// The functions that the catalogue calls by these names.
inline Text StrOf(const MaybeText& x) { return x.value_or("null"); }
inline Text Str(const Text* x) { return x == nullptr ? "null" : *x; }
MaybeText First(const Text* x);
std::vector<Text> Parts(const Text& x);
// Of a value "G:N".
MaybeText Group(const Text* x);
MaybeText Rest(const Text* x);
int64_t Number(const Text& x);
inline bool StartsWithA(const Text& x) { return x.starts_with("a"); }
inline Text JoinText(const Text* left, const Text* right) { return Str(left) + "|" + Str(right); }
// Adds a number to a sum, both as decimal text.
inline Text Add(const Text& sum, const Text& x) { return std::to_string(Number(sum) + Number(x)); }
inline Text Subtract(const Text& sum, const Text& x) {
  return std::to_string(Number(sum) - Number(x));
}

}  // namespace millrace::conformance
