// UserFeedRow: a row of the table user_feeds as the product's database has it: a feed entry with
// its place. Topic user.feeds.v1, keyed as feed.entries.v1; a tombstone deletes the row.
#pragma once

#include <cstdint>
#include <optional>
#include <tuple>

#include "connectors/debezium/columns.h"
#include "connectors/debezium/row_codec.h"
#include "millrace/serde.h"
#include "millrace/time.h"

namespace millrace::schemas {

struct UserFeedRow {
  int64_t user = 0;
  int64_t post = 0;
  double relevance = 0;  // in [0, 1)
  Timestamp scored_at = kNoTimestamp;
  bool is_read = false;
  std::optional<Timestamp> read_at;
  std::optional<int32_t> position;  // from 1; only the first 100 have one
  Timestamp created_at = kNoTimestamp;
  bool operator==(const UserFeedRow&) const = default;
};

}  // namespace millrace::schemas

template <>
struct millrace::debezium::Columns<millrace::schemas::UserFeedRow> {
  using Row = schemas::UserFeedRow;
  static constexpr auto kAll = std::tuple(
      Column("user_id", &Row::user), Column("post_id", &Row::post),
      Column("relevance_score", &Row::relevance), Column("score_updated_at", &Row::scored_at),
      Column("is_read", &Row::is_read), Column("read_at", &Row::read_at),
      Column("rank_position", &Row::position), Column("created_at", &Row::created_at));
};

template <>
struct millrace::Serde<millrace::schemas::UserFeedRow>
    : millrace::debezium::RowSerde<millrace::schemas::UserFeedRow> {};
