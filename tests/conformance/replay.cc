#include "conformance/replay.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "boost/json.hpp"
#include "millrace/status.h"
#include "millrace/topology_driver.h"

namespace millrace::conformance {
namespace {

namespace json = boost::json;

std::optional<Text> TextOrNull(const json::value& value) {
  if (value.is_null()) return std::nullopt;
  return Text(value.as_string());
}

json::value JsonOf(const std::optional<Text>& text) {
  return text.has_value() ? json::value(*text) : json::value();
}

Headers HeadersOf(const json::value& list) {
  Headers headers;
  for (const json::value& pair : list.as_array()) {
    headers.Add(Text(pair.at(0).as_string()), Text(pair.at(1).as_string()));
  }
  return headers;
}

json::value ValueOf(const Place& place, const std::optional<Text>& bytes) {
  if (!bytes.has_value() || place.value == Format::kText) return JsonOf(bytes);
  int64_t number = 0;
  if (!Serde<int64_t>::Decode(*bytes, &number).ok()) return JsonOf(bytes);  // a difference
  return json::value(std::to_string(number));
}

// A key, and behind it the start of its window in 8 bytes.
json::value WindowedKey(const Text& key, std::string_view start_bytes, Duration size) {
  int64_t start = 0;
  MR_CHECK(Serde<int64_t>::Decode(start_bytes, &start).ok(), "a window has a start of 8 bytes");
  return {{"key", key}, {"start", start}, {"end", start + size.count()}};
}

// A key, and behind it the end and the start of its session in 8 bytes each.
json::value SessionKey(std::string_view bytes) {
  Session<Text> session;
  MR_CHECK(Serde<Session<Text>>::Decode(bytes, &session).ok(), "a session has 16 bytes of bounds");
  return {{"key", session.key}, {"start", ToMillis(session.start)}, {"end", ToMillis(session.end)}};
}

json::value KeyOf(const Place& place, const std::optional<Text>& bytes) {
  if (bytes.has_value() && place.sessions) return SessionKey(*bytes);
  if (!bytes.has_value() || !place.window.has_value()) return JsonOf(bytes);
  const size_t split = bytes->size() - 8;
  return WindowedKey(bytes->substr(0, split), std::string_view(*bytes).substr(split),
                     *place.window);
}

std::vector<std::string> Lines(const json::array& items) {
  std::vector<std::string> lines;
  for (const json::value& item : items) lines.push_back(json::serialize(item));
  return lines;
}

json::array DrainAll(TopologyDriver& driver, const std::vector<Place>& outputs) {
  json::array all;
  for (const Place& place : outputs) {
    for (const auto& record : driver.DrainBytes(place.name)) {
      json::array headers;
      for (const Headers::Entry& header : record.headers) {
        headers.push_back(json::array{header.name, JsonOf(header.value)});
      }
      all.push_back({{"topic", place.name},
                     {"key", KeyOf(place, record.key)},
                     {"value", ValueOf(place, record.value)},
                     {"ts", ToMillis(record.timestamp)},
                     {"headers", std::move(headers)}});
    }
  }
  return all;
}

void Replay(const json::value& step, TopologyDriver& driver) {
  if (step.at("op").as_string() == "wall") {
    driver.AdvanceWallClock(Duration(step.at("advance_ms").as_int64()));
    return;
  }
  const std::optional<Text> key = TextOrNull(step.at("key"));
  const std::optional<Text> value = TextOrNull(step.at("value"));
  driver.PipeBytes(Text(step.at("topic").as_string()), key, value,
                   TimestampFromMillis(step.at("ts").as_int64()), HeadersOf(step.at("headers")));
}

// The rows of a store as its iterator shows them, in the order of the vectors: key, window.
json::array RowsOf(TopologyDriver& driver, const Place& place) {
  struct Row {
    Text key;
    int64_t start;  // for a session, its end
    json::value shown;
  };
  std::vector<Row> rows;
  int64_t newest = 0;
  for (const auto& row : driver.ReadStore<Bytes, Bytes>(place.name)) {
    Text key = row.key.data;
    json::value shown_key(key);
    int64_t start = 0;
    if (place.window.has_value()) {  // key, start (8 bytes), sequence number (4 bytes)
      const Text start_bytes = key.substr(key.size() - 12, 8);
      key.resize(key.size() - 12);
      shown_key = WindowedKey(key, start_bytes, *place.window);
      start = shown_key.at("start").as_int64();
    } else if (place.sessions) {
      shown_key = SessionKey(key);
      start = shown_key.at("end").as_int64();
      key.resize(key.size() - 16);
    }
    newest = std::max(newest, start);
    json::object shown{{"key", shown_key}, {"value", ValueOf(place, row.value.data)}};
    if (ToMillis(row.timestamp) >= 0) shown["ts"] = ToMillis(row.timestamp);
    rows.push_back({std::move(key), start, std::move(shown)});
  }
  if (place.retention.has_value()) {  // hidden rows are deleted later
    std::erase_if(rows, [&](const Row& r) { return r.start <= newest - place.retention->count(); });
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return a.key != b.key ? a.key < b.key : a.start < b.start;
  });
  json::array shown;
  for (Row& row : rows) shown.push_back(std::move(row.shown));
  return shown;
}

int64_t VersionOf(std::string_view changelog_key) {
  int64_t from = 0;
  MR_CHECK(Serde<int64_t>::Decode(changelog_key.substr(changelog_key.size() - 8), &from).ok(),
           "a version has a timestamp of 8 bytes");
  return from;
}

// What reads of a versioned store find, one for each row of `reads`: the latest version of a key,
// or the one as of a time.
json::array VersionsOf(TopologyDriver& driver, const Entry& entry, const Place& place,
                       const json::array& reads) {
  std::map<Text, std::map<int64_t, Text>> versions;  // by key and timestamp; a mark, then the value
  for (const auto& row : driver.ReadStore<Bytes, Bytes>(place.name)) {
    const Text& key = row.key.data;
    versions[key.substr(0, key.size() - 8)][VersionOf(key)] = row.value.data;
  }
  int64_t newest = 0;  // ever put: the changelog has it even if the version is gone
  for (const auto& change : driver.DrainBytes(entry.name + "-" + place.name + "-changelog")) {
    newest = std::max(newest, VersionOf(*change.key));
  }
  json::array found;
  for (const json::value& read : reads) {
    json::object row = read.as_object();
    row.erase("from");
    row["value"] = nullptr;
    const auto& of_key = versions[Text(row.at("key").as_string())];
    const json::value* as_of = row.if_contains("as_of");
    auto version = as_of == nullptr ? of_key.end() : of_key.upper_bound(as_of->as_int64());
    const bool hidden = as_of != nullptr && version != of_key.end() &&
                        as_of->as_int64() < newest - place.history->count();
    if (version != of_key.begin() && !hidden && (--version)->second.front() != '\0') {
      row["value"] = version->second.substr(1);
      row["from"] = version->first;
    }
    found.push_back(std::move(row));
  }
  return found;
}

// Stores without timestamps of their own show none.
json::array WithoutTimes(json::array rows, const json::array& expected) {
  if (!expected.empty() && expected[0].as_object().contains("ts")) return rows;
  for (json::value& row : rows) row.as_object().erase("ts");
  return rows;
}

// Those that a topology chooses per record are not made by the driver.
void CreateTopics(const std::vector<Place>& outputs, Log* log) {
  for (const Place& place : outputs) {
    const absl::Status status = log->CreateTopic(place.name, {.partitions = 1});
    MR_CHECK(status.ok() || absl::IsAlreadyExists(status), std::string(status.message()));
  }
}

// What is not as recorded, in full; empty if everything is.
std::string Compare(const std::string& what, const json::array& got, const json::array& want) {
  const std::vector<std::string> got_lines = Lines(got);
  const std::vector<std::string> want_lines = Lines(want);
  if (got_lines == want_lines) return "";
  std::string out = what + "\n";
  for (const std::string& line : got_lines) out += "  got  " + line + "\n";
  if (got_lines.empty()) out += "  got  nothing\n";
  for (const std::string& line : want_lines) out += "  want " + line + "\n";
  if (want_lines.empty()) out += "  want nothing\n";
  return out;
}

std::string ReplayAll(const Entry& entry, const json::value& vector) {
  TopologyBuilder flow(entry.name, {.errors = entry.errors});
  entry.build(flow);
  absl::StatusOr<Topology> topology = std::move(flow).Build();
  if (!topology.ok()) return std::string(topology.status().message());
  TopologyDriver driver(*std::move(topology));
  CreateTopics(entry.outputs, driver.log());
  int number = 0;
  for (const json::value& step : vector.at("steps").as_array()) {
    Replay(step, driver);
    if (!driver.status().ok()) return std::string(driver.status().message());
    std::string difference =
        Compare("step " + std::to_string(number++) + ": " + json::serialize(step),
                DrainAll(driver, entry.outputs), step.at("out").as_array());
    if (!difference.empty()) return difference;
  }
  for (const Place& store : entry.stores) {
    const json::array& expected = vector.at("stores").at(store.name).as_array();
    const json::array rows = store.history.has_value()
                                 ? VersionsOf(driver, entry, store, expected)
                                 : WithoutTimes(RowsOf(driver, store), expected);
    std::string difference = Compare("store " + store.name, rows, expected);
    if (!difference.empty()) return difference;
  }
  return "";
}

}  // namespace

std::vector<Entry> AllEntries() {
  std::vector<Entry> all;
  for (auto* entries : {StatelessEntries, TableEntries, TableJoinEntries, AggregationEntries,
                        JoinEntries, StreamJoinEntries, VersionedEntries, GlobalEntries,
                        ProcessorEntries, StoreEntries, WindowingEntries}) {
    for (Entry& entry : entries()) all.push_back(std::move(entry));
  }
  return all;
}

absl::StatusOr<std::string> FirstDifference(const Entry& entry,
                                            const std::filesystem::path& vector) {
  std::ifstream file(vector);
  std::stringstream content;
  content << file.rdbuf();
  if (!file) return absl::NotFoundError("cannot read " + vector.string());
  boost::system::error_code error;
  const json::value document = json::parse(content.str(), error);
  if (error || !document.is_object() || !document.as_object().contains("steps")) {
    return absl::InvalidArgumentError(vector.string() + " is no vector: " + error.message());
  }
  return ReplayAll(entry, document);
}

}  // namespace millrace::conformance
