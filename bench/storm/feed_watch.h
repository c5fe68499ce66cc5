// FeedWatch: how long it takes until a post is in all feeds, seen by a reader of feed.entries.v1.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "millrace/log.h"

namespace millrace::storm {

class FeedWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Reads on a thread of its own what comes into the topic from now on.
  static absl::StatusOr<std::unique_ptr<FeedWatch>> Start(Log* log);
  ~FeedWatch();

  // From `sent` until this post is in so many feeds is a delay. To be called before the post is
  // there. Thread-safe.
  void Expect(int64_t post, int64_t rows, Time sent);
  // Posts that are not in all feeds yet.
  size_t Outstanding() const;
  // Takes the delays that were measured since the last call, the shortest first.
  std::vector<double> TakeDelays();

 private:
  struct Expected {
    int64_t rows = 0;
    Time sent;
  };

  FeedWatch() = default;
  void Run();
  void See(const RecordBatch& batch);

  std::vector<TopicPartition> partitions_;
  std::unique_ptr<LogReader> reader_;
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_;
  absl::flat_hash_map<int64_t, Expected> expected_;
  std::vector<double> delays_;
  std::thread thread_;
};

// What the topic holds of an author, from its beginning.
struct Deliveries {
  int64_t posts = 0;
  int64_t rows = 0;
  int64_t repeated = 0;  // rows of a post for a user who had it
  int64_t rows_per_post_min = 0;
};
absl::StatusOr<Deliveries> CountDeliveries(Log* log, int64_t author);

}  // namespace millrace::storm
