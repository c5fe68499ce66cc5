// TableOf<Row>: what normalisation must know of a table beside its columns.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

#include "millrace/serde.h"
#include "schemas/ids.h"
#include "schemas/social_rows.h"
#include "topologies/common/fields.h"

namespace millrace::topologies {

// The users of whom a row speaks: those whose erasure takes it away.
struct UsersOfRow {
  std::array<int64_t, 2> ids{};
  size_t count = 0;
  const int64_t* begin() const { return ids.data(); }
  const int64_t* end() const { return ids.data() + count; }
  bool operator==(const UsersOfRow&) const = default;
};

// Keys of rows in stores. Posts have their number, comments their text.
struct FollowId {
  int64_t follower = 0;
  int64_t followee = 0;
  bool operator==(const FollowId&) const = default;
};
struct LikeId {
  int64_t post = 0;
  int64_t user = 0;
  bool operator==(const LikeId&) const = default;
};

// Members of a specialisation:
//   Key, Id, OutKey       of the change topic, of the store, of the normalised topic
//   kName                 of the table; beginning of the names of steps and stores
//   kNeedsTime            no row may come without created_at, not even in a snapshot
//   kKeepsTime            a row that lives keeps the created_at with which it came
//   IdOf, OutKeyOf
//   UsersOf(id, row)      `row` is null where it is gone: then the users whom the id names
//   IsHidden(row)         it is in its table, but counts as deleted
//   FillFrom(stored, row) takes columns over that the change says are unchanged; `stored` may be
//                         null: then they are unknown
template <class Row>
struct TableOf;

inline void FillText(const debezium::Toastable<std::string>* stored,
                     debezium::Toastable<std::string>* text) {
  if (stored != nullptr) text->FillFrom(*stored);
  if (text->is_unchanged()) text->SetNull();
}

template <>
struct TableOf<schemas::Post> {
  using Row = schemas::Post;
  using Key = schemas::PostKey;
  using Id = int64_t;
  using OutKey = schemas::PostId;
  static constexpr std::string_view kName = "posts";
  static constexpr bool kNeedsTime = true;
  static constexpr bool kKeepsTime = false;
  static Id IdOf(const Key& key) { return key.id; }
  static Id IdOf(const Row& row) { return row.id; }
  static OutKey OutKeyOf(const Row& row) { return {row.id}; }
  static UsersOfRow UsersOf(const Id&, const Row* row) {
    return row == nullptr ? UsersOfRow() : UsersOfRow{{row->author}, 1};
  }
  static bool IsHidden(const Row&) { return false; }
  static bool IsAllowed(const Row&) { return true; }
  static void FillFrom(const Row* stored, Row* row) {
    FillText(stored == nullptr ? nullptr : &stored->body, &row->body);
  }
};

template <>
struct TableOf<schemas::Follow> {
  using Row = schemas::Follow;
  using Key = schemas::FollowKey;
  using Id = FollowId;
  using OutKey = schemas::UserId;
  static constexpr std::string_view kName = "follows";
  static constexpr bool kNeedsTime = false;
  static constexpr bool kKeepsTime = true;
  static Id IdOf(const Key& key) { return {key.follower, key.followee}; }
  static Id IdOf(const Row& row) { return {row.follower, row.followee}; }
  static OutKey OutKeyOf(const Row& row) { return {row.follower}; }
  static UsersOfRow UsersOf(const Id& id, const Row*) { return {{id.follower, id.followee}, 2}; }
  static bool IsHidden(const Row&) { return false; }
  static bool IsAllowed(const Row& row) { return row.follower != row.followee; }
  static void FillFrom(const Row*, Row*) {}
};

template <>
struct TableOf<schemas::Like> {
  using Row = schemas::Like;
  using Key = schemas::LikeKey;
  using Id = LikeId;
  using OutKey = schemas::PostId;
  static constexpr std::string_view kName = "likes";
  static constexpr bool kNeedsTime = false;
  static constexpr bool kKeepsTime = true;
  static Id IdOf(const Key& key) { return {key.post, key.user}; }
  static Id IdOf(const Row& row) { return {row.post, row.user}; }
  static OutKey OutKeyOf(const Row& row) { return {row.post}; }
  static UsersOfRow UsersOf(const Id& id, const Row*) { return {{id.user}, 1}; }
  static bool IsHidden(const Row&) { return false; }
  static bool IsAllowed(const Row&) { return true; }
  static void FillFrom(const Row*, Row*) {}
};

template <>
struct TableOf<schemas::Comment> {
  using Row = schemas::Comment;
  using Key = schemas::CommentKey;
  using Id = std::string;
  using OutKey = schemas::PostId;
  static constexpr std::string_view kName = "comments";
  static constexpr bool kNeedsTime = false;
  static constexpr bool kKeepsTime = true;
  static const Id& IdOf(const Key& key) { return key.id; }
  static const Id& IdOf(const Row& row) { return row.id; }
  static OutKey OutKeyOf(const Row& row) { return {row.post}; }
  static UsersOfRow UsersOf(const Id&, const Row* row) {
    return row == nullptr ? UsersOfRow() : UsersOfRow{{row->author}, 1};
  }
  static bool IsHidden(const Row& row) { return row.deleted; }
  static bool IsAllowed(const Row&) { return true; }
  static void FillFrom(const Row* stored, Row* row) {
    FillText(stored == nullptr ? nullptr : &stored->body, &row->body);
  }
};

template <>
struct Fields<FollowId> {
  static constexpr auto kAll =
      std::tuple(Field("follower", &FollowId::follower), Field("followee", &FollowId::followee));
};
template <>
struct Fields<LikeId> {
  static constexpr auto kAll =
      std::tuple(Field("post", &LikeId::post), Field("user", &LikeId::user));
};

}  // namespace millrace::topologies

template <>
struct millrace::Serde<millrace::topologies::FollowId>
    : millrace::topologies::FieldSerde<millrace::topologies::FollowId> {};
template <>
struct millrace::Serde<millrace::topologies::LikeId>
    : millrace::topologies::FieldSerde<millrace::topologies::LikeId> {};
