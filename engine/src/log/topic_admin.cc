#include "log/topic_admin.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "log/partition_walk.h"
#include "log/trim.h"
#include "millrace/status.h"

namespace millrace {

absl::Status TopicAdmin::CreateTopic(const std::string& name, const TopicConfig& config) {
  if (name.empty()) return absl::InvalidArgumentError("a topic needs a name");
  if (config.partitions < 1) {
    return absl::InvalidArgumentError(absl::StrCat("topic '", name, "' needs a partition"));
  }
  auto topic = std::make_unique<TopicState>();
  topic->name = name;
  topic->record.config = config;
  return queue_->Write(
      [&](LogWrite& write) -> absl::Status {
        if (state_->topics.contains(name)) {
          return absl::AlreadyExistsError(absl::StrCat("topic '", name, "' exists"));
        }
        topic->record.id = state_->next_topic_id;
        state_->FillPartitions(topic.get());
        write.PutMeta(TopicKey(name), EncodeTopic(topic->record));
        write.PutMeta(kNextTopicIdKey, EncodeNumber(topic->record.id + 1));
        return absl::OkStatus();
      },
      [&] {
        state_->next_topic_id = topic->record.id + 1;
        state_->topics[name] = std::move(topic);
      });
}

absl::Status TopicAdmin::AddPartitions(const std::string& name, int32_t new_count) {
  TopicState* topic = nullptr;
  TopicRecord record;
  return queue_->Write(
      [&](LogWrite& write) -> absl::Status {
        MR_ASSIGN_OR_RETURN(topic, state_->FindTopic(name));
        record = topic->record;
        if (new_count < record.config.partitions) {
          return absl::InvalidArgumentError(absl::StrCat("topic '", name, "' has ",
                                                         record.config.partitions,
                                                         " partitions; a count never shrinks"));
        }
        record.config.partitions = new_count;
        write.PutMeta(TopicKey(name), EncodeTopic(record));
        return absl::OkStatus();
      },
      [&] {
        topic->record = record;
        state_->FillPartitions(topic);
      });
}

absl::Status TopicAdmin::SetRetention(const std::string& name, std::optional<Duration> retention) {
  TopicState* topic = nullptr;
  TopicRecord record;
  return queue_->Write(
      [&](LogWrite& write) -> absl::Status {
        MR_ASSIGN_OR_RETURN(topic, state_->FindTopic(name));
        record = topic->record;
        record.config.retention = retention;
        write.PutMeta(TopicKey(name), EncodeTopic(record));
        return absl::OkStatus();
      },
      [&] { topic->record = record; });
}

absl::Status TopicAdmin::DeleteTopic(const std::string& name) {
  std::vector<std::shared_ptr<PartitionLog>> partitions;
  absl::Status status = queue_->Write(
      [&](LogWrite& write) -> absl::Status {
        MR_ASSIGN_OR_RETURN(const TopicState* topic, state_->FindTopic(name));
        partitions = topic->partitions;
        write.DeleteMeta(TopicKey(name));
        for (const auto& partition : partitions) {
          write.DeleteBatches(partition->key(), Offset(0), partition->end());
          write.DeleteMeta(PartitionRecordKey(partition->key()));
        }
        for (const auto& [group, offsets] : state_->groups) {
          for (const auto& [place, offset] : offsets) {
            if (place.topic == name) write.DeleteGroupOffset(EncodeGroupOffsetKey(group, place));
          }
        }
        return absl::OkStatus();
      },
      [&] {
        for (const auto& partition : partitions) {
          partition->MarkDeleted();
          for (const auto& watcher : partition->watchers()) watcher->Notify();
        }
        for (auto& [group, offsets] : state_->groups) {
          std::erase_if(offsets, [&](const auto& entry) { return entry.first.topic == name; });
        }
        std::erase_if(state_->groups, [](const auto& group) { return group.second.empty(); });
        state_->topics.erase(name);
      });
  if (!status.ok()) return status;
  for (const auto& partition : partitions) db_->ReclaimBatches(partition->key(), partition->end());
  return absl::OkStatus();
}

absl::StatusOr<TopicDescription> TopicAdmin::DescribeTopic(const std::string& name) const {
  std::lock_guard lock(state_->mutex);
  MR_ASSIGN_OR_RETURN(const TopicState* topic, state_->FindTopic(name));
  TopicDescription description = {name, topic->record.config, {}};
  for (const auto& partition : topic->partitions) {
    description.partitions.push_back({partition->begin(), partition->end(), partition->bytes()});
  }
  return description;
}

std::vector<std::string> TopicAdmin::ListTopics() const {
  std::lock_guard lock(state_->mutex);
  std::vector<std::string> names;
  names.reserve(state_->topics.size());
  for (const auto& [name, topic] : state_->topics) names.push_back(name);
  return names;
}

absl::StatusOr<Offset> TopicAdmin::OffsetForTime(const TopicPartition& name, Timestamp time) const {
  MR_ASSIGN_OR_RETURN(std::shared_ptr<PartitionLog> partition, Find(name));
  while (true) {
    const Offset begin = partition->begin();
    absl::StatusOr<Offset> offset = FirstAtOrAfter(*partition, begin, time);
    if (offset.ok() || !queue_->BeginMoved(*partition, begin)) return offset;
    MR_ASSIGN_OR_RETURN(partition, Find(name));
  }
}

absl::StatusOr<Offset> TopicAdmin::FirstAtOrAfter(const PartitionLog& partition, Offset begin,
                                                  Timestamp time) const {
  const Offset end = partition.end();
  PartitionWalk walk(directory_, db_, partition);
  for (Offset at = begin; at < end; at = walk.header().end()) {
    MR_RETURN_IF_ERROR(at == begin ? walk.Seek(at) : walk.Next());
    if (walk.header().max_timestamp < time) continue;
    BatchDecoder decoder(walk.header(), walk.bytes());
    for (RecordView record; decoder.Next(&record);) {
      if (record.offset >= begin && record.timestamp >= time) return record.offset;
    }
  }
  return end;
}

absl::Status TopicAdmin::DeleteRecordsBefore(const TopicPartition& name, Offset offset) {
  MR_ASSIGN_OR_RETURN(std::shared_ptr<PartitionLog> partition, Find(name));
  return TrimPartitions(directory_, db_, queue_, {{partition, offset}});
}

absl::StatusOr<std::shared_ptr<PartitionLog>> TopicAdmin::Find(const TopicPartition& name) const {
  std::lock_guard lock(state_->mutex);
  return state_->FindPartition(name);
}

absl::StatusOr<GroupOffsets> TopicAdmin::CommittedOffsets(const std::string& group) const {
  MR_RETURN_IF_ERROR(queue_->failure());
  std::lock_guard lock(state_->mutex);
  auto it = state_->groups.find(group);
  return it == state_->groups.end() ? GroupOffsets() : it->second;
}

absl::StatusOr<std::vector<std::string>> TopicAdmin::ListGroups() const {
  MR_RETURN_IF_ERROR(queue_->failure());
  std::lock_guard lock(state_->mutex);
  std::vector<std::string> names;
  for (const auto& [name, offsets] : state_->groups) names.push_back(name);
  return names;
}

absl::Status TopicAdmin::ResetOffsets(const std::string& group, const GroupOffsets& offsets) {
  if (offsets.empty()) return absl::OkStatus();
  return queue_->Write(
      [&](LogWrite& write) -> absl::Status {
        for (const auto& [partition, offset] : offsets) {
          MR_RETURN_IF_ERROR(state_->FindPartition(partition).status());
          write.PutGroupOffset(EncodeGroupOffsetKey(group, partition), EncodeGroupOffset(offset));
        }
        return absl::OkStatus();
      },
      [&] {
        for (const auto& [partition, offset] : offsets) state_->groups[group][partition] = offset;
      });
}

}  // namespace millrace
