// Changes of the social product's rows, as a connector would publish them, for tests that pipe them
// through a topology. Rows of posts, follows and comments have replica identity DEFAULT: what is
// deleted says nothing but its key.
#pragma once

#include <optional>
#include <string>

#include "millrace/topology_driver.h"
#include "schemas/topics.h"

namespace millrace::topologies {

using debezium::Change;
using debezium::Op;

constexpr Timestamp Ms(int64_t millis) { return TimestampFromMillis(millis); }

template <class Row>
Change<Row> Upsert(Op op, const Row& row, Timestamp at) {
  return {.op = op, .after = row, .source = {.time = at}};
}

template <class Row>
Change<Row> Delete(const Row& key_only, Timestamp at) {
  return {.op = Op::kDelete, .before = key_only, .source = {.time = at}};
}

// Writes changes into a driver; `at` is the time of the commit and of the record.
class SocialDatabase {
 public:
  explicit SocialDatabase(TopologyDriver* driver) : driver_(driver) {}

  void Put(const schemas::Post& row, Timestamp at, Op op = Op::kCreate) {
    driver_->Pipe(topics::kPosts, schemas::PostKey{row.id}, Upsert(op, row, at), at);
  }
  void Put(const schemas::Follow& row, Timestamp at, Op op = Op::kCreate) {
    driver_->Pipe(topics::kFollows, schemas::FollowKey{row.follower, row.followee},
                  Upsert(op, row, at), at);
  }
  void Put(const schemas::Like& row, Timestamp at, Op op = Op::kCreate) {
    driver_->Pipe(topics::kLikes, schemas::LikeKey{row.post, row.user}, Upsert(op, row, at), at);
  }
  void Put(const schemas::Comment& row, Timestamp at, Op op = Op::kCreate) {
    driver_->Pipe(topics::kComments, schemas::CommentKey{row.id}, Upsert(op, row, at), at);
  }

  // A deletion and its tombstone.
  void Remove(const schemas::PostKey& key, Timestamp at) {
    driver_->Pipe(topics::kPosts, key, Delete(schemas::Post{.id = key.id, .created_at = Ms(0)}, at),
                  at);
    driver_->Pipe(topics::kPosts, key, std::nullopt, at);
  }
  void Remove(const schemas::FollowKey& key, Timestamp at) {
    const schemas::Follow row{key.follower, key.followee, Ms(0)};
    driver_->Pipe(topics::kFollows, key, Delete(row, at), at);
    driver_->Pipe(topics::kFollows, key, std::nullopt, at);
  }
  void Remove(const schemas::LikeKey& key, Timestamp at) {
    const schemas::Like row{.post = key.post, .user = key.user, .created_at = Ms(0)};
    driver_->Pipe(topics::kLikes, key, Delete(row, at), at);
    driver_->Pipe(topics::kLikes, key, std::nullopt, at);
  }
  void Remove(const schemas::CommentKey& key, Timestamp at) {
    driver_->Pipe(topics::kComments, key,
                  Delete(schemas::Comment{.id = key.id, .created_at = Ms(0)}, at), at);
    driver_->Pipe(topics::kComments, key, std::nullopt, at);
  }

 private:
  TopologyDriver* driver_;
};

}  // namespace millrace::topologies
