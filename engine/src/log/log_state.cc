#include "log/log_state.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "log/partition_walk.h"
#include "millrace/status.h"

namespace millrace {
namespace {

class Recovery {
 public:
  Recovery(const std::string& directory, LogDb* db, LogState* state)
      : directory_(directory), db_(db), state_(state) {}

  absl::Status Run() {
    MR_ASSIGN_OR_RETURN(const uint64_t next_id, Number(kNextTopicIdKey));
    state_->next_topic_id = static_cast<uint32_t>(std::max<uint64_t>(next_id, 1));
    MR_RETURN_IF_ERROR(Topics());
    MR_RETURN_IF_ERROR(Partitions());
    return Groups();
  }

 private:
  absl::StatusOr<uint64_t> Number(std::string_view name) {
    uint64_t number = 0;
    MR_RETURN_IF_ERROR(
        db_->ScanMeta(name, [&](std::string_view key, std::string_view value) -> absl::Status {
          if (key != name) return absl::OkStatus();
          MR_ASSIGN_OR_RETURN(number, ParseNumber(value));
          return absl::OkStatus();
        }));
    return number;
  }

  absl::Status Topics() {
    return db_->ScanMeta(kTopicPrefix,
                         [&](std::string_view key, std::string_view value) -> absl::Status {
                           auto topic = std::make_unique<TopicState>();
                           topic->name = std::string(key.substr(kTopicPrefix.size()));
                           MR_ASSIGN_OR_RETURN(topic->record, ParseTopic(value));
                           state_->FillPartitions(topic.get());
                           for (const auto& partition : topic->partitions) {
                             partitions_[partition->key()] = partition.get();
                           }
                           state_->topics[topic->name] = std::move(topic);
                           return absl::OkStatus();
                         });
  }

  absl::Status Partitions() {
    std::map<PartitionKey, PartitionRecord> records;
    MR_RETURN_IF_ERROR(db_->ScanMeta(
        kPartitionPrefix, [&](std::string_view key, std::string_view value) -> absl::Status {
          MR_ASSIGN_OR_RETURN(PartitionKey place, ParsePartitionRecordKey(key));
          MR_ASSIGN_OR_RETURN(records[place], ParsePartition(value));
          return absl::OkStatus();
        }));
    for (const auto& [key, partition] : partitions_) {
      MR_RETURN_IF_ERROR(Ends(records[key], partition));
    }
    return absl::OkStatus();
  }

  // Looks at the first and the last batch.
  absl::Status Ends(const PartitionRecord& record, PartitionLog* partition) {
    std::unique_ptr<BatchCursor> cursor = db_->NewCursor(partition->key());
    cursor->SeekToLast();
    MR_RETURN_IF_ERROR(cursor->status());
    if (!cursor->Valid()) {
      partition->SetRecord(record, 0);
      partition->SetHead({.end = record.begin});
      return absl::OkStatus();
    }
    const Offset last = cursor->base();
    PartitionWalk walk(directory_, db_, *partition);
    MR_RETURN_IF_ERROR(walk.Seek(last));
    const PartitionLog::Head head = {
        .end = std::max(walk.header().end(), record.begin),
        .position = walk.header().position + static_cast<int64_t>(walk.bytes().size())};
    int64_t first_position = head.position;
    if (record.begin < head.end) {
      MR_RETURN_IF_ERROR(walk.Seek(record.begin));
      first_position = walk.header().position;
    }
    partition->SetRecord(record, first_position);
    partition->SetHead(head);
    return absl::OkStatus();
  }

  absl::Status Groups() {
    return db_->ScanGroupOffsets(
        "", [&](std::string_view key, std::string_view value) -> absl::Status {
          MR_ASSIGN_OR_RETURN(GroupOffsetKey place, ParseGroupOffsetKey(key));
          MR_ASSIGN_OR_RETURN(state_->groups[place.group][place.partition],
                              ParseGroupOffset(value));
          return absl::OkStatus();
        });
  }

  const std::string& directory_;
  LogDb* const db_;
  LogState* const state_;
  std::map<PartitionKey, PartitionLog*> partitions_;
};

}  // namespace

void TailCache::Add(const std::shared_ptr<PartitionLog>& partition, SharedBatch batch,
                    std::vector<SharedBatch>* dropped) {
  bytes_ += batch->footprint();
  partition->Cache(std::move(batch));
  order_.push_back(partition);
  while (bytes_ > max_bytes_) {
    dropped->push_back(order_.front()->DropOldest());
    bytes_ -= dropped->back()->footprint();
    order_.pop_front();
  }
}

absl::StatusOr<TopicState*> LogState::FindTopic(const std::string& name) const {
  auto it = topics.find(name);
  if (it == topics.end()) return absl::NotFoundError(absl::StrCat("unknown topic '", name, "'"));
  return it->second.get();
}

absl::StatusOr<std::shared_ptr<PartitionLog>> LogState::FindPartition(
    const TopicPartition& name) const {
  MR_ASSIGN_OR_RETURN(TopicState * topic, FindTopic(name.topic));
  const auto index = static_cast<size_t>(name.partition.value());
  if (index >= topic->partitions.size()) {
    return absl::NotFoundError(absl::StrCat("topic '", name.topic, "' has no partition ",
                                            name.partition.value(), "; it has ",
                                            topic->partitions.size()));
  }
  return topic->partitions[index];
}

void LogState::FillPartitions(TopicState* topic) const {
  for (auto i = static_cast<int32_t>(topic->partitions.size()); i < topic->record.config.partitions;
       ++i) {
    const PartitionId partition(i);
    topic->partitions.push_back(std::make_shared<PartitionLog>(
        PartitionKey{topic->record.id, partition}, TopicPartition{topic->name, partition}));
  }
}

absl::Status Recover(const std::string& directory, LogDb* db, LogState* state) {
  return Recovery(directory, db, state).Run();
}

}  // namespace millrace
