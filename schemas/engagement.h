// How posts fare: by clock hour, and as one number that rankings use.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <utility>

#include "connectors/debezium/columns.h"
#include "connectors/debezium/row_codec.h"
#include "millrace/serde.h"
#include "millrace/time.h"

namespace millrace::schemas {

// Topic post.metrics.1h.v1: a row per post and clock hour, in the partition of the post.
struct PostHour {
  int64_t post = 0;
  Timestamp hour = kNoTimestamp;  // its beginning
  auto operator<=>(const PostHour&) const = default;
};

struct PostMetrics {
  int64_t post = 0;
  Timestamp hour = kNoTimestamp;
  int64_t likes = 0;
  int64_t comments = 0;
  int64_t shares = 0;
  int64_t impressions = 0;
  bool operator==(const PostMetrics&) const = default;
};

// Topic post.e.v1, keyed by the post: its engagement since it exists.
struct PostEngagement {
  int64_t post = 0;
  int64_t likes = 0;
  int64_t comments = 0;
  int64_t shares = 0;
  int64_t impressions = 0;
  double e = 0;  // log1p((L + 2 C + 3 S) / impressions) in the profile of the topology
  bool operator==(const PostEngagement&) const = default;
};

enum class ReactionKind : uint8_t { kLike, kComment, kShare, kImpression };

// Topic post.metrics.late.v1, keyed by the post: a reaction that came when its hour was closed.
struct LateReaction {
  int64_t post = 0;
  ReactionKind kind = ReactionKind::kLike;
  Timestamp at = kNoTimestamp;
  bool operator==(const LateReaction&) const = default;
};

}  // namespace millrace::schemas

namespace millrace::debezium {

template <>
struct EnumNames<schemas::ReactionKind> {
  using Kind = schemas::ReactionKind;
  static constexpr std::array<std::pair<Kind, std::string_view>, 4> kAll = {{
      {Kind::kLike, "like"},
      {Kind::kComment, "comment"},
      {Kind::kShare, "share"},
      {Kind::kImpression, "impression"},
  }};
};

template <>
struct Columns<schemas::LateReaction> {
  using Row = schemas::LateReaction;
  static constexpr auto kAll =
      std::tuple(Column("post_id", &Row::post), Column("kind", &Row::kind), Column("at", &Row::at));
};

template <>
struct Columns<schemas::PostHour> {
  using Row = schemas::PostHour;
  static constexpr auto kAll =
      std::tuple(Column("post_id", &Row::post), Column("hour", &Row::hour));
};

template <>
struct Columns<schemas::PostMetrics> {
  using Row = schemas::PostMetrics;
  static constexpr auto kAll =
      std::tuple(Column("post_id", &Row::post), Column("hour", &Row::hour),
                 Column("likes", &Row::likes), Column("comments", &Row::comments),
                 Column("shares", &Row::shares), Column("impressions", &Row::impressions));
};

template <>
struct Columns<schemas::PostEngagement> {
  using Row = schemas::PostEngagement;
  static constexpr auto kAll =
      std::tuple(Column("post_id", &Row::post), Column("likes", &Row::likes),
                 Column("comments", &Row::comments), Column("shares", &Row::shares),
                 Column("impressions", &Row::impressions), Column("e", &Row::e));
};

}  // namespace millrace::debezium

template <>
struct millrace::Serde<millrace::schemas::PostHour>
    : millrace::debezium::RowSerde<millrace::schemas::PostHour> {};
template <>
struct millrace::Serde<millrace::schemas::PostMetrics>
    : millrace::debezium::RowSerde<millrace::schemas::PostMetrics> {};
template <>
struct millrace::Serde<millrace::schemas::PostEngagement>
    : millrace::debezium::RowSerde<millrace::schemas::PostEngagement> {};
template <>
struct millrace::Serde<millrace::schemas::LateReaction>
    : millrace::debezium::RowSerde<millrace::schemas::LateReaction> {};
