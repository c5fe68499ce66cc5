// The measurements of `./dev bench feed`, each on a local log in a directory of its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/feed/load.h"

namespace millrace::bench {

// Pages of twenty posts as an application reads them (FeedPages), of users by chance.
struct PagesResult {
  std::vector<double> computed_millis;  // from the stores
  std::vector<double> cached_millis;
};
// On a log with change topics and what feed-fan-out made of them. Runs cdc-normalise and feed-cache
// with their state in `state`. `log` is borrowed.
absl::StatusOr<PagesResult> MeasurePages(const NetworkSize& size, const std::string& state,
                                         Log* log);

// A post that comes into a feed is a delivery.
struct FeedsResult {
  int64_t follows = 0;
  int64_t deliveries = 0;
  double seconds = 0;        // from the first post to the last delivery that is committed
  double cpu_seconds = 0;    // of the whole process: engine, log, compactions
  int64_t follow_bytes = 0;  // of state, before the first post
  int64_t state_bytes = 0;   // behind the last one
  int64_t log_bytes = 0;
  double restart_seconds = 0;       // state is there: from Create() to the first record it may take
  double rebuild_seconds = 0;       // state is lost: everything from the changelogs
  std::vector<double> page_millis;  // one range of 20 entries each, of users by chance
  PagesResult pages;
};
absl::StatusOr<FeedsResult> MeasureFeeds(const NetworkSize& size, const std::string& directory);

// Milliseconds from a like, before its commit into cdc.likes, to the committed row of feed-rank
// that scores with it, one like after the other, through all topologies in between. (user.feeds.v1
// shows the new places of a feed at most once a minute.)
struct LikeToRankResult {
  std::vector<double> millis;
  int64_t unanswered = 0;  // no change within ten seconds
};
absl::StatusOr<LikeToRankResult> MeasureLikeToRank(const NetworkSize& size, int likes,
                                                   const std::string& directory);

}  // namespace millrace::bench
