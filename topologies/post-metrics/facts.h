// What flows between the steps of post-metrics, and what its stores hold.
#pragma once

#include <chrono>
#include <cstdint>
#include <tuple>

#include "millrace/serde.h"
#include "millrace/time.h"
#include "schemas/engagement.h"
#include "topologies/common/rows.h"

namespace millrace::topologies::metrics {

using schemas::ReactionKind;

inline constexpr Duration kHour = std::chrono::hours(1);
// An hour takes what is recorded so long after its end.
inline constexpr Duration kGrace = std::chrono::hours(24);
// The rows of an hour are kept for so long, to take back from them.
inline constexpr Duration kKept = std::chrono::hours(24 * 31);

inline Timestamp HourOf(Timestamp time) { return std::chrono::floor<std::chrono::hours>(time); }

// A reaction is late if it was written down too late, by the database or the log, whenever it is
// read: a backlog is not read in the order of time, and loses nothing by it. Unknown times are not.
inline bool IsLate(Timestamp at, Timestamp recorded) {
  return at != kNoTimestamp && recorded >= HourOf(at) + kHour + kGrace;
}

// -- Keyed by the post. In the topic events-by-post, and from step to step. A reaction comes or is
// taken back; or the post is gone.
struct Fact {
  enum class What : uint8_t { kAdds, kTakesBack, kPostIsGone };
  What what = What::kAdds;
  ReactionKind kind = ReactionKind::kLike;
  bool is_late = false;         // it counts in no hour
  int64_t user = 0;             // who reacts
  int64_t id = 0;               // of the reaction: what tells it from others of its kind and post
  Timestamp at = kNoTimestamp;  // of the reaction, also when it is taken back; or unknown
};

// -- Store user-hours: how many comments, or shares, of a user on a post in an hour.
struct UserHour {
  Timestamp hour;
  int64_t post = 0;
  int64_t user_hash = 0;
  ReactionKind kind = ReactionKind::kComment;
};

// -- Store hours, by time, so that the oldest go first.
struct HourOfPost {
  Timestamp hour;
  int64_t post = 0;
};
struct Counts {
  int64_t likes = 0;
  int64_t comments = 0;
  int64_t shares = 0;
  int64_t impressions = 0;
  bool operator==(const Counts&) const = default;
};

// -- Store uncounted: reactions that came too late for their hour, so that it does not lose them
// when they are taken back.
struct Uncounted {
  Timestamp hour;
  int64_t post = 0;
  ReactionKind kind = ReactionKind::kLike;
  int64_t id = 0;
};

// -- Store totals: of a post, since it exists; and what was told of it last.
struct Totals {
  int64_t likes = 0;
  int64_t comments = 0;
  int64_t shares = 0;
  int64_t impressions = 0;
  int64_t told_e_bits = 0;           // of a double
  Timestamp told_at = kNoTimestamp;  // the minute; kNoTimestamp: never
};

// The count of that kind.
template <class Row>
int64_t& CountOf(ReactionKind kind, Row* counts) {
  switch (kind) {
    case ReactionKind::kLike:
      return counts->likes;
    case ReactionKind::kComment:
      return counts->comments;
    case ReactionKind::kShare:
      return counts->shares;
    case ReactionKind::kImpression:
      break;
  }
  return counts->impressions;
}

}  // namespace millrace::topologies::metrics

namespace millrace::topologies {
template <>
struct Fields<metrics::Fact> {
  using Row = metrics::Fact;
  static constexpr auto kAll = std::tuple(
      Field("what", &Row::what), Field("kind", &Row::kind), Field("is_late", &Row::is_late),
      Field("user", &Row::user), Field("id", &Row::id), Field("at", &Row::at));
};
template <>
struct Fields<metrics::UserHour> {
  using Row = metrics::UserHour;
  static constexpr auto kAll =
      std::tuple(Field("hour", &Row::hour), Field("post", &Row::post),
                 Field("user_hash", &Row::user_hash), Field("kind", &Row::kind));
};
template <>
struct Fields<metrics::HourOfPost> {
  using Row = metrics::HourOfPost;
  static constexpr auto kAll = std::tuple(Field("hour", &Row::hour), Field("post", &Row::post));
};
template <>
struct Fields<metrics::Counts> {
  using Row = metrics::Counts;
  static constexpr auto kAll =
      std::tuple(Field("likes", &Row::likes), Field("comments", &Row::comments),
                 Field("shares", &Row::shares), Field("impressions", &Row::impressions));
};
template <>
struct Fields<metrics::Uncounted> {
  using Row = metrics::Uncounted;
  static constexpr auto kAll = std::tuple(Field("hour", &Row::hour), Field("post", &Row::post),
                                          Field("kind", &Row::kind), Field("id", &Row::id));
};
template <>
struct Fields<metrics::Totals> {
  using Row = metrics::Totals;
  static constexpr auto kAll =
      std::tuple(Field("likes", &Row::likes), Field("comments", &Row::comments),
                 Field("shares", &Row::shares), Field("impressions", &Row::impressions),
                 Field("told_e_bits", &Row::told_e_bits), Field("told_at", &Row::told_at));
};
}  // namespace millrace::topologies

namespace millrace {
template <>
struct Serde<topologies::metrics::Fact> : topologies::FieldSerde<topologies::metrics::Fact> {};
template <>
struct Serde<topologies::metrics::UserHour>
    : topologies::FieldSerde<topologies::metrics::UserHour> {};
template <>
struct Serde<topologies::metrics::HourOfPost>
    : topologies::FieldSerde<topologies::metrics::HourOfPost> {};
template <>
struct Serde<topologies::metrics::Counts> : topologies::FieldSerde<topologies::metrics::Counts> {};
template <>
struct Serde<topologies::metrics::Uncounted>
    : topologies::FieldSerde<topologies::metrics::Uncounted> {};
template <>
struct Serde<topologies::metrics::Totals> : topologies::FieldSerde<topologies::metrics::Totals> {};
}  // namespace millrace
