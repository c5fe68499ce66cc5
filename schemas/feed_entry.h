// FeedEntry: one post in one user's feed. Topic feed.entries.v1; a tombstone removes the entry.
//
//   key   {"user_id":12,"post_id":4}
//   value {"user_id":12,"post_id":4,"author_id":10,"created_at":"2026-01-02T03:04:05.123Z"}
#pragma once

#include <compare>
#include <cstdint>
#include <tuple>

#include "connectors/debezium/columns.h"
#include "connectors/debezium/row_codec.h"
#include "millrace/serde.h"
#include "millrace/time.h"

namespace millrace::schemas {

struct FeedKey {
  int64_t user = 0;  // whose feed
  int64_t post = 0;
  auto operator<=>(const FeedKey&) const = default;
};

struct FeedEntry {
  int64_t user = 0;
  int64_t post = 0;
  int64_t author = 0;
  Timestamp created_at = kNoTimestamp;  // of the post
  bool operator==(const FeedEntry&) const = default;
};

}  // namespace millrace::schemas

template <>
struct millrace::debezium::Columns<millrace::schemas::FeedKey> {
  using Row = schemas::FeedKey;
  static constexpr auto kAll =
      std::tuple(Column("user_id", &Row::user), Column("post_id", &Row::post));
};

template <>
struct millrace::debezium::Columns<millrace::schemas::FeedEntry> {
  using Row = schemas::FeedEntry;
  static constexpr auto kAll =
      std::tuple(Column("user_id", &Row::user), Column("post_id", &Row::post),
                 Column("author_id", &Row::author), Column("created_at", &Row::created_at));
};

template <>
struct millrace::Serde<millrace::schemas::FeedKey>
    : millrace::debezium::RowSerde<millrace::schemas::FeedKey> {};
template <>
struct millrace::Serde<millrace::schemas::FeedEntry>
    : millrace::debezium::RowSerde<millrace::schemas::FeedEntry> {};
