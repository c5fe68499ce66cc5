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
inline constexpr std::string_view kOutboxTopic = "outbox.events";

// What PostgreSQL's columns hold.
using RowTime = std::chrono::sys_time<std::chrono::microseconds>;

// What stands for a large column that an update did not touch.
inline constexpr std::string_view kUnavailable = "__debezium_unavailable_value";

// The 128 bits of a UUID: of a comment, an event, an announcement.
struct RowUuid {
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
  RowUuid id;
  int64_t post = 0;
  int64_t author = 0;
  std::optional<RowUuid> parent;
  std::string_view body;
  bool deleted = false;
  RowTime created_at;
};

// A row of the table in which services leave their announcements.
struct OutboxRow {
  RowUuid id;
  std::string_view aggregate_type;  // "post", "user"
  int64_t aggregate = 0;
  std::string_view type;     // "POST_CREATED"
  std::string_view payload;  // JSON
};

// The topic of the row's table.
constexpr std::string_view TopicOf(const PostRow&) { return kPostsTopic; }
constexpr std::string_view TopicOf(const FollowRow&) { return kFollowsTopic; }
constexpr std::string_view TopicOf(const LikeRow&) { return kLikesTopic; }
constexpr std::string_view TopicOf(const CommentRow&) { return kCommentsTopic; }
constexpr std::string_view TopicOf(const OutboxRow&) { return kOutboxTopic; }
// What Debezium says in source.table.
constexpr std::string_view TableOf(const OutboxRow&) { return "outbox"; }
template <class Row>
constexpr std::string_view TableOf(const Row& row) {
  return TopicOf(row).substr(4);
}

// The primary key as an object: the key of a change record.
void AppendKey(const PostRow& row, std::string* out);
void AppendKey(const FollowRow& row, std::string* out);
void AppendKey(const LikeRow& row, std::string* out);
void AppendKey(const CommentRow& row, std::string* out);
// The connector is told to take the aggregate's id.
void AppendKey(const OutboxRow& row, std::string* out);

// All columns: `after`.
void AppendRow(const PostRow& row, std::string* out);
void AppendRow(const FollowRow& row, std::string* out);
void AppendRow(const LikeRow& row, std::string* out);
void AppendRow(const CommentRow& row, std::string* out);
void AppendRow(const OutboxRow& row, std::string* out);

// `before` of an update that leaves the key as it was.
void AppendUpdatedRow(const PostRow& row, std::string* out);
void AppendUpdatedRow(const FollowRow& row, std::string* out);
void AppendUpdatedRow(const LikeRow& row, std::string* out);
void AppendUpdatedRow(const CommentRow& row, std::string* out);
void AppendUpdatedRow(const OutboxRow& row, std::string* out);

// `before` of a deletion.
void AppendDeletedRow(const PostRow& row, std::string* out);
void AppendDeletedRow(const FollowRow& row, std::string* out);
void AppendDeletedRow(const LikeRow& row, std::string* out);
void AppendDeletedRow(const CommentRow& row, std::string* out);
void AppendDeletedRow(const OutboxRow& row, std::string* out);

void AppendInt(int64_t number, std::string* out);
// "2026-03-01T00:00:00.000000Z" with its quotes, as the connector writes timestamptz.
void AppendTime(RowTime time, std::string* out);
// "0b8f5f3e-5f0c-4f6b-9a3d-2d9a6f1c0001" with its quotes.
void AppendUuid(RowUuid id, std::string* out);

}  // namespace millrace::gen
