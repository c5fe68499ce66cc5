#include "commit/committer.h"

#include <algorithm>
#include <utility>

#include "millrace/status.h"

namespace millrace {

void Committer::Bind(LogProducer* producer) {
  producer_ = producer;
  handles_.clear();
  changelog_added_ = false;
}

absl::StatusOr<TopicHandle> Committer::Open(const std::string& topic) {
  const auto it = handles_.find(topic);
  if (it != handles_.end()) return it->second;
  MR_ASSIGN_OR_RETURN(TopicHandle handle, producer_->OpenTopic(topic));
  handles_.emplace(topic, handle);
  return handle;
}

absl::Status Committer::AddChangelog(const CommitPart& part) {
  const detail::StoreSpec* current = nullptr;
  TopicHandle handle;
  return part.stores->CollectChanges(
      [&](const detail::StoreSpec& store, const ChangelogRecord& change) -> absl::Status {
        if (&store != current) {
          MR_ASSIGN_OR_RETURN(handle, Open(part.changelogs->at(store.name)));
          current = &store;
        }
        OutgoingRecord record;
        record.key = change.key;
        record.value = change.value;
        record.timestamp = change.timestamp;
        record.headers = change.headers;
        return producer_->Produce(handle, part.partition, record);
      });
}

absl::Status Committer::ApplyToStores(std::span<const CommitPart> parts,
                                      std::span<const ProducedRange> ranges) {
  std::vector<ChangelogPosition> positions;
  bool first = true;
  for (const CommitPart& part : parts) {
    if (part.stores == nullptr) continue;
    if (!std::exchange(first, false)) Reached(CrashPoint::kBetweenStores);
    positions = part.sources;
    for (const auto& [store, topic] : *part.changelogs) {
      for (const ProducedRange& range : ranges) {
        if (range.partition.partition == part.partition && range.partition.topic == topic) {
          positions.push_back({store, range.end});
        }
      }
    }
    MR_RETURN_IF_ERROR(part.stores->Apply(positions));
  }
  return absl::OkStatus();
}

absl::Status Committer::Commit(std::span<const CommitPart> parts, const GroupOffsets& consumed,
                               const std::string& member) {
  for (const CommitPart& part : parts) {
    if (part.stores != nullptr) MR_RETURN_IF_ERROR(part.stores->health());
  }
  if (!changelog_added_) {
    Reached(CrashPoint::kBeforeChangelog);
    for (const CommitPart& part : parts) {
      if (part.stores != nullptr) MR_RETURN_IF_ERROR(AddChangelog(part));
    }
    changelog_added_ = true;
  }
  Reached(CrashPoint::kAfterChangelog);
  MR_ASSIGN_OR_RETURN(std::vector<ProducedRange> ranges,
                      producer_->Commit({.group = group_, .consumed = consumed, .member = member}));
  changelog_added_ = false;
  Reached(CrashPoint::kAfterLogCommit);
  MR_RETURN_IF_ERROR(ApplyToStores(parts, ranges));
  Reached(CrashPoint::kAfterApply);
  return absl::OkStatus();
}

}  // namespace millrace
