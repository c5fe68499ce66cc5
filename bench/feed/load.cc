#include "bench/feed/load.h"

#include <string>

#include "generator/fact_writer.h"
#include "millrace/partitioner.h"
#include "millrace/status.h"

namespace millrace::bench {
namespace {

constexpr size_t kTransactionBytes = 8 << 20;
constexpr std::chrono::hours kLive(6);

}  // namespace

gen::RecordStream::Options StreamOf(const NetworkSize& size, Timestamp now) {
  gen::SocialNetwork::Options network{.seed = size.seed,
                                      .users = size.users,
                                      .follows = size.follows,
                                      .posts = 0,
                                      .history = std::chrono::hours(24 * 30),
                                      .changes = size.posts,
                                      .posts_per_author = 90};
  network.mix.weights = {};
  network.mix.weights[static_cast<size_t>(gen::FactKind::kPost)] = 1;
  network.gap = std::chrono::microseconds(kLive) / std::max<uint32_t>(size.posts, 1);
  network.start = std::chrono::floor<std::chrono::seconds>(now) - kLive;
  return gen::RecordStream::Tables(network);
}

absl::StatusOr<Loader> Loader::Open(Log* log, const NetworkSize& size, Timestamp now) {
  MR_ASSIGN_OR_RETURN(auto producer, log->NewProducer({}));
  Loader loader(std::make_unique<gen::RecordStream>(StreamOf(size, now)), std::move(producer));
  for (const std::string_view topic : gen::kGeneratedTopics) {
    const std::string name(topic);
    MR_RETURN_IF_ERROR(log->CreateTopic(name, {.partitions = size.partitions}));
    MR_ASSIGN_OR_RETURN(loader.topics_[name], loader.producer_->OpenTopic(name));
  }
  return loader;
}

absl::Status Loader::Produce(const gen::ChangeRecord& record) {
  const TopicHandle topic = topics_.find(record.topic)->second;
  MR_RETURN_IF_ERROR(producer_->Produce(topic, PartitionForKey(record.key, topic.partitions),
                                        record.AsOutgoing()));
  if (producer_->PendingBytes() < kTransactionBytes) return absl::OkStatus();
  return producer_->Commit({}).status();
}

absl::Status Loader::LoadSnapshot() {
  // The snapshot holds follows and nothing else holds any.
  while ((has_next_ = stream_->Next(&next_)) && next_.topic == gen::kFollowsTopic) {
    MR_RETURN_IF_ERROR(Produce(next_));
  }
  return producer_->Commit({}).status();
}

absl::Status Loader::LoadRest() {
  for (; has_next_; has_next_ = stream_->Next(&next_)) MR_RETURN_IF_ERROR(Produce(next_));
  return producer_->Commit({}).status();
}

absl::StatusOr<int64_t> RecordsIn(Log* log, const std::string& topic) {
  absl::StatusOr<TopicDescription> description = log->DescribeTopic(topic);
  if (absl::IsNotFound(description.status())) return 0;
  MR_RETURN_IF_ERROR(description.status());
  int64_t records = 0;
  for (const PartitionDescription& partition : description->partitions) {
    records += partition.end - partition.begin;
  }
  return records;
}

}  // namespace millrace::bench
