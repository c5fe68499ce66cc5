#include "millrace/engine.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/logging.h"
#include "millrace/detail/topology_data.h"
#include "millrace/status.h"
#include "runtime/global_state.h"
#include "runtime/reactions.h"
#include "runtime/stream_worker.h"
#include "runtime/topic_setup.h"
#include "runtime/view_registry.h"

namespace millrace {
namespace {

constexpr int kRecordsPerStep = 1024;
constexpr Duration kLongestWait{500};

class EngineImpl : public Engine {
 public:
  EngineImpl(Topology topology, Log* log, EngineOptions options)
      : topology_(std::move(topology)), log_(log), options_(std::move(options)) {
    if (options_.metrics == nullptr) {
      own_metrics_ = std::make_unique<MetricsRegistry>();
      options_.metrics = own_metrics_.get();
    }
    stores_ = StoreEnvironment::Create({.block_cache_bytes = options_.block_cache_bytes,
                                        .memtable_bytes = options_.block_cache_bytes / 2,
                                        .buffer_bytes_per_task = options_.store_buffer_bytes});
  }

  ~EngineImpl() override {
    if (absl::Status status = Stop(); !status.ok()) LogError(std::string(status.message()));
  }

  absl::Status Start() override;
  absl::Status Stop() override;
  absl::Status status() const override;
  absl::StatusOr<bool> CaughtUp() override;
  absl::Status ScanStore(
      const std::string& store,
      const std::function<bool(std::string_view, std::string_view, Timestamp)>& visit) override;
  const Topology& topology() const override { return topology_; }
  MetricsRegistry* metrics() override { return options_.metrics; }

 private:
  struct Slot {
    std::unique_ptr<TaskMetrics> metrics;
    std::unique_ptr<StreamWorker> worker;
    std::thread thread;
  };
  absl::Status StartGlobals();
  void RunGlobals();
  void MakeSlots(const std::vector<TaskId>& tasks);
  void RunSlot(Slot* slot);
  void ReportError(const absl::Status& status);

  const Topology topology_;
  Log* const log_;
  EngineOptions options_;
  std::unique_ptr<MetricsRegistry> own_metrics_;
  std::unique_ptr<StoreEnvironment> stores_;
  ViewRegistry views_;
  std::vector<TopicPartition> inputs_;
  std::unique_ptr<TaskMetrics> globals_metrics_;
  std::unique_ptr<GlobalState> globals_;
  std::thread globals_thread_;
  std::vector<Slot> slots_;
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_;
  absl::Status status_;  // first error of a worker
};

absl::Status EngineImpl::Start() {
  MR_CHECK(slots_.empty(), "Start() was called twice");
  MR_ASSIGN_OR_RETURN(TaskPlan plan, SetUpTopics(topology_.data(),
                                                 {.application = options_.application_id,
                                                  .auto_create = options_.auto_create_topics,
                                                  .default_partitions = options_.default_partitions,
                                                  .accept_state_loss = options_.accept_state_loss},
                                                 log_));
  inputs_ = plan.inputs;
  MR_RETURN_IF_ERROR(StartGlobals());
  MakeSlots(plan.tasks);
  for (Slot& slot : slots_) {
    absl::Status started = slot.worker->Start();
    if (!started.ok()) {
      slots_.clear();
      return started;
    }
  }
  if (!globals_->empty()) globals_thread_ = std::thread([this] { RunGlobals(); });
  for (Slot& slot : slots_) slot.thread = std::thread([this, &slot] { RunSlot(&slot); });
  return absl::OkStatus();
}

absl::Status EngineImpl::StartGlobals() {
  globals_metrics_ =
      std::make_unique<TaskMetrics>(options_.metrics, topology_.name(), options_.threads);
  globals_ = std::make_unique<GlobalState>(
      topology_, GlobalEnvironment{.state_directory = absl::StrCat(options_.state_directory, "/",
                                                                   options_.application_id),
                                   .log = log_,
                                   .stores = stores_.get(),
                                   .clock = options_.clock,
                                   .metrics = globals_metrics_.get(),
                                   .fetch_bytes = options_.fetch_bytes});
  MR_RETURN_IF_ERROR(globals_->Start());
  for (const auto& task : globals_->tasks()) views_.Set(task->id(), task->committed());
  return absl::OkStatus();
}

void EngineImpl::RunGlobals() {
  bool told = false;
  while (!stop_.load(std::memory_order_relaxed)) {
    const absl::StatusOr<int> done = globals_->Step(kRecordsPerStep);
    if (!done.ok() && ReactionTo(done.status()) == Reaction::kStop) {
      return ReportError(done.status());
    }
    if (!done.ok()) LogWarning(std::string(done.status().message()));
    if (!told && globals_->ready()) {
      told = true;
      for (Slot& slot : slots_) slot.worker->Wake();
    }
    if (!done.ok() || *done == 0) globals_->WaitForWork(kLongestWait);
  }
  if (absl::Status stopped = globals_->Stop(); !stopped.ok()) ReportError(stopped);
}

void EngineImpl::MakeSlots(const std::vector<TaskId>& tasks) {
  const size_t count = std::min(static_cast<size_t>(options_.threads), tasks.size());
  std::vector<std::vector<TaskId>> shares(count);
  for (size_t i = 0; i < tasks.size(); ++i) shares[i % count].push_back(tasks[i]);
  for (size_t i = 0; i < count; ++i) {
    Slot slot;
    slot.metrics =
        std::make_unique<TaskMetrics>(options_.metrics, topology_.name(), static_cast<int>(i));
    slot.worker = std::make_unique<StreamWorker>(
        topology_, std::move(shares[i]), log_, stores_.get(), options_.clock, slot.metrics.get(),
        StreamWorkerOptions{
            .application = options_.application_id,
            .transactional_id = absl::StrCat(options_.application_id, "-", i),
            .state_directory = absl::StrCat(options_.state_directory, "/", options_.application_id),
            .commit_interval = options_.commit_interval,
            .max_transaction_bytes = options_.max_transaction_bytes,
            .inputs = {.max_idle = options_.max_task_idle,
                       .fetch_bytes = options_.fetch_bytes,
                       .max_skew = options_.max_skew},
            .globals = globals_.get(),
            .crash = InstalledCrashHook(),
            .on_view = [this](const TaskId& id, CommittedView* view) { views_.Set(id, view); }});
    slots_.push_back(std::move(slot));
  }
}

void EngineImpl::RunSlot(Slot* slot) {
  while (!stop_.load(std::memory_order_relaxed)) {
    absl::StatusOr<StreamWorker::Progress> progress = slot->worker->Step(kRecordsPerStep);
    if (!progress.ok()) return ReportError(progress.status());
    if (!progress->any()) slot->worker->WaitForWork(kLongestWait);
  }
  if (absl::Status stopped = slot->worker->Stop(); !stopped.ok()) ReportError(stopped);
}

void EngineImpl::ReportError(const absl::Status& status) {
  const std::lock_guard lock(mutex_);
  if (status_.ok()) status_ = status;
}

absl::Status EngineImpl::Stop() {
  stop_.store(true);
  for (Slot& slot : slots_) slot.worker->Wake();
  for (Slot& slot : slots_) {
    if (slot.thread.joinable()) slot.thread.join();
  }
  if (globals_ != nullptr) globals_->Wake();
  if (globals_thread_.joinable()) globals_thread_.join();
  slots_.clear();  // before the stores that their tasks read
  if (globals_ != nullptr) {
    for (const auto& task : globals_->tasks()) views_.Set(task->id(), nullptr);
    globals_.reset();
  }
  return status();
}

absl::Status EngineImpl::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

absl::StatusOr<bool> EngineImpl::CaughtUp() {
  MR_RETURN_IF_ERROR(status());
  if (globals_ != nullptr) {
    MR_ASSIGN_OR_RETURN(const bool caught_up, globals_->CaughtUp());
    if (!caught_up) return false;
  }
  MR_ASSIGN_OR_RETURN(GroupOffsets committed, log_->CommittedOffsets(options_.application_id));
  std::string topic;
  TopicDescription description;
  for (const TopicPartition& input : inputs_) {
    if (input.topic != topic) {
      MR_ASSIGN_OR_RETURN(description, log_->DescribeTopic(input.topic));
      topic = input.topic;
    }
    const Offset end = description.partitions[static_cast<size_t>(input.partition.value())].end;
    const auto it = committed.find(input);
    if (it == committed.end() || it->second.next < end) return false;
  }
  return true;
}

absl::Status EngineImpl::ScanStore(
    const std::string& store,
    const std::function<bool(std::string_view, std::string_view, Timestamp)>& visit) {
  const auto& subtopologies = topology_.data().subtopologies;
  std::vector<std::string> known;
  for (size_t i = 0; i < subtopologies.size(); ++i) {
    for (const std::string& name : subtopologies[i].stores) {
      if (name == store) return views_.Scan(static_cast<int32_t>(i), store, visit);
      known.push_back(name);
    }
  }
  return absl::NotFoundError(
      absl::StrCat("topology '", topology_.name(), "' has no store '", store, "'; ",
                   known.empty() ? "it keeps no state" : "it has: " + absl::StrJoin(known, ", ")));
}

absl::Status CheckOptions(const EngineOptions& options) {
  const auto bad = [](const char* option, const char* rule) {
    return absl::InvalidArgumentError(absl::StrCat("option ", option, " must be ", rule));
  };
  if (options.threads < 1 || options.threads > 1024) return bad("threads", "1 to 1024");
  if (options.commit_interval < Duration(0)) return bad("commit_interval", "0 ms or more");
  if (options.default_partitions < 1) return bad("default_partitions", "at least 1");
  if (options.fetch_bytes == 0) return bad("fetch_bytes", "more than 0");
  if (options.max_transaction_bytes == 0) return bad("max_transaction_bytes", "more than 0");
  if (options.max_skew.has_value() && *options.max_skew < Duration(0)) {
    return bad("max_skew", "0 ms or more");
  }
  if (options.state_directory.empty()) return bad("state_directory", "set");
  if (options.application_id.find('/') != std::string::npos) {
    return bad("application_id", "without '/'");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> Engine::Create(Topology topology, Log* log,
                                                       EngineOptions options) {
  if (options.application_id.empty()) options.application_id = topology.name();
  MR_RETURN_IF_ERROR(CheckOptions(options));
  return std::make_unique<EngineImpl>(std::move(topology), log, std::move(options));
}

absl::Status WaitUntilIdle(const std::vector<Engine*>& engines, const std::function<bool()>& stop) {
  // One engine's output is another one's input, so a pass counts only if the pass before it had
  // found everybody idle, too: whatever the first saw finished was visible to the second.
  std::mutex mutex;
  std::condition_variable never;
  for (int idle_passes = 0; idle_passes < 2;) {
    if (stop && stop()) return absl::CancelledError("stopped before everything was consumed");
    bool all = true;
    for (Engine* engine : engines) {
      MR_ASSIGN_OR_RETURN(bool caught_up, engine->CaughtUp());
      all &= caught_up;
    }
    idle_passes = all ? idle_passes + 1 : 0;
    if (all) continue;
    std::unique_lock lock(mutex);
    never.wait_for(lock, std::chrono::milliseconds(10));
  }
  return absl::OkStatus();
}

}  // namespace millrace
