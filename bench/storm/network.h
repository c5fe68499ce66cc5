// The network of the storm: one star whom very many follow, and ordinary authors with a few dozen
// followers each, all of them followers of the star, too.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "millrace/log.h"
#include "schemas/topics.h"

namespace millrace::storm {

constexpr int64_t kStar = 1;

struct Network {
  int64_t followers = 1'000'000;  // of the star
  int64_t authors = 200;
  int64_t fans = 50;  // of each ordinary author

  int64_t Author(int64_t index) const { return kStar + 1 + index % authors; }
  int64_t Fan(int64_t index) const { return 1'000'000 + index % followers; }
};

// Puts rows into the change topics. One thread.
class NetworkWriter {
 public:
  static absl::StatusOr<std::unique_ptr<NetworkWriter>> Open(Log* log);

  // Follows of all, as a snapshot has them, `age` before now.
  absl::Status PutFollows(const Network& network);
  // The id that the next post will have.
  int64_t next_post() const { return next_post_; }
  // A new post, durable when this returns.
  absl::Status PutPost(int64_t author);

 private:
  explicit NetworkWriter(std::unique_ptr<LogProducer> producer) : producer_(std::move(producer)) {}
  absl::Status PutFollow(int64_t user, int64_t author, Timestamp at);
  template <class K, class V>
  absl::Status Put(TopicHandle topic, const K& key, const V& value, Timestamp at);

  std::unique_ptr<LogProducer> producer_;
  TopicHandle posts_;
  TopicHandle follows_;
  int64_t next_post_ = 0;
  std::string key_;
  std::string value_;
};

}  // namespace millrace::storm
