// The boards that a run of hot-posts has written.
#pragma once

#include <chrono>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "millrace/topology_driver.h"
#include "schemas/topics.h"

namespace millrace::topologies {

class BoardReader {
 public:
  using BoardTopic = Topic<schemas::HotBoardKey, schemas::HotBoard>;
  explicit BoardReader(TopologyDriver* driver, const BoardTopic& topic = topics::kHotPosts)
      : driver_(driver), topic_(topic) {}

  // Lets every task without records say that it is idle, so that nothing is waited for.
  void Settle() {
    for (int i = 0; i < 2; ++i) driver_->AdvanceWallClock(std::chrono::seconds(5));
  }

  // All boards so far, by time. No board is made twice, and none after a later one.
  const std::map<Timestamp, schemas::HotBoard>& Read() {
    for (const auto& record : driver_->Drain(topic_)) {
      EXPECT_EQ(record.key->time, record.value->time);
      EXPECT_EQ(record.timestamp, record.value->time);
      EXPECT_TRUE(boards_.empty() || boards_.rbegin()->first < record.value->time);
      boards_[record.value->time] = *record.value;
    }
    return boards_;
  }

  schemas::HotBoard Last() {
    Settle();
    Read();
    return boards_.empty() ? schemas::HotBoard() : boards_.rbegin()->second;
  }

  // Posts of the last board, best first.
  std::vector<int64_t> LastPosts() {
    std::vector<int64_t> posts;
    for (const schemas::HotPost& post : Last().posts) posts.push_back(post.post);
    return posts;
  }

 private:
  TopologyDriver* driver_;
  const BoardTopic topic_;
  std::map<Timestamp, schemas::HotBoard> boards_;
};

}  // namespace millrace::topologies
