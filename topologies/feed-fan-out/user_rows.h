// What is kept of users, who read: the second half of feed-fan-out. All of a user, and all about an
// author's followers of one partition, lies in one task.
#pragma once

#include <cstdint>
#include <limits>
#include <tuple>

#include "millrace/serde.h"
#include "millrace/time.h"
#include "schemas/feed_entry.h"
#include "topologies/common/fields.h"
#include "topologies/feed-fan-out/author_rows.h"
#include "topologies/feed-fan-out/rule.h"

namespace millrace::topologies::feed {

// -- Store followers: by author, for fan-out; store following: the same rows by user.
struct AuthorFollower {
  int64_t author = 0;
  int64_t follower = 0;
};
struct FollowerAuthor {
  int64_t follower = 0;
  int64_t author = 0;
};
struct FollowedAt {
  Timestamp created_at;
};

// -- Store pulled: authors whose posts, or some of them, are found at reading.
struct PulledAuthor {
  Tier tier = Tier::kPull;
};

// -- Store feeds: one user's feed is a range of it, newest first.
struct FeedPosition {
  int64_t user = 0;
  Timestamp created_at;
  int64_t post = 0;
  // A post that moves to another author is for a moment in the feed on account of both, since the
  // news of the two authors come from two tasks in any order.
  int64_t author = 0;

  PostAt at() const { return {created_at, post}; }
  bool operator==(const FeedPosition&) const = default;
};
struct FeedRow {
  schemas::FeedSource source = schemas::FeedSource::kPush;
  Timestamp read_at = kNoTimestamp;
};

// -- Store feed-posts: where in the feed a post is.
struct FeedPost {
  int64_t user = 0;
  int64_t post = 0;
  int64_t author = 0;
};
struct PostTime {
  Timestamp created_at;
};

// -- Store read-marks: what a user has read, also if it is not in their feed (yet, or any more).
struct ReadPost {
  int64_t user = 0;
  int64_t post = 0;
};
struct ReadAt {
  Timestamp read_at;
};

// -- Store feed-bounds: how far down a feed goes.
struct FeedBounds {
  int32_t rows = 0;
  int32_t marks = 0;  // of the user, in read-marks
  // Of the last row that belongs to the feed, once there are kFeedRows; those below are in reserve.
  Timestamp last_created_at = kNoTimestamp;
  int64_t last_post = 0;
  int64_t last_author = 0;
  // Rows older than the floor may be missing.
  bool has_floor = false;
  Timestamp floor_created_at = kNoTimestamp;
  int64_t floor_post = 0;
  // Authors have been asked for older posts: how many are still to answer, and whether all have
  // been asked.
  int32_t awaited = 0;
  bool is_asking = false;

  PostAt floor() const { return {floor_created_at, floor_post}; }
};

// -- Store jobs: what is done a slice at a time.
struct JobKey {
  JobKind kind = JobKind::kPost;
  int64_t owner = 0;
  int64_t post = 0;  // kPost
  auto operator<=>(const JobKey&) const = default;
};
struct Job {
  bool inserts = false;  // kPost: else it removes
  bool notifies = false;
  Timestamp created_at;  // of the post; kRefill: posts before this one are asked for
  int64_t post = 0;      // kRefill: the same
  Timestamp hundredth = kNever;
  // The last one of the owner's followers, or authors, that is done.
  int64_t cursor = std::numeric_limits<int64_t>::min();
  Timestamp event_time;  // of what the job writes
  Timestamp since;       // by the clock

  PostAt at() const { return {created_at, post}; }
};

// -- Store dead: posts that went lately, by author; the number of the command that said so.
struct DeadPost {
  int64_t author = 0;
  int64_t post = 0;
};
struct RemovedBy {
  int64_t sequence = 0;
};

}  // namespace millrace::topologies::feed

namespace millrace::topologies {

template <>
struct Fields<feed::AuthorFollower> {
  using Row = feed::AuthorFollower;
  static constexpr auto kAll =
      std::tuple(Field("author", &Row::author), Field("follower", &Row::follower));
};
template <>
struct Fields<feed::FollowerAuthor> {
  using Row = feed::FollowerAuthor;
  static constexpr auto kAll =
      std::tuple(Field("follower", &Row::follower), Field("author", &Row::author));
};
template <>
struct Fields<feed::FollowedAt> {
  static constexpr auto kAll = std::tuple(Field("created_at", &feed::FollowedAt::created_at));
};
template <>
struct Fields<feed::PulledAuthor> {
  static constexpr auto kAll = std::tuple(Field("tier", &feed::PulledAuthor::tier));
};
template <>
struct Fields<feed::FeedPosition> {
  using Row = feed::FeedPosition;
  static constexpr auto kAll = std::tuple(
      Field("user", &Row::user), Field("created_at", &Row::created_at, Direction::kDescending),
      Field("post", &Row::post, Direction::kDescending), Field("author", &Row::author));
};
template <>
struct Fields<feed::FeedRow> {
  using Row = feed::FeedRow;
  static constexpr auto kAll =
      std::tuple(Field("source", &Row::source), Field("read_at", &Row::read_at));
};
template <>
struct Fields<feed::FeedPost> {
  using Row = feed::FeedPost;
  static constexpr auto kAll = std::tuple(Field("user", &Row::user), Field("post", &Row::post),
                                          Field("author", &Row::author));
};
template <>
struct Fields<feed::PostTime> {
  static constexpr auto kAll = std::tuple(Field("created_at", &feed::PostTime::created_at));
};
template <>
struct Fields<feed::ReadPost> {
  using Row = feed::ReadPost;
  static constexpr auto kAll = std::tuple(Field("user", &Row::user), Field("post", &Row::post));
};
template <>
struct Fields<feed::ReadAt> {
  static constexpr auto kAll = std::tuple(Field("read_at", &feed::ReadAt::read_at));
};
template <>
struct Fields<feed::FeedBounds> {
  using Row = feed::FeedBounds;
  static constexpr auto kAll = std::tuple(
      Field("rows", &Row::rows), Field("marks", &Row::marks),
      Field("last_created_at", &Row::last_created_at), Field("last_post", &Row::last_post),
      Field("last_author", &Row::last_author), Field("has_floor", &Row::has_floor),
      Field("floor_created_at", &Row::floor_created_at), Field("floor_post", &Row::floor_post),
      Field("awaited", &Row::awaited), Field("is_asking", &Row::is_asking));
};
template <>
struct Fields<feed::JobKey> {
  using Row = feed::JobKey;
  static constexpr auto kAll =
      std::tuple(Field("kind", &Row::kind), Field("owner", &Row::owner), Field("post", &Row::post));
};
template <>
struct Fields<feed::Job> {
  using Row = feed::Job;
  static constexpr auto kAll =
      std::tuple(Field("inserts", &Row::inserts), Field("notifies", &Row::notifies),
                 Field("created_at", &Row::created_at), Field("post", &Row::post),
                 Field("hundredth", &Row::hundredth), Field("cursor", &Row::cursor),
                 Field("event_time", &Row::event_time), Field("since", &Row::since));
};
template <>
struct Fields<feed::DeadPost> {
  using Row = feed::DeadPost;
  static constexpr auto kAll = std::tuple(Field("author", &Row::author), Field("post", &Row::post));
};
template <>
struct Fields<feed::RemovedBy> {
  static constexpr auto kAll = std::tuple(Field("sequence", &feed::RemovedBy::sequence));
};

}  // namespace millrace::topologies

namespace millrace {
template <>
struct Serde<topologies::feed::AuthorFollower>
    : topologies::FieldSerde<topologies::feed::AuthorFollower> {};
template <>
struct Serde<topologies::feed::FollowerAuthor>
    : topologies::FieldSerde<topologies::feed::FollowerAuthor> {};
template <>
struct Serde<topologies::feed::FollowedAt> : topologies::FieldSerde<topologies::feed::FollowedAt> {
};
template <>
struct Serde<topologies::feed::PulledAuthor>
    : topologies::FieldSerde<topologies::feed::PulledAuthor> {};
template <>
struct Serde<topologies::feed::FeedPosition>
    : topologies::FieldSerde<topologies::feed::FeedPosition> {};
template <>
struct Serde<topologies::feed::FeedRow> : topologies::FieldSerde<topologies::feed::FeedRow> {};
template <>
struct Serde<topologies::feed::FeedPost> : topologies::FieldSerde<topologies::feed::FeedPost> {};
template <>
struct Serde<topologies::feed::PostTime> : topologies::FieldSerde<topologies::feed::PostTime> {};
template <>
struct Serde<topologies::feed::ReadPost> : topologies::FieldSerde<topologies::feed::ReadPost> {};
template <>
struct Serde<topologies::feed::ReadAt> : topologies::FieldSerde<topologies::feed::ReadAt> {};
template <>
struct Serde<topologies::feed::FeedBounds> : topologies::FieldSerde<topologies::feed::FeedBounds> {
};
template <>
struct Serde<topologies::feed::JobKey> : topologies::FieldSerde<topologies::feed::JobKey> {};
template <>
struct Serde<topologies::feed::Job> : topologies::FieldSerde<topologies::feed::Job> {};
template <>
struct Serde<topologies::feed::DeadPost> : topologies::FieldSerde<topologies::feed::DeadPost> {};
template <>
struct Serde<topologies::feed::RemovedBy> : topologies::FieldSerde<topologies::feed::RemovedBy> {};
}  // namespace millrace
