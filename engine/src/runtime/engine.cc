#include "millrace/engine.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/logging.h"
#include "millrace/detail/topology_data.h"
#include "millrace/status.h"
#include "runtime/global_state.h"
#include "runtime/input_watch.h"
#include "runtime/instance_id.h"
#include "runtime/reactions.h"
#include "runtime/state_updater.h"
#include "runtime/task_coordinator.h"
#include "runtime/topic_patterns.h"
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
    stores_ = StoreEnvironment::Create(
        {.cache = options_.state_cache, .buffer_bytes_per_task = options_.store_buffer_bytes});
  }

  ~EngineImpl() override {
    if (absl::Status status = Stop(); !status.ok()) LogError(std::string(status.message()));
  }

  absl::Status Start() override;
  absl::Status Stop() override { return StopThreads(/*leave=*/false); }
  absl::Status Leave() override { return StopThreads(/*leave=*/true); }
  absl::Status SetThreads(int threads) override;
  void Pause() override { SetPaused(true); }
  void Resume() override { SetPaused(false); }
  std::vector<TaskStatus> tasks() const override {
    return coordinator_ == nullptr ? std::vector<TaskStatus>{} : coordinator_->tasks();
  }
  absl::Status status() const override;
  absl::StatusOr<bool> CaughtUp() override;
  absl::Status ScanStore(
      const std::string& store,
      const std::function<bool(std::string_view, std::string_view, Timestamp)>& visit) override;
  absl::Status ReadStore(const StoreQuery& query, const StoreVisit& visit) override;
  const std::string& application_id() const override { return options_.application_id; }
  const Topology& topology() const override { return topology_; }
  MetricsRegistry* metrics() override { return options_.metrics; }

 private:
  // Which sub-topology has the store.
  absl::StatusOr<int32_t> FindSubtopology(const std::string& store) const;
  absl::Status StartGlobals();
  void RunGlobals();
  absl::Status StartCoordinator(const TaskPlan& plan);
  absl::StatusOr<std::unique_ptr<TaskGroup>> JoinGroup(const TaskPlan& plan);
  std::string TransactionalId(const std::string& instance, int thread) const;
  void FenceMember(const std::string& instance);
  std::unique_ptr<WorkerThread> NewThread(int index, TaskGroup* group);
  void SetPaused(bool paused) {
    MR_CHECK(coordinator_ != nullptr, "Pause() and Resume() are for a started engine");
    coordinator_->SetPaused(paused);
  }
  absl::Status StopThreads(bool leave);
  std::string StateDirectory() const {
    return absl::StrCat(options_.state_directory, "/", options_.application_id);
  }
  void ReportError(const absl::Status& status);

  Topology topology_;  // until Start(): sources may read topics by patterns
  Log* const log_;
  EngineOptions options_;
  std::unique_ptr<MetricsRegistry> own_metrics_;
  std::unique_ptr<StoreEnvironment> stores_;
  ViewRegistry views_;
  std::atomic<int> open_commits_{0};
  std::vector<TopicPartition> inputs_;
  std::unique_ptr<TaskMetrics> globals_metrics_;
  std::unique_ptr<GlobalState> globals_;
  std::thread globals_thread_;
  std::string instance_id_;
  std::unique_ptr<TaskMetrics> updater_metrics_;
  std::unique_ptr<StateUpdater> updater_;
  std::unique_ptr<TaskCoordinator> coordinator_;
  std::unique_ptr<InputWatch> input_watch_;
  std::atomic<TaskCoordinator*> running_{nullptr};  // for the threads of others
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_;
  absl::Status status_;  // first error of a worker
};

absl::Status EngineImpl::Start() {
  MR_CHECK(coordinator_ == nullptr, "Start() was called twice");
  if (HasPatterns(topology_.data())) {
    MR_ASSIGN_OR_RETURN(const std::vector<std::string> topics, log_->ListTopics());
    MR_ASSIGN_OR_RETURN(topology_, ResolvePatterns(topology_, options_.application_id, topics));
  }
  MR_ASSIGN_OR_RETURN(TaskPlan plan, SetUpTopics(topology_.data(),
                                                 {.application = options_.application_id,
                                                  .auto_create = options_.auto_create_topics,
                                                  .default_partitions = options_.default_partitions,
                                                  .accept_state_loss = options_.accept_state_loss},
                                                 log_));
  inputs_ = plan.inputs;
  MR_RETURN_IF_ERROR(StartGlobals());
  if (!globals_->empty()) globals_thread_ = std::thread([this] { RunGlobals(); });
  absl::Status started = StartCoordinator(plan);
  if (!started.ok()) (void)StopThreads(/*leave=*/false);
  return started;
}

absl::Status EngineImpl::StartGlobals() {
  globals_metrics_ =
      std::make_unique<TaskMetrics>(options_.metrics, topology_.name(), options_.threads);
  globals_ = std::make_unique<GlobalState>(topology_,
                                           GlobalEnvironment{.application = options_.application_id,
                                                             .state_directory = StateDirectory(),
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
      if (TaskCoordinator* coordinator = running_.load()) coordinator->WakeThreads();
    }
    if (!done.ok() || *done == 0) globals_->WaitForWork(kLongestWait);
  }
  if (absl::Status stopped = globals_->Stop(); !stopped.ok()) ReportError(stopped);
}

absl::Status EngineImpl::StartCoordinator(const TaskPlan& plan) {
  MR_ASSIGN_OR_RETURN(std::unique_ptr<TaskGroup> group, JoinGroup(plan));
  updater_metrics_ =
      std::make_unique<TaskMetrics>(options_.metrics, topology_.name(), options_.threads + 1);
  updater_ = std::make_unique<StateUpdater>(
      topology_, StateUpdaterOptions{.application = options_.application_id,
                                     .state_directory = StateDirectory(),
                                     .log = log_,
                                     .stores = stores_.get(),
                                     .restored = updater_metrics_->restored,
                                     .quarantined = updater_metrics_->quarantined,
                                     .on_restored = [this] {
                                       if (TaskCoordinator* running = running_.load()) {
                                         running->Wake();
                                       }
                                     }});
  MR_RETURN_IF_ERROR(updater_->Start());
  TaskCoordinatorOptions options;
  options.tasks = plan.tasks;
  for (const TaskId& task : plan.tasks) {
    const auto& spec = topology_.data().subtopologies[static_cast<size_t>(task.subtopology)];
    if (!spec.stores.empty()) options.stateful.insert(task);
  }
  // Without a group there will never be more tasks than these.
  options.threads = group != nullptr
                        ? options_.threads
                        : std::min(options_.threads, static_cast<int>(plan.tasks.size()));
  options.standby_replicas = options_.standby_replicas;
  options.updater = updater_.get();
  options.new_thread = [this, group = group.get()](int index) { return NewThread(index, group); };
  options.on_error = [this](const absl::Status& status) { ReportError(status); };
  if (group != nullptr) options.fence_member = [this](const std::string& id) { FenceMember(id); };
  options.group = std::move(group);
  coordinator_ = std::make_unique<TaskCoordinator>(std::move(options));
  running_.store(coordinator_.get());
  MR_RETURN_IF_ERROR(coordinator_->Start());
  input_watch_ = std::make_unique<InputWatch>(
      InputWatchOptions{.application = options_.application_id,
                        .inputs = inputs_,
                        .every = options_.metadata_max_age,
                        .log = log_,
                        .on_growth = [this](const absl::Status& growth) { ReportError(growth); }});
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<TaskGroup>> EngineImpl::JoinGroup(const TaskPlan& plan) {
  if (!log_->HasTaskGroups()) return nullptr;
  MR_ASSIGN_OR_RETURN(instance_id_, InstanceId(options_.instance_id, StateDirectory()));
  return log_->JoinTaskGroup({.group = options_.application_id,
                              .tasks = static_cast<int32_t>(plan.tasks.size()),
                              .plan = PlanFingerprint(plan),
                              .instance_id = instance_id_,
                              .session_timeout = options_.session_timeout,
                              .heartbeat_interval = options_.heartbeat_interval});
}

std::string EngineImpl::TransactionalId(const std::string& instance, int thread) const {
  return absl::StrCat(options_.application_id, "-", instance, "-", thread);
}

// It is taken to have as many threads as this one.
void EngineImpl::FenceMember(const std::string& instance) {
  for (int thread = 0; thread < options_.threads; ++thread) {
    const auto producer =
        log_->NewProducer({.transactional_id = TransactionalId(instance, thread)});
    if (producer.ok()) continue;
    LogWarning(absl::StrCat("what member '", instance, "' left open is not ended: ",
                            std::string(producer.status().message())));
    return;
  }
}

std::unique_ptr<WorkerThread> EngineImpl::NewThread(int index, TaskGroup* group) {
  auto metrics = std::make_unique<TaskMetrics>(options_.metrics, topology_.name(), index);
  StreamWorkerOptions options;
  options.application = options_.application_id;
  options.transactional_id = group == nullptr ? absl::StrCat(options_.application_id, "-", index)
                                              : TransactionalId(instance_id_, index);
  options.state_directory = StateDirectory();
  options.commit_interval = options_.commit_interval;
  options.max_transaction_bytes = options_.max_transaction_bytes;
  options.inputs = {.max_idle = options_.max_task_idle,
                    .fetch_bytes = options_.fetch_bytes,
                    .max_skew = options_.max_skew};
  options.globals = globals_.get();
  options.crash = InstalledCrashHook();
  options.open_commits = &open_commits_;
  options.on_view = [this](const TaskId& id, CommittedView* view) { views_.Set(id, view); };
  if (group != nullptr) options.member = [group] { return group->Identity(); };
  auto worker =
      std::make_unique<StreamWorker>(topology_, std::vector<TaskId>{}, log_, stores_.get(),
                                     options_.clock, metrics.get(), std::move(options));
  return std::make_unique<WorkerThread>(std::move(metrics), std::move(worker),
                                        [this](const absl::Status& s) { ReportError(s); });
}

absl::Status EngineImpl::SetThreads(int threads) {
  if (threads < 1 || threads > 1024) {
    return absl::InvalidArgumentError("an engine has 1 to 1024 threads");
  }
  MR_CHECK(coordinator_ != nullptr, "SetThreads() is for a started engine");
  coordinator_->SetThreads(threads);
  return absl::OkStatus();
}

void EngineImpl::ReportError(const absl::Status& status) {
  const std::lock_guard lock(mutex_);
  if (status_.ok()) status_ = status;
}

absl::Status EngineImpl::StopThreads(bool leave) {
  stop_.store(true);
  if (coordinator_ != nullptr) coordinator_->Stop(leave);
  if (updater_ != nullptr) updater_->Stop();
  if (globals_ != nullptr) globals_->Wake();
  if (globals_thread_.joinable()) globals_thread_.join();
  if (globals_ != nullptr) {
    for (const auto& task : globals_->tasks()) views_.Set(task->id(), nullptr);
    globals_.reset();
  }
  input_watch_.reset();  // behind what others wait for
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
  return open_commits_.load() == 0;
}

absl::Status EngineImpl::ScanStore(
    const std::string& store,
    const std::function<bool(std::string_view, std::string_view, Timestamp)>& visit) {
  MR_ASSIGN_OR_RETURN(const int32_t subtopology, FindSubtopology(store));
  return views_.Scan(subtopology, store, visit);
}

absl::Status EngineImpl::ReadStore(const StoreQuery& query, const StoreVisit& visit) {
  MR_ASSIGN_OR_RETURN(const int32_t subtopology, FindSubtopology(query.store));
  return views_.Read(subtopology, query, visit);
}

absl::StatusOr<int32_t> EngineImpl::FindSubtopology(const std::string& store) const {
  const auto& subtopologies = topology_.data().subtopologies;
  std::vector<std::string> known;
  for (size_t i = 0; i < subtopologies.size(); ++i) {
    for (const std::string& name : subtopologies[i].stores) {
      if (name == store) return static_cast<int32_t>(i);
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
