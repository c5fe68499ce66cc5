// What flows between the steps of hot-posts, and what its stores hold.
#pragma once

#include <cstdint>
#include <tuple>

#include "millrace/serde.h"
#include "millrace/time.h"
#include "topologies/common/fields.h"

namespace millrace::topologies::hot {

enum class FactKind : uint8_t {
  kPost,
  kLike,
  kComment,
  kShare,
  kImpression,
  kTick,  // event time of `source` has reached `at`
  kIdle,  // `source` has had nothing to say for a while: do not wait for it
};

// -- Topic by-post, keyed by the post; ticks are keyed by the partition that they are meant for.
// The record's timestamp is how far the fact brings the clock; of what goes, when it went.
struct Fact {
  FactKind kind = FactKind::kPost;
  bool exists = false;
  Timestamp at;        // when the post, like or comment was made, also when it goes
  int64_t event = 0;   // shares and impressions: a hash of the event's id
  int32_t source = 0;  // ticks: the partition that the tick comes from, of so many
  int32_t sources = 0;
};

// -- What follows is twice: for the board of the hour, and for that of the day.

// -- Store posts. A post that went is kept until every board that may have it was made.
struct PostLife {
  Timestamp created_at;
  Timestamp gone_at = Timestamp::max();
};

// -- Stores minutes and hours: in the order of time, so that a window is one range of it.
struct PostBucket {
  Timestamp start;
  int64_t post = 0;
};
struct Counts {
  int32_t likes = 0;
  int32_t comments = 0;
  int32_t shares = 0;
  int32_t impressions = 0;
  bool operator==(const Counts&) const = default;
};

// -- Store removals: what went at `time` counts until the first board behind that.
struct Removal {
  Timestamp time;
  FactKind kind = FactKind::kPost;
  int64_t post = 0;
  Timestamp bucket;  // that loses one; of a post: nothing
};

// -- Store progress: per source; under kBoardMade, the time of the last board.
struct Progress {
  Timestamp time = kNoTimestamp;
  bool idle = false;
};
inline constexpr int32_t kBoardMade = -1;

// -- Topic boards: whose part of the board it is.
struct PartKey {
  int32_t partition = 0;
  int32_t partitions = 0;
};

// -- Stores parts: in the order of time, so that what is behind a board goes with it.
struct PartAt {
  Timestamp time;
  int32_t partition = 0;
};

}  // namespace millrace::topologies::hot

namespace millrace::topologies {
template <>
struct Fields<hot::PartAt> {
  static constexpr auto kAll =
      std::tuple(Field("time", &hot::PartAt::time), Field("partition", &hot::PartAt::partition));
};
template <>
struct Fields<hot::Fact> {
  using Row = hot::Fact;
  static constexpr auto kAll = std::tuple(
      Field("kind", &Row::kind), Field("exists", &Row::exists), Field("at", &Row::at),
      Field("event", &Row::event), Field("source", &Row::source), Field("sources", &Row::sources));
};
template <>
struct Fields<hot::PostLife> {
  static constexpr auto kAll = std::tuple(Field("created_at", &hot::PostLife::created_at),
                                          Field("gone_at", &hot::PostLife::gone_at));
};
template <>
struct Fields<hot::PostBucket> {
  static constexpr auto kAll =
      std::tuple(Field("start", &hot::PostBucket::start), Field("post", &hot::PostBucket::post));
};
template <>
struct Fields<hot::Counts> {
  using Row = hot::Counts;
  static constexpr auto kAll =
      std::tuple(Field("likes", &Row::likes), Field("comments", &Row::comments),
                 Field("shares", &Row::shares), Field("impressions", &Row::impressions));
};
template <>
struct Fields<hot::Removal> {
  using Row = hot::Removal;
  static constexpr auto kAll = std::tuple(Field("time", &Row::time), Field("kind", &Row::kind),
                                          Field("post", &Row::post), Field("bucket", &Row::bucket));
};
template <>
struct Fields<hot::Progress> {
  static constexpr auto kAll =
      std::tuple(Field("time", &hot::Progress::time), Field("idle", &hot::Progress::idle));
};
template <>
struct Fields<hot::PartKey> {
  static constexpr auto kAll = std::tuple(Field("partition", &hot::PartKey::partition),
                                          Field("partitions", &hot::PartKey::partitions));
};
}  // namespace millrace::topologies

namespace millrace {
template <>
struct Serde<topologies::hot::PartAt> : topologies::FieldSerde<topologies::hot::PartAt> {};
template <>
struct Serde<topologies::hot::Fact> : topologies::FieldSerde<topologies::hot::Fact> {};
template <>
struct Serde<topologies::hot::PostLife> : topologies::FieldSerde<topologies::hot::PostLife> {};
template <>
struct Serde<topologies::hot::PostBucket> : topologies::FieldSerde<topologies::hot::PostBucket> {};
template <>
struct Serde<topologies::hot::Counts> : topologies::FieldSerde<topologies::hot::Counts> {};
template <>
struct Serde<topologies::hot::Removal> : topologies::FieldSerde<topologies::hot::Removal> {};
template <>
struct Serde<topologies::hot::Progress> : topologies::FieldSerde<topologies::hot::Progress> {};
template <>
struct Serde<topologies::hot::PartKey> : topologies::FieldSerde<topologies::hot::PartKey> {};
}  // namespace millrace
