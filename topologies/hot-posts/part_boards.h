// The heart of hot-posts: counts the reactions to the posts of one partition, minute by minute, and
// makes its part of every board.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "millrace/processor.h"
#include "schemas/hot_board.h"
#include "topologies/hot-posts/facts.h"

namespace millrace::topologies::hot {

// The board of minute T is made when the event time of every source that is not idle has reached T.
// It knows all that happened before T and nothing else: likes and comments lie in buckets of their
// own minute, and what goes waits in `removals` until a board is behind it.
class PartBoards final : public Processor<int64_t, Fact, PartKey, schemas::HotBoard> {
 public:
  void Init(Context& context) override;
  void Process(const Record<int64_t, Fact>& record, Context& context) override;

 private:
  void OnPost(int64_t post, const Fact& fact, Timestamp time);
  void OnReaction(int64_t post, const Fact& fact, Timestamp time);
  void OnTick(const Fact& tick, Context& context);
  // Adds `by` to the bucket of a like or comment.
  void Count(FactKind kind, int64_t post, Timestamp minute, int32_t by);
  // How far all sources have come; nullopt while one of them was never heard of.
  std::optional<Timestamp> TimeOfAll(int32_t sources) const;

  void MakeBoard(Timestamp time, int32_t partitions, Context& context);
  void ApplyRemovals(Timestamp before);
  void Apply(const Removal& removal, int32_t count);
  void DropMinutes(Timestamp before);
  // Sums the buckets of [from, to) into totals_.
  void Sum(Timestamp from, Timestamp to);
  void AddCandidate(int64_t post, const Counts& counts, Timestamp time);

  KeyValueStore<int64_t, PostLife> posts_;
  KeyValueStore<PostMinute, Counts> minutes_;
  KeyValueStore<Removal, int32_t> removals_;
  KeyValueStore<int32_t, Progress> progress_;
  Timestamp made_ = kNoTimestamp;  // the last board

  // Scratch of one board.
  absl::flat_hash_map<int64_t, Counts> totals_;
  schemas::HotBoard board_;
};

}  // namespace millrace::topologies::hot
