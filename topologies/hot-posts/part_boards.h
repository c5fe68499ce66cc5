// The heart of hot-posts: counts the reactions to the posts of one partition, bucket by bucket, and
// makes its part of every board.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "millrace/metrics.h"
#include "millrace/processor.h"
#include "schemas/hot_board.h"
#include "topologies/hot-posts/facts.h"

namespace millrace::topologies::hot {

// What a board looks at: so many buckets back from its time. There is one at every multiple of the
// bucket.
struct BoardWindow {
  Duration bucket;
  int buckets;
  // Stores.
  std::string posts, counts, removals, progress;

  Duration length() const { return bucket * buckets; }
  std::vector<std::string> Stores() const { return {posts, counts, removals, progress}; }
};

// The board of time T is made when the event time of every source that is not idle has reached T.
// It knows all that happened before T and nothing else: what happens lies in buckets of its own
// time, and what goes waits in `removals` until a board is behind it.
class PartBoards final : public Processor<int64_t, Fact, PartKey, schemas::HotBoard> {
 public:
  explicit PartBoards(BoardWindow window) : window_(std::move(window)) {}
  void Init(Context& context) override;
  void Process(const Record<int64_t, Fact>& record, Context& context) override;

 private:
  void OnPost(int64_t post, const Fact& fact, Timestamp time);
  void OnReaction(int64_t post, const Fact& fact, Timestamp time);
  void OnTick(const Fact& tick, Context& context);
  // Adds `by` to the bucket.
  void Count(FactKind kind, const PostBucket& bucket, int32_t by);
  // How far all sources have come; nullopt while one of them was never heard of.
  std::optional<Timestamp> TimeOfAll(int32_t sources) const;

  void MakeBoard(Timestamp time, int32_t partitions, Context& context);
  void ApplyRemovals(Timestamp before);
  void Apply(const Removal& removal, int32_t count);
  void DropBuckets(Timestamp before);
  // Sums the buckets of [from, to) into totals_.
  void Sum(Timestamp from, Timestamp to);
  void AddCandidate(int64_t post, const Counts& counts, Timestamp time);

  const BoardWindow window_;
  KeyValueStore<int64_t, PostLife> posts_;
  KeyValueStore<PostBucket, Counts> counts_;
  KeyValueStore<Removal, int32_t> removals_;
  KeyValueStore<int32_t, Progress> progress_;
  Timestamp made_ = kNoTimestamp;  // the last board
  Counter* late_ = nullptr;        // reactions behind the board that should have had them
  Gauge* active_ = nullptr;        // posts with something in the window of the last board

  // Scratch of one board.
  absl::flat_hash_map<int64_t, Counts> totals_;
  schemas::HotBoard board_;
};

}  // namespace millrace::topologies::hot
