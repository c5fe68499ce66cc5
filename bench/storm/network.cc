#include "bench/storm/network.h"

#include <chrono>
#include <string>

#include "millrace/partitioner.h"
#include "millrace/status.h"

namespace millrace::storm {
namespace {

using debezium::Change;
using debezium::Op;

constexpr int kFollowsPerCommit = 10'000;

template <class Row>
Change<Row> ChangeOf(Op op, const Row& row, Timestamp at) {
  Change<Row> change{.op = op, .after = row};
  change.source.time = at;
  return change;
}

}  // namespace

absl::StatusOr<std::unique_ptr<NetworkWriter>> NetworkWriter::Open(Log* log) {
  MR_ASSIGN_OR_RETURN(auto producer, log->NewProducer({.transactional_id = "storm"}));
  std::unique_ptr<NetworkWriter> writer(new NetworkWriter(std::move(producer)));
  MR_ASSIGN_OR_RETURN(writer->posts_, writer->producer_->OpenTopic(topics::kPosts.name()));
  MR_ASSIGN_OR_RETURN(writer->follows_, writer->producer_->OpenTopic(topics::kFollows.name()));
  // Greater than all of earlier runs.
  writer->next_post_ = ToMillis(Clock::System()->Now()) * 1000;
  return writer;
}

template <class K, class V>
absl::Status NetworkWriter::Put(TopicHandle topic, const K& key, const V& value, Timestamp at) {
  key_.clear();
  value_.clear();
  Serde<K>::Encode(key, &key_);
  Serde<V>::Encode(value, &value_);
  return producer_->Produce(topic, PartitionForKey(key_, topic.partitions),
                            {.key = key_, .value = value_, .timestamp = at});
}

absl::Status NetworkWriter::PutFollow(int64_t user, int64_t author, Timestamp at) {
  return Put(follows_, schemas::FollowKey{user, author},
             ChangeOf(Op::kSnapshot, schemas::Follow{user, author, at}, at), at);
}

absl::Status NetworkWriter::PutFollows(const Network& network) {
  const Timestamp at = Clock::System()->Now() - std::chrono::hours(24);
  int pending = 0;
  const auto put = [&](int64_t user, int64_t author) {
    MR_RETURN_IF_ERROR(PutFollow(user, author, at));
    if (++pending % kFollowsPerCommit != 0) return absl::OkStatus();
    return producer_->Commit({}).status();
  };
  for (int64_t fan = 0; fan < network.followers; ++fan) {
    MR_RETURN_IF_ERROR(put(network.Fan(fan), kStar));
  }
  for (int64_t author = 0; author < network.authors; ++author) {
    for (int64_t fan = 0; fan < network.fans; ++fan) {
      // Spread over all users, each once per author.
      const int64_t user = network.Fan(author * 7919 + fan * (network.followers / network.fans));
      MR_RETURN_IF_ERROR(put(user, network.Author(author)));
    }
  }
  return producer_->Commit({}).status();
}

absl::Status NetworkWriter::PutPost(int64_t author) {
  const Timestamp at = Clock::System()->Now();
  const schemas::Post post{.id = next_post_++, .author = author, .created_at = at};
  MR_RETURN_IF_ERROR(Put(posts_, schemas::PostKey{post.id}, ChangeOf(Op::kCreate, post, at), at));
  return producer_->Commit({}).status();
}

}  // namespace millrace::storm
