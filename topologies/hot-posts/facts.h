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
  kTick,  // event time of `source` has reached `at`
  kIdle,  // `source` has had nothing to say for a while: do not wait for it
};

// -- Topic by-post, keyed by the post; ticks are keyed by the partition that they are meant for.
// The record's timestamp is the event time.
struct Fact {
  FactKind kind = FactKind::kPost;
  bool exists = false;
  Timestamp at;        // of a like or comment: when it was created, also when it goes
  int32_t source = 0;  // ticks: the partition that the tick comes from, of so many
  int32_t sources = 0;
};

// -- Stores likes and comments: what is not to be counted twice, and where a deletion takes it
// back.
struct LikeId {
  int64_t post = 0;
  int64_t user = 0;
};
struct Reaction {
  int64_t post = 0;
  Timestamp at;
};

// -- Store posts. A post that went is kept until every board that may have it was made.
struct PostLife {
  Timestamp created_at;
  Timestamp gone_at = Timestamp::max();
};

// -- Store minutes: in the order of time, so that an hour is one range of it.
struct PostMinute {
  Timestamp minute;
  int64_t post = 0;
};
struct Counts {
  int32_t likes = 0;
  int32_t comments = 0;
};

// -- Store removals: what went at `time` counts until the first board behind that.
struct Removal {
  Timestamp time;
  FactKind kind = FactKind::kPost;
  int64_t post = 0;
  Timestamp minute;  // of the bucket that loses one; of a post: nothing
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

}  // namespace millrace::topologies::hot

namespace millrace::topologies {
template <>
struct Fields<hot::Fact> {
  using Row = hot::Fact;
  static constexpr auto kAll =
      std::tuple(Field("kind", &Row::kind), Field("exists", &Row::exists), Field("at", &Row::at),
                 Field("source", &Row::source), Field("sources", &Row::sources));
};
template <>
struct Fields<hot::LikeId> {
  static constexpr auto kAll =
      std::tuple(Field("post", &hot::LikeId::post), Field("user", &hot::LikeId::user));
};
template <>
struct Fields<hot::Reaction> {
  static constexpr auto kAll =
      std::tuple(Field("post", &hot::Reaction::post), Field("at", &hot::Reaction::at));
};
template <>
struct Fields<hot::PostLife> {
  static constexpr auto kAll = std::tuple(Field("created_at", &hot::PostLife::created_at),
                                          Field("gone_at", &hot::PostLife::gone_at));
};
template <>
struct Fields<hot::PostMinute> {
  static constexpr auto kAll =
      std::tuple(Field("minute", &hot::PostMinute::minute), Field("post", &hot::PostMinute::post));
};
template <>
struct Fields<hot::Counts> {
  static constexpr auto kAll =
      std::tuple(Field("likes", &hot::Counts::likes), Field("comments", &hot::Counts::comments));
};
template <>
struct Fields<hot::Removal> {
  using Row = hot::Removal;
  static constexpr auto kAll = std::tuple(Field("time", &Row::time), Field("kind", &Row::kind),
                                          Field("post", &Row::post), Field("minute", &Row::minute));
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
struct Serde<topologies::hot::Fact> : topologies::FieldSerde<topologies::hot::Fact> {};
template <>
struct Serde<topologies::hot::LikeId> : topologies::FieldSerde<topologies::hot::LikeId> {};
template <>
struct Serde<topologies::hot::Reaction> : topologies::FieldSerde<topologies::hot::Reaction> {};
template <>
struct Serde<topologies::hot::PostLife> : topologies::FieldSerde<topologies::hot::PostLife> {};
template <>
struct Serde<topologies::hot::PostMinute> : topologies::FieldSerde<topologies::hot::PostMinute> {};
template <>
struct Serde<topologies::hot::Counts> : topologies::FieldSerde<topologies::hot::Counts> {};
template <>
struct Serde<topologies::hot::Removal> : topologies::FieldSerde<topologies::hot::Removal> {};
template <>
struct Serde<topologies::hot::Progress> : topologies::FieldSerde<topologies::hot::Progress> {};
template <>
struct Serde<topologies::hot::PartKey> : topologies::FieldSerde<topologies::hot::PartKey> {};
}  // namespace millrace
