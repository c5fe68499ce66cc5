// What authors are told, and what is kept of them: the first half of feed-fan-out.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "millrace/serde.h"
#include "millrace/time.h"
#include "topologies/common/fields.h"
#include "topologies/feed-fan-out/listed_fields.h"
#include "topologies/feed-fan-out/rule.h"

namespace millrace::topologies::feed {

// How an author's posts come into feeds.
enum class Tier : uint8_t {
  kPush,     // written to each
  kPull,     // found when a feed is read: the author has too many followers
  kDemoted,  // written again; those of the time before are still found at reading
};

// What is done a slice at a time, in one partition of users.
enum class JobKind : uint8_t {
  kPost,    // a post comes into, or leaves, the feeds of the followers of its author, the owner
  kRefill,  // the authors whom the owner follows are asked for older posts
};

// -- Topics by-author and fan-out.requests.v1, keyed by the author.
struct AuthorNews {
  enum class Kind : uint8_t {
    kPost,      // there is a post that others may see
    kPostGone,  // there no longer is
    kFollow,    // somebody follows
    kUnfollow,  // somebody no longer does
    kRefill,    // a feed has room for posts that are older than `before`
    kJob,       // a job in a partition of users is not done: to be told there
  };
  Kind kind = Kind::kPost;
  int64_t id = 0;        // the post; the user
  Timestamp created_at;  // of the post; of the follow
  bool is_new = false;   // kPost: it is no row of a snapshot
  Timestamp before_created_at;
  int64_t before_post = 0;
  // kJob; `id` is its post.
  JobKind job = JobKind::kPost;
  int64_t job_owner = 0;
  int32_t partition = 0;

  PostAt before() const { return {before_created_at, before_post}; }
};

// -- Store authors: what an author's next post needs.
struct FollowersIn {
  int32_t partition = 0;
  int32_t count = 0;
};
struct Author {
  Tier tier = Tier::kPush;
  int64_t followers = 0;
  // Of the last command: what is said of one post is ordered by it.
  int64_t sequence = 0;
  // The latest of all follows that there ever were: an older post is late for one of them.
  Timestamp latest_follow = kNoTimestamp;
  std::vector<FollowersIn> partitions;  // that have any
};

// -- Store timeline: an author's posts, newest first.
struct AuthorPost {
  int64_t author = 0;
  Timestamp created_at;
  int64_t post = 0;

  PostAt at() const { return {created_at, post}; }
};
struct TimelineRow {
  bool is_pushed = false;  // some feed may hold the post
};

}  // namespace millrace::topologies::feed

namespace millrace::topologies {

template <>
struct Fields<feed::AuthorNews> {
  using Row = feed::AuthorNews;
  static constexpr auto kAll = std::tuple(
      Field("kind", &Row::kind), Field("id", &Row::id), Field("created_at", &Row::created_at),
      Field("is_new", &Row::is_new), Field("before_created_at", &Row::before_created_at),
      Field("before_post", &Row::before_post), Field("job", &Row::job),
      Field("job_owner", &Row::job_owner), Field("partition", &Row::partition));
};
template <>
struct Fields<feed::FollowersIn> {
  using Row = feed::FollowersIn;
  static constexpr auto kAll =
      std::tuple(Field("partition", &Row::partition), Field("count", &Row::count));
};
template <>
struct Fields<feed::Author> {
  using Row = feed::Author;
  static constexpr auto kAll =
      std::tuple(Field("tier", &Row::tier), Field("followers", &Row::followers),
                 Field("sequence", &Row::sequence), Field("latest_follow", &Row::latest_follow));
};
template <>
struct Fields<feed::AuthorPost> {
  using Row = feed::AuthorPost;
  static constexpr auto kAll = std::tuple(
      Field("author", &Row::author), Field("created_at", &Row::created_at, Direction::kDescending),
      Field("post", &Row::post, Direction::kDescending));
};
template <>
struct Fields<feed::TimelineRow> {
  static constexpr auto kAll = std::tuple(Field("is_pushed", &feed::TimelineRow::is_pushed));
};

}  // namespace millrace::topologies

namespace millrace {
template <>
struct Serde<topologies::feed::AuthorNews> : topologies::FieldSerde<topologies::feed::AuthorNews> {
};
template <>
struct Serde<topologies::feed::Author>
    : topologies::feed::ListedFieldSerde<topologies::feed::Author, topologies::feed::FollowersIn,
                                         &topologies::feed::Author::partitions> {};
template <>
struct Serde<topologies::feed::AuthorPost> : topologies::FieldSerde<topologies::feed::AuthorPost> {
};
template <>
struct Serde<topologies::feed::TimelineRow>
    : topologies::FieldSerde<topologies::feed::TimelineRow> {};
}  // namespace millrace
