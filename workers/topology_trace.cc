#include "topology_trace.h"

#include <boost/json.hpp>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "millrace/detail/topology_data.h"
#include "millrace/node_observer.h"
#include "millrace/status.h"
#include "millrace/time.h"
#include "millrace/topology_driver.h"
#include "record_json.h"
#include "row_key_text.h"
#include "runtime/task_plan.h"
#include "runtime/topic_patterns.h"
#include "topic_commands.h"
#include "topology_commands.h"
#include "type_catalog.h"

namespace millrace::worker {
namespace {

// All state in changelogs of its own, so that every change can be read there.
Topology WithChangelogs(const Topology& topology) {
  auto data = std::make_shared<detail::TopologyData>(topology.data());
  for (detail::StoreSpec& store : data->stores) {
    store.changelog = true;
    store.source_topic.clear();
  }
  for (detail::NodeSpec& node : data->nodes) node.refills.clear();
  return Topology(std::move(data));
}

std::string Time(Timestamp time) { return absl::StrCat(" @", ToMillis(time)); }

class Tracer : public NodeObserver {
 public:
  Tracer(const Topology& topology, int partitions, CommandIo* io)
      : topology_(WithChangelogs(topology)),
        catalog_({topology}),
        io_(io),
        driver_(Observed(topology_, this),
                {.partitions = partitions, .start = Clock::System()->Now()}) {
    for (const detail::NodeSpec& node : topology_.data().nodes) {
      if (node.kind != detail::NodeSpec::Kind::kSink || node.topic_chooser != nullptr) continue;
      outputs_.insert(RealTopicName(topology_.name(), node.sink_topic));
    }
  }

  // Runs the record through. FailedPrecondition: the topology stopped on it.
  absl::Status Trace(const ParsedRecord& record) {
    MR_RETURN_IF_ERROR(CheckTopic(record));
    outputs_.insert(record.topic + "-dlq");
    if (topology_.data().errors.topic() != "") outputs_.insert(topology_.data().errors.topic());
    const DeclaredTypes types = catalog_.Topic(record.topic);
    Print(absl::StrCat(record.topic, "  ", Text(types.key, record.key), ": ",
                       Text(types.value, record.value),
                       record.timestamp.has_value() ? Time(*record.timestamp) : "", "\n"));
    driver_.PipeBytes(record.topic, record.key, record.value, record.timestamp, record.headers,
                      record.partition);
    return Finish();
  }

  absl::Status Advance(Duration by) {
    Print(absl::StrCat("clock +", by.count(), " ms\n"));
    driver_.AdvanceWallClock(by);
    return Finish();
  }

  void OnInput(const TaskId& task, const std::string& node, const ObservedRecord& record,
               bool from_source) override {
    if (from_source) ShowEffects();
    Event(task, node, "in ", record);
  }
  void OnOutput(const TaskId& task, const std::string& node,
                const ObservedRecord& record) override {
    Event(task, node, "out", record);
  }
  void OnPunctuation(const TaskId& task, const std::string& node, Timestamp time) override {
    ShowEffects();
    Print(absl::StrCat("  ", task.ToString(), "  ", node, "  punctuation", Time(time), "\n"));
  }

 private:
  absl::Status CheckTopic(const ParsedRecord& record) {
    const std::vector<std::string> sources = SourceTopics(topology_.data());
    if (std::find(sources.begin(), sources.end(), record.topic) != sources.end()) {
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError(absl::StrCat("topology '", topology_.name(),
                                                   "' does not read '", record.topic,
                                                   "'; it reads ", absl::StrJoin(sources, ", ")));
  }

  absl::Status Finish() {
    ShowEffects();
    return driver_.status();
  }

  void Event(const TaskId& task, const std::string& node, const char* direction,
             const ObservedRecord& record) {
    std::string line = absl::StrCat("  ", task.ToString(), "  ", node, "  ", direction, "  ",
                                    record.key, ": ", record.value);
    if (record.old_value != "null") absl::StrAppend(&line, " (was ", record.old_value, ")");
    Print(absl::StrCat(line, Time(record.timestamp), "\n"));
  }

  // What the transactions since the last call changed: rows, then records in topics.
  void ShowEffects() {
    const auto& subtopologies = topology_.data().subtopologies;
    for (size_t i = 0; i < subtopologies.size(); ++i) {
      for (const std::string& store : subtopologies[i].stores) ShowRows(i, store);
    }
    for (const std::string& topic : outputs_) ShowRecords(topic);
  }

  void ShowRows(size_t subtopology, const std::string& store) {
    const detail::StoreSpec& spec = *topology_.data().FindStore(store);
    for (const auto& change : driver_.DrainBytes(ChangelogTopicName(topology_.name(), store))) {
      const RowKeyText key = ReadRowKey(spec, *change.key);
      std::string& row = rows_[{store, *change.key}];
      const std::string before = row.empty() ? "none" : row;
      std::optional<std::string> value;
      if (change.value.has_value()) {
        if (const auto bytes = ReadChangelogValue(spec, *change.value)) value.emplace(*bytes);
      }
      row = value.has_value() ? Text(spec.value, value) : "";
      std::vector<std::string> users;
      for (const detail::NodeSpec& node : topology_.data().nodes) {
        const auto& stores = node.stores;
        if (std::find(stores.begin(), stores.end(), store) != stores.end()) {
          users.push_back(node.name);
        }
      }
      Print(absl::StrCat("  ", subtopology, "_", change.partition.value(), "  ",
                         absl::StrJoin(users, "/"), "  state  ", store, "[", key.key, key.window,
                         "]: ", before, " -> ", row.empty() ? "none" : row, "\n"));
    }
  }

  void ShowRecords(const std::string& topic) {
    const DeclaredTypes types = catalog_.Topic(topic);
    for (const auto& record : driver_.DrainBytes(topic)) {
      Print(absl::StrCat("  -> ", topic, "-", record.partition.value(), "  ",
                         Text(types.key, record.key), ": ", Text(types.value, record.value),
                         Time(record.timestamp), "\n"));
    }
  }

  static std::string Text(const detail::Codec* codec, const std::optional<std::string>& bytes) {
    bool base64 = false;
    return bytes.has_value() ? BytesToJson(codec, *bytes, &base64) : "null";
  }

  void Print(std::string_view text) { io_->Write(text); }

  const Topology topology_;
  const TypeCatalog catalog_;
  CommandIo* const io_;
  std::set<std::string> outputs_;
  std::map<std::pair<std::string, std::string>, std::string> rows_;  // (store, key) -> text
  TopologyDriver driver_;
};

// {"advance_ms":N}
std::optional<Duration> AsAdvance(std::string_view line) {
  boost::system::error_code error;
  const boost::json::value json = boost::json::parse({line.data(), line.size()}, error);
  if (error || !json.is_object()) return std::nullopt;
  const boost::json::value* by = json.get_object().if_contains("advance_ms");
  if (by == nullptr || !by->is_int64() || by->get_int64() < 0) return std::nullopt;
  return Duration(by->get_int64());
}

absl::Status TraceLine(const TopologyTraceCommand& command, std::string_view line, Tracer* tracer) {
  if (const std::optional<Duration> by = AsAdvance(line)) return tracer->Advance(*by);
  MR_ASSIGN_OR_RETURN(ParsedRecord record, ParseRecordLine(line));
  if (record.topic.empty()) record.topic = command.default_topic;
  if (record.partition.has_value() && record.partition->value() >= command.partitions) {
    return absl::InvalidArgumentError(absl::StrCat("partition ", record.partition->value(),
                                                   " is not below --partitions ",
                                                   command.partitions));
  }
  return tracer->Trace(record);
}

}  // namespace

int TraceTopology(const TopologyTraceCommand& command, const std::vector<Topology>& topologies,
                  CommandIo& io) {
  const absl::StatusOr<const Topology*> found = FindTopology(topologies, command.topology);
  if (!found.ok()) return Fail(io, found.status());
  // A source that reads topics by a pattern reads the one that the records are for.
  const absl::StatusOr<Topology> topology =
      ResolvePatterns(**found, (*found)->name(), {command.default_topic});
  if (!topology.ok()) {
    return Fail(io, absl::Status(topology.status().code(),
                                 absl::StrCat(std::string(topology.status().message()),
                                              ", or name one with --topic")));
  }
  Tracer tracer(*topology, command.partitions, &io);
  std::string line;
  for (int64_t number = 1; io.ReadLine(&line); ++number) {
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    if (absl::Status traced = TraceLine(command, line, &tracer); !traced.ok()) {
      return Fail(io, absl::Status(traced.code(), absl::StrCat("line ", number, ": ",
                                                               std::string(traced.message()))));
    }
  }
  return 0;
}

}  // namespace millrace::worker
