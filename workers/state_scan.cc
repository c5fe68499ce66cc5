#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/json_text.h"
#include "millrace/detail/topology_data.h"
#include "millrace/status.h"
#include "record_json.h"
#include "row_key_text.h"
#include "runtime/restore.h"
#include "runtime/source_replay.h"
#include "runtime/task_plan.h"
#include "topic_commands.h"
#include "topology/deployment.h"
#include "topology_commands.h"
#include "worker_host.h"

namespace millrace::worker {
namespace {

// The topology that keeps the store, and which of its sub-topologies.
struct Place {
  const Topology* topology;
  const detail::StoreSpec* store;
  int32_t subtopology;
};

absl::StatusOr<Place> FindStore(const StateScanCommand& command,
                                const std::vector<Topology>& topologies) {
  std::vector<Place> places;
  std::vector<std::string> known;
  for (const Topology& topology : topologies) {
    if (!command.topology.empty() && topology.name() != command.topology) continue;
    const auto& subtopologies = topology.data().subtopologies;
    for (size_t i = 0; i < subtopologies.size(); ++i) {
      for (const std::string& name : subtopologies[i].stores) {
        known.push_back(absl::StrCat(name, " (", topology.name(), ")"));
        if (name != command.store) continue;
        places.push_back({&topology, topology.data().FindStore(name), static_cast<int32_t>(i)});
      }
    }
  }
  if (places.size() == 1) return places.front();
  if (places.empty()) {
    return absl::NotFoundError(absl::StrCat(
        "there is no store '", command.store, "'; ",
        known.empty() ? "no topology keeps state" : "there are: " + absl::StrJoin(known, ", ")));
  }
  return absl::InvalidArgumentError(absl::StrCat("store '", command.store,
                                                 "' exists in several topologies; name one with "
                                                 "--topology"));
}

// A stopped topology: brings each task's stores up to their changelogs, as its worker would.
absl::Status ScanStopped(const Place& place, const std::string& application, const WorkerHost& host,
                         const StoreVisit& visit) {
  const detail::TopologyData& data = place.topology->data();
  if (!place.store->IsRestorable()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "store '", place.store->name, "' has no changelog; scan it while its topology runs"));
  }
  MR_ASSIGN_OR_RETURN(const GroupOffsets committed, host.log.CommittedOffsets(application));
  const absl::StatusOr<TopicDescription> topic = host.log.DescribeTopic(
      place.store->changelog ? ChangelogTopicName(application, place.store->name)
                             : place.store->source_topic);
  if (absl::IsNotFound(topic.status()) || committed.empty()) {
    return absl::NotFoundError(
        absl::StrCat("application '", application,
                     "' has never run on this log; if the topology ran with another id, name it "
                     "with --app"));
  }
  MR_RETURN_IF_ERROR(topic.status());
  const std::unique_ptr<StoreEnvironment> environment = StoreEnvironment::Create({});
  MR_ASSIGN_OR_RETURN(const std::unique_ptr<LogReader> reader, host.log.NewReader());
  MetricsRegistry unseen;
  TaskMetrics metrics(&unseen, data.name, /*thread=*/0);
  bool go_on = true;
  for (int32_t p = 0; p < topic->config.partitions && go_on; ++p) {
    const TaskId task{place.subtopology, PartitionId(p)};
    RestoreRequest request =
        StateOfTask(data, application, absl::StrCat(host.state_directory, "/", application), task);
    request.environment = environment.get();
    request.log = &host.log;
    request.reader = reader.get();
    MR_ASSIGN_OR_RETURN(const std::unique_ptr<TaskStores> stores, RestoreToEnd(std::move(request)));
    MR_RETURN_IF_ERROR(
        ReplaySources({.data = &data,
                       .subtopology = &data.subtopologies[static_cast<size_t>(place.subtopology)],
                       .task = task,
                       .application = application,
                       .stores = stores.get(),
                       .log = &host.log,
                       .committed = &committed,
                       .clock = Clock::System(),
                       .future = FutureLimit(),
                       .metrics = &metrics}));
    MR_RETURN_IF_ERROR(
        stores->committed()->Read({.store = place.store->name},
                                  [&](const StoreQueryRow& row) { return go_on = visit(row); }));
  }
  return absl::OkStatus();
}

// One row as a JSON line.
std::string RowToJson(const detail::StoreSpec& store, const StoreQueryRow& row,
                      std::string* key_json) {
  const RowKeyText key = ReadRowKey(store, row);
  *key_json = key.key;
  std::string line = absl::StrCat("{\"key\":", key.key);
  if (key.base64) line += ",\"key_encoding\":\"base64\"";
  line += key.window;
  bool base64 = false;
  absl::StrAppend(&line, ",\"value\":",
                  row.value.has_value() ? BytesToJson(store.value, *row.value, &base64) : "null");
  if (base64) line += ",\"encoding\":\"base64\"";
  absl::StrAppend(&line, ",\"timestamp\":", ToMillis(row.timestamp));
  AppendHeadersJson(row.headers, &line);
  return line + "}\n";
}

}  // namespace

int ScanState(const StateScanCommand& command, WorkerHost& host, CommandIo& io) {
  absl::StatusOr<Place> place = FindStore(command, host.topologies);
  if (!place.ok()) return Fail(io, place.status());

  std::string quoted;
  if (command.key.has_value()) AppendJsonString(*command.key, &quoted);
  int64_t left = command.limit.value_or(INT64_MAX);
  std::string key_json;
  const StoreVisit print = [&](const StoreQueryRow& row) {
    if (left == 0 || io.Cancelled()) return false;
    const std::string line = RowToJson(*place->store, row, &key_json);
    if (command.key.has_value() && key_json != *command.key && key_json != quoted) return true;
    --left;
    return io.Write(line);
  };
  Engine* engine = host.FindEngine(place->topology->name());
  const std::string& application =
      command.application_id.empty() ? place->topology->name() : command.application_id;
  absl::Status status = engine != nullptr ? engine->ReadStore({.store = command.store}, print)
                                          : ScanStopped(*place, application, host, print);
  if (io.Cancelled()) status.Update(absl::CancelledError("stopped before the end"));
  return status.ok() ? 0 : Fail(io, status);
}

}  // namespace millrace::worker
