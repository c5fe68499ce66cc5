// What the stores of feed-cache hold, and what flows between its steps.
#pragma once

#include <cstdint>
#include <tuple>

#include "millrace/serde.h"
#include "millrace/time.h"
#include "schemas/social_rows.h"
#include "topologies/common/rows.h"

namespace millrace::topologies::cache {

// -- Store entries: a feed, newest first -> the author. Store entry-times: when an entry's post was
// made, for a tombstone does not say it.
struct Entry {
  int64_t user = 0;
  Timestamp created_at;
  int64_t post = 0;
};
struct EntryKey {
  int64_t user = 0;
  int64_t post = 0;
};

// -- Store versions, by user: when a change of the user's feed, affinities or follows was told
// last, and whether there was another one since. Store dirty: users of whom there was one.
struct FeedVersion {
  Timestamp told_at = kNoTimestamp;  // kNoTimestamp: not in the last kVersionLives
  bool has_news = false;
};

// -- Global store posts: by id, and those of an author newest first.
enum class PostIndex : uint8_t { kById, kByAuthor };
struct PostIndexKey {
  PostIndex index = PostIndex::kById;
  int64_t id = 0;        // of the post, or of the author
  Timestamp created_at;  // kByAuthor
  int64_t post = 0;      // kByAuthor
};
struct PostFact {
  int64_t author = 0;
  Timestamp created_at;
  schemas::Visibility visibility = schemas::Visibility::kPublic;
};

// -- Topic celebrities, keyed by the author, to all tasks of users: whether the author has so many
// followers that nothing is pushed.
struct Celebrity {
  bool is = false;
};
struct FollowerCount {
  int64_t followers = 0;
  bool celebrity = false;
};

}  // namespace millrace::topologies::cache

namespace millrace::topologies {
template <>
struct Fields<cache::Entry> {
  using Row = cache::Entry;
  static constexpr auto kAll = std::tuple(
      Field("user", &Row::user), Field("created_at", &Row::created_at, Direction::kDescending),
      Field("post", &Row::post));
};
template <>
struct Fields<cache::EntryKey> {
  static constexpr auto kAll =
      std::tuple(Field("user", &cache::EntryKey::user), Field("post", &cache::EntryKey::post));
};
template <>
struct Fields<cache::FeedVersion> {
  using Row = cache::FeedVersion;
  static constexpr auto kAll =
      std::tuple(Field("told_at", &Row::told_at), Field("has_news", &Row::has_news));
};
template <>
struct Fields<cache::PostIndexKey> {
  using Row = cache::PostIndexKey;
  static constexpr auto kAll = std::tuple(
      Field("index", &Row::index), Field("id", &Row::id),
      Field("created_at", &Row::created_at, Direction::kDescending), Field("post", &Row::post));
};
template <>
struct Fields<cache::PostFact> {
  using Row = cache::PostFact;
  static constexpr auto kAll =
      std::tuple(Field("author", &Row::author), Field("created_at", &Row::created_at),
                 Field("visibility", &Row::visibility));
};
template <>
struct Fields<cache::Celebrity> {
  static constexpr auto kAll = std::tuple(Field("is", &cache::Celebrity::is));
};
template <>
struct Fields<cache::FollowerCount> {
  using Row = cache::FollowerCount;
  static constexpr auto kAll =
      std::tuple(Field("followers", &Row::followers), Field("celebrity", &Row::celebrity));
};
}  // namespace millrace::topologies

namespace millrace {
template <>
struct Serde<topologies::cache::Entry> : topologies::FieldSerde<topologies::cache::Entry> {};
template <>
struct Serde<topologies::cache::EntryKey> : topologies::FieldSerde<topologies::cache::EntryKey> {};
template <>
struct Serde<topologies::cache::FeedVersion>
    : topologies::FieldSerde<topologies::cache::FeedVersion> {};
template <>
struct Serde<topologies::cache::PostIndexKey>
    : topologies::FieldSerde<topologies::cache::PostIndexKey> {};
template <>
struct Serde<topologies::cache::PostFact> : topologies::FieldSerde<topologies::cache::PostFact> {};
template <>
struct Serde<topologies::cache::Celebrity> : topologies::FieldSerde<topologies::cache::Celebrity> {
};
template <>
struct Serde<topologies::cache::FollowerCount>
    : topologies::FieldSerde<topologies::cache::FollowerCount> {};
}  // namespace millrace
