#include "runtime/task.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/logging.h"
#include "base/text.h"
#include "millrace/status.h"
#include "runtime/offset_metadata.h"
#include "runtime/restore.h"
#include "runtime/source_replay.h"
#include "runtime/task_plan.h"
#include "sink/dead_letter.h"
#include "sink/sink.h"
#include "topology/deployment.h"

namespace millrace {

using detail::NodeId;
using detail::NodeSpec;

Task::Task(TaskId id, TaskEnvironment* env)
    : id_(id),
      env_(env),
      spec_(env->data->subtopologies[static_cast<size_t>(id.subtopology)]),
      group_(std::make_unique<PartitionGroup>(env->reader, env->inputs)),
      idle_(env->data->advance_when_idle) {}

Task::~Task() {
  for (const auto& queue : group_->queues()) env_->reader->Unassign(queue->partition());
}

absl::Status Task::Open(const InputState& inputs, std::unique_ptr<TaskStores> restored) {
  MR_RETURN_IF_ERROR(OpenStores(inputs.committed, std::move(restored)));
  MR_RETURN_IF_ERROR(OpenCustomStores());
  for (NodeId id : spec_.nodes) {
    for (const std::string& store : env_->data->node(id).global_stores) {
      if (!globals_.contains(store)) globals_[store] = env_->globals->NewView(store);
    }
  }
  BuildNodes();
  MR_RETURN_IF_ERROR(OpenInputs(inputs));
  return InitNodes();
}

absl::Status Task::OpenStores(const GroupOffsets& committed, std::unique_ptr<TaskStores> restored) {
  if (spec_.stores.empty()) return absl::OkStatus();
  const absl::Status opened = TryOpenStores(committed, std::move(restored));
  if (!absl::IsOutOfRange(opened)) return opened;
  stores_.reset();
  const std::string directory = TaskDirectory(env_->state_directory, spec_, id_.partition);
  MR_ASSIGN_OR_RETURN(const std::string moved, QuarantineStateDirectory(directory));
  env_->metrics->quarantined->Add();
  LogWarning(absl::StrCat("state in ", directory, " cannot be used (",
                          std::string(opened.message()), "); moved to ", moved, " and rebuilt"));
  return TryOpenStores(committed, nullptr);
}

absl::Status Task::TryOpenStores(const GroupOffsets& committed,
                                 std::unique_ptr<TaskStores> restored) {
  RestoreRequest request = StateOfTask(*env_->data, env_->application, env_->state_directory, id_);
  changelogs_ = request.changelogs;
  request.environment = env_->stores;
  request.log = env_->log;
  request.reader = env_->reader;
  request.restored = env_->metrics->restored;
  request.quarantined = env_->metrics->quarantined;
  MR_ASSIGN_OR_RETURN(stores_, RestoreToEnd(std::move(request), std::move(restored)));
  return ReplaySources({.data = env_->data,
                        .subtopology = &spec_,
                        .task = id_,
                        .application = env_->application,
                        .stores = stores_.get(),
                        .log = env_->log,
                        .committed = &committed,
                        .clock = env_->clock,
                        .future = FutureLimit(env_->clock, env_->inputs.max_skew),
                        .metrics = env_->metrics});
}

absl::Status Task::OpenCustomStores() {
  if (stores_ == nullptr) return absl::OkStatus();
  try {
    stores_->OpenCustomStores();
  } catch (const std::exception& error) {
    return absl::FailedPreconditionError(
        absl::StrCat("task ", id_.ToString(), ": a custom store failed to open: ", error.what()));
  }
  return stores_->health();
}

void Task::BuildNodes() {
  for (NodeId id : spec_.nodes) {
    const NodeSpec& spec = env_->data->node(id);
    std::unique_ptr<detail::ErasedProcessor> processor;
    if (spec.kind == NodeSpec::Kind::kSink) {
      processor = MakeSink(&spec, RealTopicName(env_->application, spec.sink_topic), id_.partition,
                           env_->collector);
    } else if (spec.kind == NodeSpec::Kind::kProcessor) {
      processor = spec.factory();
    }
    nodes_.push_back(std::make_unique<NodeRuntime>(static_cast<int>(nodes_.size()), &spec, this,
                                                   std::move(processor)));
  }
  for (const auto& node : nodes_) {
    for (NodeId child : node->spec().children) {
      node->AddChild(RuntimeOf(env_->data->node(child)));
    }
  }
}

NodeRuntime* Task::RuntimeOf(const NodeSpec& spec) {
  for (const auto& node : nodes_) {
    if (&node->spec() == &spec) return node.get();
  }
  MR_CHECK(false, "a node's child lies in another sub-topology");
  return nullptr;
}

absl::Status Task::OpenInputs(const InputState& inputs) {
  for (const auto& node : nodes_) {
    if (node->spec().kind != NodeSpec::Kind::kSource) continue;
    for (const detail::TopicRef& topic : node->spec().topics) {
      const TopicPartition partition{RealTopicName(env_->application, topic), id_.partition};
      const std::vector<PartitionDescription>& described = inputs.topics.at(partition.topic);
      const auto partitions = static_cast<int32_t>(described.size());
      task_count_ = std::max(task_count_, partitions);
      // A narrower topic of a sub-topology has no partition for the later tasks.
      if (id_.partition.value() >= partitions) continue;
      const Offset begin = described[static_cast<size_t>(id_.partition.value())].begin;
      MR_RETURN_IF_ERROR(AssignInput(&node->spec(), partition, begin, inputs.committed));
      for (const NodeId child : node->spec().children) {
        const std::string& store = env_->data->node(child).refills;
        if (!store.empty()) source_stores_.emplace_back(store, entry_of_queue_.size());
      }
      entry_of_queue_.push_back(node.get());
    }
  }
  return absl::OkStatus();
}

absl::Status Task::AssignInput(const NodeSpec* source, const TopicPartition& partition,
                               Offset begin, const GroupOffsets& committed) {
  Offset start = begin;
  Timestamp time = kNoTimestamp;
  if (const auto it = committed.find(partition); it != committed.end()) {
    start = it->second.next;
    const OffsetMetadata metadata = DecodeOffsetMetadata(it->second.metadata);
    time = metadata.partition_time;
    group_->AdvanceTime(metadata.idle_time);
    idle_.Restore(metadata.idle_time);
    for (const auto& [name, step_time] : metadata.step_times) {
      Timestamp* known = DurableTime(name);
      *known = std::max(*known, step_time);
    }
    if (start < begin) {
      LogWarning(absl::StrCat(partition.ToString(), ": records ", start.value(), " to ",
                              begin.value() - 1, " were deleted by the topic's retention before ",
                              "application '", env_->application, "' read them; going on at ",
                              begin.value()));
      start = begin;
    }
  }
  MR_RETURN_IF_ERROR(env_->reader->Assign(partition, start));
  // What comes through repartition topics was checked when it came in.
  const bool outside = !source->topics.front().internal;
  group_->Add(std::make_unique<RecordQueue>(
      partition, source, start, time, env_->metrics->dropped_negative_time, env_->clock,
      outside ? FutureLimit(env_->clock, env_->inputs.max_skew) : FutureLimit()));
  // A group without a position, or with one of a deleted record, commits where it begins even if it
  // never meets a record.
  const auto known = committed.find(partition);
  committed_positions_.push_back(known == committed.end() ? Offset(-1) : known->second.next);
  return absl::OkStatus();
}

absl::Status Task::InitNodes() {
  initialized_ = true;
  for (const auto& node : nodes_) {
    try {
      node->Init();
    } catch (const std::exception& error) {
      return absl::FailedPreconditionError(absl::StrCat("task ", id_.ToString(), ": step '",
                                                        node->spec().name,
                                                        "' failed to start: ", error.what()));
    }
  }
  idle_.OnRecords(env_->clock->Monotonic(), group_->stream_time());
  // What was closed while the task was idle stays closed.
  if (idle_.kept() != kNoTimestamp) {
    for (const auto& node : nodes_) node->OnIdle(idle_.kept());
  }
  return absl::OkStatus();
}

bool Task::IsHeldBack() const { return !globals_.empty() && !env_->globals->ready(); }

absl::Status Task::CheckGlobals() const {
  return globals_.empty() ? absl::OkStatus() : env_->globals->health();
}

absl::StatusOr<bool> Task::Refill() {
  if (IsHeldBack()) return false;
  return group_->Refill();
}

absl::StatusOr<int> Task::Process(int max_records) {
  int done = 0;
  const std::chrono::nanoseconds now = env_->clock->Monotonic();
  while (done < max_records) {
    RecordQueue* queue = group_->Next(now);
    if (queue == nullptr) break;
    ProcessHead(queue);
    if (!status_.ok()) return status_;
    MR_RETURN_IF_ERROR(group_->Pop(queue));
    ++done;
    PunctuateStreamTime();
    if (!status_.ok()) return status_;
    if (commit_requested_) break;
  }
  env_->metrics->processed->Add(done);
  if (done > 0) idle_.OnRecords(now, group_->stream_time());
  MR_RETURN_IF_ERROR(CheckGlobals());
  return done;
}

void Task::ProcessHead(RecordQueue* queue) {
  current_ = queue;
  metadata_.offset = queue->raw().offset;
  if (metadata_.partition != queue->partition()) metadata_.partition = queue->partition();
  if (!queue->error().ok()) {
    HandlePoison(queue->source().name, PoisonClassOf(queue->error()),
                 std::string(queue->error().message()));
  } else {
    const auto& queues = group_->queues();
    size_t index = 0;
    while (queues[index].get() != queue) ++index;
    entry_of_queue_[index]->Forward(queue->record());
  }
  current_ = nullptr;
}

void Task::PunctuateStreamTime() {
  const Timestamp now = group_->stream_time();
  if (now >= stream_time_.next_due()) RunPunctuations(&stream_time_, now);
}

absl::StatusOr<bool> Task::PunctuateWallClock() {
  const Timestamp now = env_->clock->Now();
  if (IsHeldBack()) return false;
  bool worked = AdvanceIdleTime();
  if (now >= wall_clock_.next_due()) {
    RunPunctuations(&wall_clock_, now);
    worked = true;
  }
  if (!status_.ok()) return status_;
  if (worked) MR_RETURN_IF_ERROR(CheckGlobals());
  return worked;
}

bool Task::AdvanceIdleTime() {
  const std::optional<Timestamp> time = idle_.Tick(env_->clock->Monotonic());
  if (!time.has_value()) return false;
  group_->AdvanceTime(*time);
  bool worked = *time >= stream_time_.next_due();
  if (worked) RunPunctuations(&stream_time_, *time);
  for (const auto& node : nodes_) worked |= node->OnIdle(*time);
  if (worked) idle_.Keep(*time);
  return worked;
}

absl::Status Task::PrepareCommit() {
  for (const auto& node : nodes_) node->OnCommit();
  if (!status_.ok()) return status_;
  if (stores_ != nullptr) {
    try {
      stores_->BeforeCommit();
    } catch (const std::exception& error) {
      return absl::FailedPreconditionError(absl::StrCat(
          "task ", id_.ToString(), ": a custom store failed before a commit: ", error.what()));
    }
  }
  return CheckGlobals();
}

void Task::RunPunctuations(Punctuations* schedule, Timestamp now) {
  schedule->Run(now, [this](int node, const Punctuations::Callback& callback, Timestamp time) {
    nodes_[static_cast<size_t>(node)]->RunPunctuation(callback, time);
  });
}

std::shared_ptr<detail::PunctuationHandle> Task::Schedule(int node, Duration interval,
                                                          PunctuationType type,
                                                          std::optional<Timestamp> start,
                                                          std::function<void(Timestamp)> callback) {
  if (type == PunctuationType::kStreamTime) {
    return stream_time_.Add(node, start.value_or(TimestampFromMillis(0)), interval,
                            std::move(callback));
  }
  return wall_clock_.Add(node, start.value_or(WallClock() + interval), interval,
                         std::move(callback));
}

detail::ErasedStore* Task::FindStore(std::string_view name) {
  if (const auto global = globals_.find(AbslView(name)); global != globals_.end()) {
    return global->second.get();
  }
  detail::ErasedStore* store = stores_ == nullptr ? nullptr : stores_->Find(name);
  MR_CHECK(store != nullptr, "the task has no store '" + std::string(name) + "'");
  return store;
}

void Task::ReportPoison(const NodeRuntime& node, PoisonClass poison, std::string_view error) {
  HandlePoison(node.spec().name, poison, error);
}

const RecordView* Task::Suspect(const TopicPartition** origin) const {
  if (held_ != nullptr) {
    *origin = &held_->origin;
    return &held_->record;
  }
  if (current_ == nullptr) return nullptr;
  *origin = &metadata_.partition;
  return &current_->raw();
}

void Task::HandlePoison(std::string_view step, PoisonClass poison, std::string_view error) {
  const ErrorPolicy& policy = env_->data->errors;
  const TopicPartition* origin = nullptr;
  const RecordView* suspect = Suspect(&origin);
  const std::string where = suspect == nullptr ? std::string("in a punctuation")
                                               : absl::StrCat("at offset ", suspect->offset.value(),
                                                              " of ", origin->ToString());
  const std::string report =
      absl::StrCat("poison record ", where, ", step '", AbslView(step), "': ", AbslView(error));
  if (policy.action() == ErrorPolicy::Action::kStop) {
    if (status_.ok()) {
      status_ = absl::InvalidArgumentError(absl::StrCat(
          "topology '", env_->data->name, "', task ", id_.ToString(), ": ", report,
          " (the topology's policy is to stop; nothing of the transaction was committed)"));
    }
    return;
  }
  // There is no record that could keep the report, or no topic for it.
  const bool homeless = suspect == nullptr || (policy.topic().empty() && origin->topic.empty());
  if (policy.action() == ErrorPolicy::Action::kSkip || homeless) {
    env_->metrics->poison_skipped->Add();
    if (homeless) LogWarning(report);
    return;
  }
  env_->metrics->poison_dead_letter->Add();
  SendToDeadLetters(*suspect, *origin, {env_->application, id_.ToString(), step, poison, error});
}

void Task::SendToDeadLetters(const RecordView& suspect, const TopicPartition& origin,
                             const PoisonReport& report) {
  const std::string& named = env_->data->errors.topic();
  const std::string topic = named.empty() ? origin.topic + "-dlq" : named;
  // Made when it is first needed: most topologies never have a poison record.
  absl::Status made = env_->log->CreateTopic(topic, TopicConfig{});
  if (made.ok()) {
    LogWarning(absl::StrCat("poison records of application '", env_->application,
                            "' go to the new topic ", topic));
  } else if (!absl::IsAlreadyExists(made)) {
    if (status_.ok()) status_ = std::move(made);
    return;
  }
  SendDeadLetter(env_->collector, env_->collector->Resolve(topic), suspect, origin, report);
}

CommitPart Task::commit_part() const {
  CommitPart part{.stores = stores_.get(), .partition = id_.partition, .changelogs = &changelogs_};
  for (const auto& [store, input] : source_stores_) {
    part.sources.push_back({store, group_->queues()[input]->position()});
  }
  return part;
}

void Task::AddConsumed(bool all, GroupOffsets* offsets) const {
  const auto& queues = group_->queues();
  for (size_t i = 0; i < queues.size(); ++i) {
    const bool moved = queues[i]->position() != committed_positions_[i] || idle_.changed();
    if (!moved && !all) continue;
    (*offsets)[queues[i]->partition()] = {
        queues[i]->position(),
        EncodeOffsetMetadata({queues[i]->partition_time(), idle_.kept(), durable_times_})};
  }
}

bool Task::StandsAt(const GroupOffsets& committed) const {
  const auto& queues = group_->queues();
  for (size_t i = 0; i < queues.size(); ++i) {
    const auto it = committed.find(queues[i]->partition());
    const Offset next = it == committed.end() ? Offset(-1) : it->second.next;
    if (next != committed_positions_[i]) return false;
  }
  return true;
}

void Task::OnCommitted() {
  const auto& queues = group_->queues();
  for (size_t i = 0; i < queues.size(); ++i) committed_positions_[i] = queues[i]->position();
  commit_requested_ = false;
  idle_.OnCommitted();
}

absl::Status Task::Close() {
  if (initialized_) {
    for (const auto& node : nodes_) node->Close();
  }
  initialized_ = false;
  return stores_ == nullptr ? absl::OkStatus() : stores_->Flush();
}

}  // namespace millrace
