// The feeds that a run of feed-fan-out has left behind, by both ways of looking at them.
#pragma once

#include <map>
#include <set>
#include <utility>

#include <gtest/gtest.h>

#include "millrace/topology_driver.h"
#include "schemas/topics.h"
#include "topologies/feed-fan-out/user_rows.h"

namespace millrace::topologies {

using FeedSet = std::set<std::pair<int64_t, int64_t>>;  // user, post

// Follows feed.entries.v1 as a reader would: the last record of each key counts.
class FeedReader {
 public:
  explicit FeedReader(TopologyDriver* driver) : driver_(driver) {}

  const FeedSet& Read() {
    for (const auto& record : driver_->Drain(topics::kFeedEntries)) {
      const std::pair<int64_t, int64_t> entry(record.key->user, record.key->post);
      if (record.value.has_value()) {
        entries_.insert(entry);
        EXPECT_EQ(record.value->user, record.key->user);
        EXPECT_EQ(record.value->post, record.key->post);
      } else {
        entries_.erase(entry);
      }
    }
    return entries_;
  }

 private:
  TopologyDriver* driver_;
  FeedSet entries_;
};

// With the reserve behind them, if they are full.
inline FeedSet FeedsInStore(TopologyDriver* driver) {
  FeedSet entries;
  for (const auto& row : driver->ReadStore<feed::FeedPosition, feed::FeedRow>("feeds")) {
    entries.insert({row.key.user, row.key.post});
  }
  return entries;
}

}  // namespace millrace::topologies
