// Changes as cdc-normalise writes them, for tests of the topologies behind it: whole rows on both
// sides, each change once, keyed for their consumers, at the time of the event.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "millrace/topology_driver.h"
#include "schemas/topics.h"

namespace millrace::topologies {

class NormalDatabase {
 public:
  using Op = debezium::Op;
  explicit NormalDatabase(TopologyDriver* driver) : driver_(driver) {}

  void Put(const schemas::Post& row, Timestamp at, Op op = Op::kCreate) {
    Send(topics::kNormalPosts, schemas::PostId{row.id}, Upserted(&posts_[row.id], row, op), at);
  }
  void Put(const schemas::Follow& row, Timestamp at, Op op = Op::kCreate) {
    Send(topics::kNormalFollows, schemas::UserId{row.follower},
         Upserted(&follows_[{row.follower, row.followee}], row, op), at);
  }
  void Put(const schemas::Like& row, Timestamp at, Op op = Op::kCreate) {
    Send(topics::kNormalLikes, schemas::PostId{row.post},
         Upserted(&likes_[{row.post, row.user}], row, op), at);
  }
  void Put(const schemas::Comment& row, Timestamp at, Op op = Op::kCreate) {
    Send(topics::kNormalComments, schemas::PostId{row.post}, Upserted(&comments_[row.id], row, op),
         at);
  }

  // When the database writes down what comes next; kNoTimestamp: it does not say.
  void set_committed(Timestamp at) { committed_ = at; }

  void Remove(const schemas::PostKey& key, Timestamp at) {
    Send(topics::kNormalPosts, schemas::PostId{key.id}, Deleted(&posts_[key.id]), at);
  }
  void Remove(const schemas::FollowKey& key, Timestamp at) {
    Send(topics::kNormalFollows, schemas::UserId{key.follower},
         Deleted(&follows_[{key.follower, key.followee}]), at);
  }
  void Remove(const schemas::LikeKey& key, Timestamp at) {
    Send(topics::kNormalLikes, schemas::PostId{key.post}, Deleted(&likes_[{key.post, key.user}]),
         at);
  }
  void Remove(const schemas::CommentKey& key, Timestamp at) {
    const auto change = Deleted(&comments_[key.id]);
    Send(topics::kNormalComments, schemas::PostId{change.before->post}, change, at);
  }

 private:
  template <class Row>
  static debezium::Change<Row> Upserted(std::optional<Row>* stored, const Row& row, Op op) {
    debezium::Change<Row> change{.op = op, .before = *stored, .after = row};
    *stored = row;
    return change;
  }
  template <class Row>
  static debezium::Change<Row> Deleted(std::optional<Row>* stored) {
    EXPECT_TRUE(stored->has_value()) << "the test deletes a row that is not there";
    debezium::Change<Row> change{.op = Op::kDelete, .before = *stored};
    stored->reset();
    return change;
  }
  template <class K, class Row>
  void Send(const Topic<K, debezium::Change<Row>>& topic, const K& key,
            debezium::Change<Row> change, Timestamp at) {
    change.source.time = committed_;
    driver_->Pipe(topic, key, change, at);
  }

  TopologyDriver* driver_;
  Timestamp committed_ = kNoTimestamp;
  std::map<int64_t, std::optional<schemas::Post>> posts_;
  std::map<std::pair<int64_t, int64_t>, std::optional<schemas::Follow>> follows_;
  std::map<std::pair<int64_t, int64_t>, std::optional<schemas::Like>> likes_;
  std::map<std::string, std::optional<schemas::Comment>> comments_;
};

}  // namespace millrace::topologies
