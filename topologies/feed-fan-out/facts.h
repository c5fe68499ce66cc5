// What flows between the steps of feed-fan-out, and what its stores hold.
#pragma once

#include <cstdint>
#include <tuple>

#include "millrace/serde.h"
#include "millrace/time.h"
#include "topologies/common/fields.h"

namespace millrace::topologies {

// -- Topic by-author, keyed by the author.
// One of the author's posts, or one of the author's followers, is there or gone.
struct AuthorFact {
  enum class Kind : uint8_t { kPost, kFollower };
  Kind kind = Kind::kPost;
  bool exists = false;
  int64_t id = 0;        // of the post or of the follower
  Timestamp created_at;  // of the row; the post's also when it is gone
};

// -- Topic by-user, keyed by the user whose feed it is.
// A post enters the feed or leaves it.
struct FeedChange {
  bool enters = false;
  int64_t post = 0;
  int64_t author = 0;
  Timestamp created_at;
};

// -- Store posts: post -> what its deletion does not say.
struct PostKept {
  int64_t author = 0;
  Timestamp created_at;
  bool operator==(const PostKept&) const = default;
};

// -- Stores posts-by-author and followers-by-author: read by their first field.
struct AuthorPost {
  int64_t author = 0;
  int64_t post = 0;
};
struct AuthorFollower {
  int64_t author = 0;
  int64_t follower = 0;
};
struct RowTime {
  Timestamp created_at;
};

// -- Store feeds: one user's feed is a range of it, newest first.
struct FeedPosition {
  int64_t user = 0;
  Timestamp created_at;
  int64_t post = 0;
  // A post that moves to another author is for a moment in the feed on account of both, since the
  // news of the two authors come from two tasks in any order.
  int64_t author = 0;
};

template <>
struct Fields<AuthorFact> {
  using Row = AuthorFact;
  static constexpr auto kAll =
      std::tuple(Field("kind", &Row::kind), Field("exists", &Row::exists), Field("id", &Row::id),
                 Field("created_at", &Row::created_at));
};
template <>
struct Fields<FeedChange> {
  using Row = FeedChange;
  static constexpr auto kAll =
      std::tuple(Field("enters", &Row::enters), Field("post", &Row::post),
                 Field("author", &Row::author), Field("created_at", &Row::created_at));
};
template <>
struct Fields<PostKept> {
  static constexpr auto kAll =
      std::tuple(Field("author", &PostKept::author), Field("created_at", &PostKept::created_at));
};
template <>
struct Fields<AuthorPost> {
  static constexpr auto kAll =
      std::tuple(Field("author", &AuthorPost::author), Field("post", &AuthorPost::post));
};
template <>
struct Fields<AuthorFollower> {
  static constexpr auto kAll = std::tuple(Field("author", &AuthorFollower::author),
                                          Field("follower", &AuthorFollower::follower));
};
template <>
struct Fields<RowTime> {
  static constexpr auto kAll = std::tuple(Field("created_at", &RowTime::created_at));
};
template <>
struct Fields<FeedPosition> {
  using Row = FeedPosition;
  static constexpr auto kAll = std::tuple(
      Field("user", &Row::user), Field("created_at", &Row::created_at, Direction::kDescending),
      Field("post", &Row::post), Field("author", &Row::author));
};

}  // namespace millrace::topologies

namespace millrace {
template <>
struct Serde<topologies::AuthorFact> : topologies::FieldSerde<topologies::AuthorFact> {};
template <>
struct Serde<topologies::FeedChange> : topologies::FieldSerde<topologies::FeedChange> {};
template <>
struct Serde<topologies::PostKept> : topologies::FieldSerde<topologies::PostKept> {};
template <>
struct Serde<topologies::AuthorPost> : topologies::FieldSerde<topologies::AuthorPost> {};
template <>
struct Serde<topologies::AuthorFollower> : topologies::FieldSerde<topologies::AuthorFollower> {};
template <>
struct Serde<topologies::RowTime> : topologies::FieldSerde<topologies::RowTime> {};
template <>
struct Serde<topologies::FeedPosition> : topologies::FieldSerde<topologies::FeedPosition> {};
}  // namespace millrace
