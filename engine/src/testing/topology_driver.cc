#include "millrace/topology_driver.h"

#include <stdlib.h>

#include <filesystem>
#include <map>
#include <utility>

#include "millrace/memory_log.h"
#include "millrace/partitioner.h"
#include "runtime/global_state.h"
#include "runtime/stream_worker.h"
#include "runtime/topic_patterns.h"
#include "runtime/topic_setup.h"
#include "runtime/view_registry.h"

namespace millrace {
namespace {

constexpr int kGlobalRecords = 1024;

template <class T>
T OrCrash(absl::StatusOr<T> value) {
  MR_CHECK(value.ok(), std::string(value.status().message()));
  return *std::move(value);
}
void OrCrash(const absl::Status& status) { MR_CHECK(status.ok(), std::string(status.message())); }

// In memory where the system offers it: the state is gone with the driver, and opening a dozen
// databases on a disk means waiting for it a hundred times.
std::string MakeTemporaryDirectory() {
  for (const std::filesystem::path& root :
       {std::filesystem::path("/dev/shm"), std::filesystem::temp_directory_path()}) {
    std::string pattern = (root / "millrace-driver-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) return pattern;
  }
  MR_CHECK(false, "cannot make a temporary directory");
  return "";
}

}  // namespace

struct TopologyDriver::Impl {
  Impl(Topology t, Options o)
      : declared(std::move(t)),
        topology(declared),
        options(std::move(o)),
        temporary(options.state_directory.empty()),
        directory(temporary ? MakeTemporaryDirectory() : options.state_directory),
        clock(options.start),
        log(NewMemoryLog()),
        stores(StoreEnvironment::Create({})),
        metrics(&registry, topology.name(), 0),
        producer(OrCrash(log->NewProducer({}))),
        reader(OrCrash(log->NewReader())) {
    for (const std::string& topic : options.topics) {
      OrCrash(log->CreateTopic(topic, {.partitions = options.partitions}));
    }
    Start();
  }

  ~Impl() {
    worker.reset();
    globals.reset();
    if (temporary) std::filesystem::remove_all(directory);
  }

  void Start() {
    worker.reset();
    globals.reset();
    topology = OrCrash(ResolvePatterns(declared, declared.name(), OrCrash(log->ListTopics())));
    const TaskPlan plan = OrCrash(SetUpTopics(
        topology.data(), {.application = topology.name(), .default_partitions = options.partitions},
        log.get()));
    globals = std::make_unique<GlobalState>(
        topology, GlobalEnvironment{.application = topology.name(),
                                    .state_directory = directory + "/" + topology.name(),
                                    .log = log.get(),
                                    .stores = stores.get(),
                                    .clock = &clock,
                                    .metrics = &metrics});
    OrCrash(globals->Start());
    for (const auto& task : globals->tasks()) views.Set(task->id(), task->committed());
    worker = std::make_unique<StreamWorker>(
        topology, plan.tasks, log.get(), stores.get(), &clock, &metrics,
        StreamWorkerOptions{
            .application = topology.name(),
            .transactional_id = topology.name() + "-0",
            .state_directory = directory + "/" + topology.name(),
            .commit_interval = std::chrono::hours(24 * 365),  // RunUntilIdle commits
            .inputs = {.max_skew = options.max_skew},
            .globals = globals.get(),
            .on_view = [this](const TaskId& id, CommittedView* view) { views.Set(id, view); }});
    OrCrash(worker->Start());
  }

  // One record per transaction, so that the order of records of different tasks is the order of
  // their event times.
  void RunUntilIdle() {
    while (status.ok()) {
      status = globals->Step(kGlobalRecords).status();
      if (!status.ok()) return;
      absl::StatusOr<StreamWorker::Progress> progress = worker->Step(1);
      if (!progress.ok()) {
        status = progress.status();
        return;
      }
      const absl::StatusOr<bool> committed = worker->Commit();
      status = committed.status();
      if (!status.ok() || (!progress->any() && !*committed)) return;
    }
  }

  const Topology declared;
  Topology topology;  // `declared` with the topics that its patterns match now
  const Options options;
  const bool temporary;
  const std::string directory;
  ManualClock clock;
  std::unique_ptr<Log> log;
  std::unique_ptr<StoreEnvironment> stores;
  MetricsRegistry registry;
  TaskMetrics metrics;
  ViewRegistry views;
  std::unique_ptr<LogProducer> producer;
  std::unique_ptr<LogReader> reader;
  std::map<TopicPartition, bool> assigned;
  std::unique_ptr<GlobalState> globals;
  std::unique_ptr<StreamWorker> worker;
  absl::Status status;
};

TopologyDriver::TopologyDriver(Topology topology, Options options)
    : impl_(std::make_unique<Impl>(std::move(topology), std::move(options))) {}
TopologyDriver::~TopologyDriver() = default;

void TopologyDriver::PipeBytes(const std::string& topic, std::optional<std::string_view> key,
                               std::optional<std::string_view> value,
                               std::optional<Timestamp> timestamp, const Headers& headers,
                               std::optional<PartitionId> partition) {
  const TopicHandle handle = OrCrash(impl_->producer->OpenTopic(topic));
  if (!partition.has_value()) {
    partition = key.has_value() ? PartitionForKey(*key, handle.partitions) : PartitionId(0);
  }
  OutgoingRecord record{key, value, timestamp.value_or(impl_->clock.Now()), &headers};
  OrCrash(impl_->producer->Produce(handle, *partition, record));
  OrCrash(impl_->producer->Commit({}).status());
  impl_->RunUntilIdle();
}

std::vector<OwnedRecord<std::string, std::string>> TopologyDriver::DrainBytes(
    const std::string& topic) {
  std::vector<OwnedRecord<std::string, std::string>> records;
  const absl::StatusOr<TopicDescription> description = impl_->log->DescribeTopic(topic);
  if (absl::IsNotFound(description.status())) return records;  // dead letters: none so far
  OrCrash(description.status());
  for (int32_t p = 0; p < description->config.partitions; ++p) {
    const TopicPartition partition{topic, PartitionId(p)};
    if (!std::exchange(impl_->assigned[partition], true)) {
      OrCrash(impl_->reader->Assign(partition, Offset(0)));
    }
    while (true) {
      const RecordBatch batch = OrCrash(impl_->reader->Fetch(partition, 1 << 20));
      if (batch.empty()) break;
      for (const RecordView& raw : batch.records) {
        OwnedRecord<std::string, std::string> owned;
        if (raw.key.has_value()) owned.key = std::string(*raw.key);
        if (raw.value.has_value()) owned.value = std::string(*raw.value);
        owned.timestamp = raw.timestamp;
        OrCrash(DecodeHeaders(raw.headers, &owned.headers));
        owned.partition = PartitionId(p);
        owned.offset = raw.offset;
        records.push_back(std::move(owned));
      }
    }
  }
  return records;
}

void TopologyDriver::AdvanceWallClock(Duration by) {
  impl_->clock.Advance(by);
  impl_->RunUntilIdle();
}

std::vector<TopologyDriver::RawRow> TopologyDriver::ReadStoreBytes(const std::string& store) {
  std::vector<RawRow> rows;
  const auto& subtopologies = impl_->topology.data().subtopologies;
  for (size_t i = 0; i < subtopologies.size(); ++i) {
    for (const std::string& name : subtopologies[i].stores) {
      if (name != store) continue;
      OrCrash(impl_->views.Scan(
          static_cast<int32_t>(i), store,
          [&rows](std::string_view key, std::string_view value, Timestamp timestamp) {
            rows.push_back({std::string(key), std::string(value), timestamp});
            return true;
          }));
      return rows;
    }
  }
  MR_CHECK(false, "the topology has no store '" + store + "'");
  return rows;
}

void TopologyDriver::Restart() {
  OrCrash(impl_->worker->Stop());
  OrCrash(impl_->globals->Stop());
  impl_->worker.reset();
  impl_->Start();
  impl_->RunUntilIdle();
}

void TopologyDriver::Crash() {
  impl_->worker.reset();
  impl_->status = absl::OkStatus();
  impl_->Start();
  impl_->RunUntilIdle();
}

void TopologyDriver::CrashAndLoseState() {
  impl_->worker.reset();
  impl_->globals.reset();
  std::filesystem::remove_all(impl_->directory);
  impl_->status = absl::OkStatus();
  impl_->Start();
  impl_->RunUntilIdle();
}

const absl::Status& TopologyDriver::status() const { return impl_->status; }
MetricsRegistry* TopologyDriver::metrics() { return &impl_->registry; }
Log* TopologyDriver::log() { return impl_->log.get(); }

}  // namespace millrace
