// Rows of the social product's tables as PostgreSQL holds them, and the JSON that Debezium makes of
// them: microsecond times, decimals as text, and the old row with what PostgreSQL leaves out of it
// (posts, follows and comments have replica identity DEFAULT, likes have FULL).
// Texts must be valid UTF-8; rows borrow them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::gen {

inline constexpr std::string_view kPostsTopic = "cdc.posts";
inline constexpr std::string_view kFollowsTopic = "cdc.follows";
inline constexpr std::string_view kLikesTopic = "cdc.likes";
inline constexpr std::string_view kCommentsTopic = "cdc.comments";

// What PostgreSQL's columns hold.
using RowTime = std::chrono::sys_time<std::chrono::microseconds>;

// What stands for a large column that an update did not touch.
inline constexpr std::string_view kUnavailable = "__debezium_unavailable_value";

// The 128 bits of a UUID.
struct CommentId {
  uint64_t high = 0;
  uint64_t low = 0;
};

struct PostRow {
  int64_t id = 0;
  int64_t author = 0;
  std::string_view body;
  std::string_view visibility = "public";
  std::optional<std::string_view> big;
  RowTime created_at;
  std::optional<RowTime> edited_at;
};

struct FollowRow {
  int64_t follower = 0;
  int64_t followee = 0;
  RowTime created_at;
};

struct LikeRow {
  int64_t post = 0;
  int64_t user = 0;
  std::string_view reaction = "like";
  RowTime created_at;
};

struct CommentRow {
  CommentId id;
  int64_t post = 0;
  int64_t author = 0;
  std::optional<CommentId> parent;
  std::string_view body;
  RowTime created_at;
};

// The topic of the row's table.
constexpr std::string_view TopicOf(const PostRow&) { return kPostsTopic; }
constexpr std::string_view TopicOf(const FollowRow&) { return kFollowsTopic; }
constexpr std::string_view TopicOf(const LikeRow&) { return kLikesTopic; }
constexpr std::string_view TopicOf(const CommentRow&) { return kCommentsTopic; }

// The primary key as an object: the key of a change record.
void AppendKey(const PostRow& row, std::string* out);
void AppendKey(const FollowRow& row, std::string* out);
void AppendKey(const LikeRow& row, std::string* out);
void AppendKey(const CommentRow& row, std::string* out);

// All columns: `after`.
void AppendRow(const PostRow& row, std::string* out);
void AppendRow(const FollowRow& row, std::string* out);
void AppendRow(const LikeRow& row, std::string* out);
void AppendRow(const CommentRow& row, std::string* out);

// `before` of an update that leaves the key as it was.
void AppendUpdatedRow(const PostRow& row, std::string* out);
void AppendUpdatedRow(const FollowRow& row, std::string* out);
void AppendUpdatedRow(const LikeRow& row, std::string* out);
void AppendUpdatedRow(const CommentRow& row, std::string* out);

// `before` of a deletion.
void AppendDeletedRow(const PostRow& row, std::string* out);
void AppendDeletedRow(const FollowRow& row, std::string* out);
void AppendDeletedRow(const LikeRow& row, std::string* out);
void AppendDeletedRow(const CommentRow& row, std::string* out);

void AppendInt(int64_t number, std::string* out);

}  // namespace millrace::gen
