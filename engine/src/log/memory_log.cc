#include "millrace/memory_log.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "millrace/status.h"

namespace millrace {
namespace {

struct StoredRecord {
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::string headers;
  Timestamp timestamp;
};

struct Partition {
  int64_t begin = 0;
  std::deque<std::shared_ptr<const StoredRecord>> records;  // from `begin` on
  int64_t end() const { return begin + static_cast<int64_t>(records.size()); }
};

struct StoredTopic {
  std::string name;
  TopicConfig config;
  bool deleted = false;
  std::vector<Partition> partitions;
};

// State shared by the log, its readers and its producers.
struct Shared {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, std::shared_ptr<StoredTopic>> topics;
  std::vector<std::shared_ptr<StoredTopic>> handles;
  std::map<std::string, GroupOffsets> groups;
  std::map<std::string, int64_t> epochs;  // by transactional id
  int64_t version = 0;                    // counts commits

  absl::StatusOr<StoredTopic*> Topic(const std::string& name) {
    auto it = topics.find(name);
    if (it == topics.end()) return absl::NotFoundError(absl::StrCat("unknown topic '", name, "'"));
    return it->second.get();
  }

  absl::StatusOr<Partition*> Find(const TopicPartition& tp) {
    MR_ASSIGN_OR_RETURN(StoredTopic * topic, Topic(tp.topic));
    const auto index = static_cast<size_t>(tp.partition.value());
    if (index >= topic->partitions.size()) {
      return absl::NotFoundError(absl::StrCat("topic '", tp.topic, "' has no partition ", index));
    }
    return &topic->partitions[index];
  }
};

size_t SizeOf(const StoredRecord& record) {
  return (record.key.has_value() ? record.key->size() : 0) +
         (record.value.has_value() ? record.value->size() : 0) + record.headers.size() + 16;
}

absl::Status OutOfRange(const TopicPartition& tp, Offset offset, const Partition& partition) {
  return absl::OutOfRangeError(absl::StrCat("offset ", offset.value(), " of ", tp.ToString(),
                                            " is outside of ", partition.begin, " to ",
                                            partition.end()));
}

class MemoryReader : public LogReader {
 public:
  explicit MemoryReader(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  absl::Status Assign(const TopicPartition& tp, Offset start) override {
    std::lock_guard lock(shared_->mutex);
    assignments_.erase(tp);
    MR_ASSIGN_OR_RETURN(Partition * partition, shared_->Find(tp));
    if (start.value() < partition->begin || start.value() > partition->end()) {
      return OutOfRange(tp, start, *partition);
    }
    assignments_[tp] = {shared_->topics.at(tp.topic), start};
    seen_ = -1;  // there may be records at once
    return absl::OkStatus();
  }

  void Unassign(const TopicPartition& tp) override { assignments_.erase(tp); }

  absl::StatusOr<RecordBatch> Fetch(const TopicPartition& tp, size_t max_bytes) override {
    std::lock_guard lock(shared_->mutex);
    Assignment& assignment = assignments_.at(tp);
    if (assignment.topic->deleted) {
      return absl::NotFoundError(absl::StrCat("topic '", tp.topic, "' was deleted"));
    }
    const Partition& partition =
        assignment.topic->partitions[static_cast<size_t>(tp.partition.value())];
    int64_t next = assignment.position.value();
    if (next < partition.begin) return OutOfRange(tp, assignment.position, partition);
    RecordBatch batch;
    auto pins = std::make_shared<std::vector<std::shared_ptr<const StoredRecord>>>();
    size_t bytes = 0;
    for (; next < partition.end() && (batch.empty() || bytes < max_bytes); ++next) {
      const auto& stored = partition.records[static_cast<size_t>(next - partition.begin)];
      pins->push_back(stored);
      batch.records.push_back(
          {stored->key, stored->value, stored->timestamp, Offset(next), stored->headers});
      bytes += SizeOf(*stored);
    }
    assignment.position = batch.next_offset = Offset(next);
    batch.pin = std::move(pins);
    seen_ = next < partition.end() ? -1 : shared_->version;
    return batch;
  }

  void Wait(Duration timeout) override {
    std::unique_lock lock(shared_->mutex);
    shared_->changed.wait_for(lock, timeout,
                              [this] { return woken_ || shared_->version != seen_; });
    woken_ = false;
    seen_ = shared_->version;
  }

  void Wake() override {
    std::lock_guard lock(shared_->mutex);
    woken_ = true;
    shared_->changed.notify_all();
  }

 private:
  struct Assignment {
    std::shared_ptr<StoredTopic> topic;
    Offset position;
  };

  std::shared_ptr<Shared> shared_;
  std::map<TopicPartition, Assignment> assignments_;
  int64_t seen_ = 0;
  bool woken_ = false;
};

class MemoryProducer : public LogProducer {
 public:
  MemoryProducer(std::shared_ptr<Shared> shared, std::string id)
      : shared_(std::move(shared)), id_(std::move(id)) {
    std::lock_guard lock(shared_->mutex);
    epoch_ = ++shared_->epochs[id_];
  }

  absl::StatusOr<TopicHandle> OpenTopic(const std::string& name) override {
    std::lock_guard lock(shared_->mutex);
    auto it = shared_->topics.find(name);
    if (it == shared_->topics.end()) {
      return absl::NotFoundError(absl::StrCat("unknown topic '", name, "'"));
    }
    shared_->handles.push_back(it->second);
    return TopicHandle{static_cast<int32_t>(shared_->handles.size()) - 1,
                       it->second->config.partitions};
  }

  absl::Status Produce(TopicHandle topic, PartitionId partition,
                       const OutgoingRecord& record) override {
    MR_CHECK(partition.value() >= 0 && partition.value() < topic.partitions,
             "partition out of range");
    auto stored = std::make_shared<StoredRecord>();
    if (record.key.has_value()) stored->key.emplace(*record.key);
    if (record.value.has_value()) stored->value.emplace(*record.value);
    AppendHeaders(*record.headers, &stored->headers);
    stored->timestamp = record.timestamp;
    pending_bytes_ += SizeOf(*stored);
    pending_.push_back({topic.id, partition, std::move(stored)});
    return absl::OkStatus();
  }

  size_t PendingBytes() const override { return pending_bytes_; }

  absl::StatusOr<std::vector<ProducedRange>> Commit(const CommitRequest& request) override {
    std::lock_guard lock(shared_->mutex);
    if (!id_.empty() && shared_->epochs[id_] != epoch_) {
      return absl::AbortedError(
          absl::StrCat("fenced: a newer producer with the id '", id_, "' exists"));
    }
    for (const Pending& record : pending_) {
      const StoredTopic& topic = *shared_->handles[static_cast<size_t>(record.topic)];
      if (topic.deleted) {
        return absl::NotFoundError(absl::StrCat("topic '", topic.name, "' was deleted"));
      }
    }
    for (const auto& [tp, offset] : request.consumed) {
      MR_RETURN_IF_ERROR(shared_->Find(tp).status());
    }
    std::map<TopicPartition, ProducedRange> ranges;
    for (Pending& record : pending_) {
      StoredTopic& topic = *shared_->handles[static_cast<size_t>(record.topic)];
      Partition& partition = topic.partitions[static_cast<size_t>(record.partition.value())];
      const Offset offset(partition.end());
      auto [it, added] = ranges.try_emplace({topic.name, record.partition});
      if (added) it->second = {{topic.name, record.partition}, offset, offset};
      it->second.end = offset.Next();
      partition.records.push_back(std::move(record.stored));
    }
    for (const auto& [tp, offset] : request.consumed) shared_->groups[request.group][tp] = offset;
    Clear();
    ++shared_->version;
    shared_->changed.notify_all();
    std::vector<ProducedRange> result;
    for (auto& [place, range] : ranges) result.push_back(std::move(range));
    return result;
  }

  absl::Status Abort() override {
    Clear();
    return absl::OkStatus();
  }

 private:
  struct Pending {
    int32_t topic;
    PartitionId partition;
    std::shared_ptr<StoredRecord> stored;
  };

  void Clear() {
    pending_.clear();
    pending_bytes_ = 0;
  }

  std::shared_ptr<Shared> shared_;
  std::string id_;
  int64_t epoch_ = 0;
  std::vector<Pending> pending_;
  size_t pending_bytes_ = 0;
};

class MemoryLog : public Log {
 public:
  absl::Status CreateTopic(const std::string& name, const TopicConfig& config) override {
    std::lock_guard lock(shared_->mutex);
    if (config.partitions < 1) return absl::InvalidArgumentError("a topic needs a partition");
    auto topic = std::make_shared<StoredTopic>();
    topic->name = name;
    topic->config = config;
    topic->partitions.resize(static_cast<size_t>(config.partitions));
    if (!shared_->topics.emplace(name, std::move(topic)).second) {
      return absl::AlreadyExistsError(absl::StrCat("topic '", name, "' exists"));
    }
    return absl::OkStatus();
  }

  absl::Status AddPartitions(const std::string& name, int32_t count) override {
    std::lock_guard lock(shared_->mutex);
    MR_ASSIGN_OR_RETURN(StoredTopic * topic, shared_->Topic(name));
    if (count < topic->config.partitions) {
      return absl::InvalidArgumentError(absl::StrCat("topic '", name, "' has ",
                                                     topic->config.partitions,
                                                     " partitions; a count never shrinks"));
    }
    topic->config.partitions = count;
    topic->partitions.resize(static_cast<size_t>(count));
    return absl::OkStatus();
  }
  absl::Status SetRetention(const std::string& name, std::optional<Duration> retention) override {
    std::lock_guard lock(shared_->mutex);
    MR_ASSIGN_OR_RETURN(StoredTopic * topic, shared_->Topic(name));
    topic->config.retention = retention;
    return absl::OkStatus();
  }

  absl::Status DeleteTopic(const std::string& name) override {
    std::lock_guard lock(shared_->mutex);
    MR_ASSIGN_OR_RETURN(StoredTopic * topic, shared_->Topic(name));
    topic->deleted = true;
    shared_->topics.erase(name);
    ++shared_->version;
    shared_->changed.notify_all();
    for (auto& [group, offsets] : shared_->groups) {
      std::erase_if(offsets, [&](const auto& entry) { return entry.first.topic == name; });
    }
    std::erase_if(shared_->groups, [](const auto& group) { return group.second.empty(); });
    return absl::OkStatus();
  }

  absl::StatusOr<TopicDescription> DescribeTopic(const std::string& name) override {
    std::lock_guard lock(shared_->mutex);
    MR_ASSIGN_OR_RETURN(StoredTopic * topic, shared_->Topic(name));
    TopicDescription description = {name, topic->config, {}};
    for (const Partition& partition : topic->partitions) {
      description.partitions.push_back({Offset(partition.begin), Offset(partition.end()), 0});
    }
    return description;
  }

  absl::StatusOr<std::vector<std::string>> ListTopics() override {
    std::lock_guard lock(shared_->mutex);
    std::vector<std::string> names;
    for (const auto& [name, topic] : shared_->topics) names.push_back(name);
    return names;
  }

  absl::StatusOr<Offset> OffsetForTime(const TopicPartition& tp, Timestamp time) override {
    std::lock_guard lock(shared_->mutex);
    MR_ASSIGN_OR_RETURN(Partition * partition, shared_->Find(tp));
    for (int64_t at = partition->begin; at < partition->end(); ++at) {
      const auto& record = partition->records[static_cast<size_t>(at - partition->begin)];
      if (record->timestamp >= time) return Offset(at);
    }
    return Offset(partition->end());
  }

  absl::Status DeleteRecordsBefore(const TopicPartition& tp, Offset offset) override {
    std::lock_guard lock(shared_->mutex);
    MR_ASSIGN_OR_RETURN(Partition * partition, shared_->Find(tp));
    while (partition->begin < offset.value() && !partition->records.empty()) {
      partition->records.pop_front();
      ++partition->begin;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<GroupOffsets> CommittedOffsets(const std::string& group) override {
    std::lock_guard lock(shared_->mutex);
    auto it = shared_->groups.find(group);
    return it == shared_->groups.end() ? GroupOffsets() : it->second;
  }

  absl::StatusOr<std::vector<std::string>> ListGroups() override {
    std::lock_guard lock(shared_->mutex);
    std::vector<std::string> names;
    for (const auto& [name, offsets] : shared_->groups) names.push_back(name);
    return names;
  }

  absl::Status ResetOffsets(const std::string& group, const GroupOffsets& offsets) override {
    std::lock_guard lock(shared_->mutex);
    for (const auto& [tp, offset] : offsets) MR_RETURN_IF_ERROR(shared_->Find(tp).status());
    for (const auto& [tp, offset] : offsets) shared_->groups[group][tp] = offset;
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<LogReader>> NewReader() override {
    return std::unique_ptr<LogReader>(std::make_unique<MemoryReader>(shared_));
  }

  absl::StatusOr<std::unique_ptr<LogProducer>> NewProducer(
      const ProducerOptions& options) override {
    return std::unique_ptr<LogProducer>(
        std::make_unique<MemoryProducer>(shared_, options.transactional_id));
  }

 private:
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace

std::unique_ptr<Log> NewMemoryLog() { return std::make_unique<MemoryLog>(); }

}  // namespace millrace
