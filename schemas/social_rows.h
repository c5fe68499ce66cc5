// Rows of the social product's database as they arrive in its change topics, and their keys.
// Columns that no topology needs are left out; a new column of a table breaks nothing here.
// Ids are PostgreSQL's bigint; those of comments are UUIDs in lower-case text.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "connectors/debezium/change.h"
#include "connectors/debezium/columns.h"
#include "connectors/debezium/row_codec.h"
#include "millrace/serde.h"
#include "millrace/time.h"

namespace millrace::schemas {

// Who may see a post. Only kPublic and kFollowers reach feeds.
enum class Visibility : uint8_t { kPublic, kFollowers, kPrivate };

struct PostKey {
  int64_t id = 0;
  auto operator<=>(const PostKey&) const = default;
};

struct Post {
  int64_t id = 0;
  int64_t author = 0;
  // Null where the connector filters the column out; unchanged where an update leaves it out.
  debezium::Toastable<std::string> body;
  Visibility visibility = Visibility::kPublic;
  Timestamp created_at = kNoTimestamp;
  std::optional<Timestamp> edited_at;
  bool operator==(const Post&) const = default;
};

struct FollowKey {
  int64_t follower = 0;
  int64_t followee = 0;
  auto operator<=>(const FollowKey&) const = default;
};

struct Follow {
  int64_t follower = 0;
  int64_t followee = 0;
  Timestamp created_at = kNoTimestamp;  // may be missing in a snapshot
  bool operator==(const Follow&) const = default;
};

struct LikeKey {
  int64_t post = 0;
  int64_t user = 0;
  auto operator<=>(const LikeKey&) const = default;
};

struct Like {
  int64_t post = 0;
  int64_t user = 0;
  std::string reaction;                 // "like", "love", "wow": an open set
  Timestamp created_at = kNoTimestamp;  // may be missing in a snapshot
  bool operator==(const Like&) const = default;
};

struct CommentKey {
  std::string id;
  auto operator<=>(const CommentKey&) const = default;
};

struct Comment {
  std::string id;
  int64_t post = 0;
  int64_t author = 0;
  std::optional<std::string> parent;  // the comment that this one answers
  debezium::Toastable<std::string> body;
  bool deleted = false;  // taken back by its author: the same as a deletion of the row
  Timestamp created_at = kNoTimestamp;  // may be missing in a snapshot
  bool operator==(const Comment&) const = default;
};

}  // namespace millrace::schemas

namespace millrace::debezium {

template <>
struct EnumNames<schemas::Visibility> {
  static constexpr std::array<std::pair<schemas::Visibility, std::string_view>, 3> kAll = {{
      {schemas::Visibility::kPublic, "public"},
      {schemas::Visibility::kFollowers, "followers"},
      {schemas::Visibility::kPrivate, "private"},
  }};
};

template <>
struct Columns<schemas::PostKey> {
  static constexpr auto kAll = std::tuple(Column("id", &schemas::PostKey::id));
};

template <>
struct Columns<schemas::Post> {
  using Row = schemas::Post;
  static constexpr auto kAll = std::tuple(
      Column("id", &Row::id), Column("author_id", &Row::author), Column("body", &Row::body),
      Column("visibility", &Row::visibility), Column("created_at", &Row::created_at),
      Column("edited_at", &Row::edited_at, TimeForm::kMicros));
};

template <>
struct Columns<schemas::FollowKey> {
  using Row = schemas::FollowKey;
  static constexpr auto kAll =
      std::tuple(Column("follower_id", &Row::follower), Column("followee_id", &Row::followee));
};

template <>
struct Columns<schemas::Follow> {
  using Row = schemas::Follow;
  static constexpr auto kAll =
      std::tuple(Column("follower_id", &Row::follower), Column("followee_id", &Row::followee),
                 Column("created_at", &Row::created_at).OrNoTimestamp());
};

template <>
struct Columns<schemas::LikeKey> {
  using Row = schemas::LikeKey;
  static constexpr auto kAll =
      std::tuple(Column("post_id", &Row::post), Column("user_id", &Row::user));
};

template <>
struct Columns<schemas::Like> {
  using Row = schemas::Like;
  static constexpr auto kAll = std::tuple(
      Column("post_id", &Row::post), Column("user_id", &Row::user),
      Column("reaction", &Row::reaction), Column("created_at", &Row::created_at).OrNoTimestamp());
};

template <>
struct Columns<schemas::CommentKey> {
  static constexpr auto kAll = std::tuple(Column("id", &schemas::CommentKey::id));
};

template <>
struct Columns<schemas::Comment> {
  using Row = schemas::Comment;
  static constexpr auto kAll = std::tuple(
      Column("id", &Row::id), Column("post_id", &Row::post), Column("author_id", &Row::author),
      Column("parent_id", &Row::parent), Column("body", &Row::body),
      Column("deleted", &Row::deleted), Column("created_at", &Row::created_at).OrNoTimestamp());
};

}  // namespace millrace::debezium

// Keys have the bytes of Debezium's, so that what is written here lies with the rows.
template <>
struct millrace::Serde<millrace::schemas::PostKey>
    : millrace::debezium::RowSerde<millrace::schemas::PostKey> {};
template <>
struct millrace::Serde<millrace::schemas::FollowKey>
    : millrace::debezium::RowSerde<millrace::schemas::FollowKey> {};
template <>
struct millrace::Serde<millrace::schemas::LikeKey>
    : millrace::debezium::RowSerde<millrace::schemas::LikeKey> {};
template <>
struct millrace::Serde<millrace::schemas::CommentKey>
    : millrace::debezium::RowSerde<millrace::schemas::CommentKey> {};
// Rows as they lie in stores and repartition topics.
template <>
struct millrace::Serde<millrace::schemas::Post>
    : millrace::debezium::RowSerde<millrace::schemas::Post> {};
template <>
struct millrace::Serde<millrace::schemas::Follow>
    : millrace::debezium::RowSerde<millrace::schemas::Follow> {};
template <>
struct millrace::Serde<millrace::schemas::Like>
    : millrace::debezium::RowSerde<millrace::schemas::Like> {};
template <>
struct millrace::Serde<millrace::schemas::Comment>
    : millrace::debezium::RowSerde<millrace::schemas::Comment> {};
