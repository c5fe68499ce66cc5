#include "runtime/global_task.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/logging.h"
#include "base/text.h"
#include "millrace/status.h"

namespace millrace {
namespace {

// A hidden store: topic/partition -> the next offset to read.
constexpr char kPositions[] = "positions.of.topics";

detail::StoreSpec PositionsSpec(detail::StoreBackendKind backend) {
  detail::StoreSpec spec;
  spec.name = kPositions;
  spec.key = detail::CodecOf<std::string>();
  spec.value = detail::CodecOf<int64_t>();
  spec.backend = backend;
  spec.changelog = false;
  return spec;
}

detail::ErasedKeyValueStore* KeyValueStoreOf(TaskStores* stores, std::string_view name) {
  return static_cast<detail::ErasedKeyValueStore*>(stores->Find(name));
}

}  // namespace

GlobalTask::GlobalTask(int32_t subtopology, const GlobalEnvironment* env)
    : id_{subtopology, PartitionId(0)},
      env_(env),
      spec_(env->data->subtopologies[static_cast<size_t>(subtopology)]),
      name_(spec_.stores.front()) {}

std::string GlobalTask::Directory() const {
  return absl::StrCat(env_->state_directory, "/", name_, "-global");
}

absl::Status GlobalTask::Open() {
  absl::Status opened = TryOpen();
  if (absl::IsDataLoss(opened) || absl::IsOutOfRange(opened)) {
    stores_.reset();
    MR_ASSIGN_OR_RETURN(const std::string moved, QuarantineStateDirectory(Directory()));
    LogWarning(absl::StrCat("global store '", name_, "' in ", Directory(), " cannot be used (",
                            opened.message(), "); moved to ", moved,
                            " and read again from its topic"));
    opened = TryOpen();
  }
  MR_RETURN_IF_ERROR(opened);
  BuildNodes();
  for (const auto& node : nodes_) {
    try {
      node->Init();
    } catch (const std::exception& error) {
      return absl::FailedPreconditionError(absl::StrCat("global store '", name_, "': step '",
                                                        node->spec().name,
                                                        "' failed to start: ", error.what()));
    }
  }
  ready_ = HasReached(ends_);
  return absl::OkStatus();
}

absl::Status GlobalTask::TryOpen() {
  const detail::StoreSpec spec = *env_->data->FindStore(name_);
  MR_ASSIGN_OR_RETURN(
      stores_, TaskStores::Open(Directory(), {spec, PositionsSpec(spec.backend)}, env_->stores));
  group_ = std::make_unique<PartitionGroup>(
      env_->reader, PartitionGroup::Options{.fetch_bytes = env_->fetch_bytes});
  applied_.clear();
  ends_.clear();
  for (const detail::NodeId id : spec_.nodes) {
    const detail::NodeSpec& node = env_->data->node(id);
    for (const detail::TopicRef& topic : node.topics) {
      MR_ASSIGN_OR_RETURN(const TopicDescription found, env_->log->DescribeTopic(topic.name));
      for (size_t p = 0; p < found.partitions.size(); ++p) {
        const TopicPartition partition{topic.name, PartitionId(static_cast<int32_t>(p))};
        MR_RETURN_IF_ERROR(OpenInput(node, partition, found.partitions[p]));
      }
    }
  }
  return stores_->health();
}

absl::Status GlobalTask::OpenInput(const detail::NodeSpec& source, const TopicPartition& partition,
                                   const PartitionDescription& bounds) {
  const std::string key = partition.ToString();
  const auto* position =
      static_cast<const int64_t*>(KeyValueStoreOf(stores_.get(), kPositions)->Get(&key).value);
  const Offset start = position == nullptr ? bounds.begin : Offset(*position);
  if (start < bounds.begin || start > bounds.end) {
    return absl::OutOfRangeError(absl::StrCat("it stands at ", start.value(), " of ", key,
                                              ", which holds ", bounds.begin.value(), " to ",
                                              bounds.end.value()));
  }
  MR_RETURN_IF_ERROR(env_->reader->Assign(partition, start));
  group_->Add(std::make_unique<RecordQueue>(partition, &source, start, kNoTimestamp,
                                            env_->metrics->dropped_negative_time, env_->clock));
  applied_.push_back(start);
  ends_.push_back(bounds.end);
  return absl::OkStatus();
}

void GlobalTask::BuildNodes() {
  for (const detail::NodeId id : spec_.nodes) {
    const detail::NodeSpec& spec = env_->data->node(id);
    const bool is_source = spec.kind == detail::NodeSpec::Kind::kSource;
    nodes_.push_back(std::make_unique<NodeRuntime>(static_cast<int>(nodes_.size()), &spec, this,
                                                   is_source ? nullptr : spec.factory()));
    if (is_source) {
      entry_ = nodes_.back().get();
    } else {
      entry_->AddChild(nodes_.back().get());
    }
  }
}

absl::StatusOr<int> GlobalTask::Step(int max_records) {
  absl::MutexLock lock(&mutex_);
  MR_ASSIGN_OR_RETURN(const int done, Process(max_records));
  MR_RETURN_IF_ERROR(Apply());
  if (!ready()) ready_.store(HasReached(ends_), std::memory_order_release);
  return done;
}

absl::StatusOr<int> GlobalTask::Process(int max_records) {
  MR_RETURN_IF_ERROR(group_->Refill().status());
  int done = 0;
  for (; done < max_records; ++done) {
    RecordQueue* queue = group_->Next(env_->clock->Monotonic());
    if (queue == nullptr) break;
    ProcessHead(*queue);
    if (!status_.ok()) return status_;
    MR_RETURN_IF_ERROR(group_->Pop(queue));
  }
  env_->metrics->processed->Add(done);
  return done;
}

void GlobalTask::ProcessHead(const RecordQueue& queue) {
  metadata_.partition = queue.partition();
  metadata_.offset = queue.raw().offset;
  if (queue.error().ok()) {
    entry_->Forward(queue.record());
  } else {
    HandlePoison(queue.source().name, std::string(queue.error().message()));
  }
}

absl::Status GlobalTask::Apply() {
  detail::ErasedKeyValueStore* positions = KeyValueStoreOf(stores_.get(), kPositions);
  bool moved = false;
  for (size_t i = 0; i < applied_.size(); ++i) {
    const RecordQueue& queue = *group_->queues()[i];
    if (queue.position() == applied_[i]) continue;
    moved = true;
    applied_[i] = queue.position();
    const std::string key = queue.partition().ToString();
    const int64_t position = applied_[i].value();
    positions->Put(&key, &position, kNoTimestamp);
  }
  return moved ? stores_->Apply({}) : absl::OkStatus();
}

bool GlobalTask::HasReached(const std::vector<Offset>& ends) const {
  for (size_t i = 0; i < ends.size(); ++i) {
    if (group_->queues()[i]->position() < ends[i]) return false;
  }
  return true;
}

absl::StatusOr<bool> GlobalTask::CaughtUp() {
  absl::MutexLock lock(&mutex_);
  std::vector<Offset> ends;
  for (const auto& queue : group_->queues()) {
    MR_ASSIGN_OR_RETURN(const TopicDescription found,
                        env_->log->DescribeTopic(queue->partition().topic));
    ends.push_back(found.partitions[static_cast<size_t>(queue->partition().partition.value())].end);
  }
  return HasReached(ends);
}

absl::Status GlobalTask::health() {
  absl::MutexLock lock(&mutex_);
  return stores_->health();
}

absl::Status GlobalTask::Flush() {
  absl::MutexLock lock(&mutex_);
  for (const auto& node : nodes_) node->Close();
  return stores_->Flush();
}

std::unique_ptr<GlobalStoreView> GlobalTask::NewView() {
  return std::make_unique<GlobalStoreView>(KeyValueStoreOf(stores_.get(), name_), &mutex_);
}

std::shared_ptr<detail::PunctuationHandle> GlobalTask::Schedule(int node, Duration, PunctuationType,
                                                                std::optional<Timestamp>,
                                                                std::function<void(Timestamp)>) {
  MR_CHECK(false, "step '" + nodes_[static_cast<size_t>(node)]->spec().name +
                      "' feeds a global store; such a processor has no punctuations");
  return nullptr;
}

Timestamp* GlobalTask::DurableTime(std::string_view name) {
  MR_CHECK(false, "step '" + std::string(name) + "' feeds a global store; it has no stream time");
  return nullptr;
}

void GlobalTask::ReportPoison(const NodeRuntime& node, PoisonClass, std::string_view error) {
  HandlePoison(node.spec().name, error);
}

// There is no transaction that a dead letter could be part of, and every engine would send its own:
// the record is skipped, and the log says which one it was.
void GlobalTask::HandlePoison(std::string_view step, std::string_view error) {
  const std::string report = absl::StrCat(
      "poison record at offset ", metadata_.offset.value(), " of ", metadata_.partition.ToString(),
      ", step '", AbslView(step), "' of the global store '", name_, "': ", AbslView(error));
  if (env_->data->errors.action() == ErrorPolicy::Action::kStop) {
    if (status_.ok()) {
      status_ = absl::InvalidArgumentError(absl::StrCat(
          "topology '", env_->data->name, "': ", report, " (the topology's policy is to stop)"));
    }
    return;
  }
  env_->metrics->poison_skipped->Add();
  LogWarning(report);
}

}  // namespace millrace
