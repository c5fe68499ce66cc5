// FeedEntry: one post in one user's feed. Topic feed.entries.v1; a tombstone removes the entry.
//
//   key   {"user_id":12,"post_id":4}
//   value {"user_id":12,"post_id":4,"author_id":10,"created_at":"2026-01-02T03:04:05.123Z",
//          "source":"push","is_read":true,"read_at":"2026-01-02T04:00:00.000Z"}
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

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

// How the entry came into the feed.
enum class FeedSource : uint8_t {
  kPush,      // it was written after the reader had followed the author
  kBackfill,  // before; the follow brought it
  kPull,      // it is not kept: found when the feed was read, since the author has too many readers
};

struct FeedEntry {
  int64_t user = 0;
  int64_t post = 0;
  int64_t author = 0;
  Timestamp created_at = kNoTimestamp;  // of the post
  FeedSource source = FeedSource::kPush;
  bool is_read = false;
  std::optional<Timestamp> read_at;  // the first time
  bool operator==(const FeedEntry&) const = default;
};

}  // namespace millrace::schemas

template <>
struct millrace::debezium::EnumNames<millrace::schemas::FeedSource> {
  using Source = schemas::FeedSource;
  static constexpr std::array<std::pair<Source, std::string_view>, 3> kAll = {{
      {Source::kPush, "push"},
      {Source::kBackfill, "backfill"},
      {Source::kPull, "pull"},
  }};
};

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
                 Column("author_id", &Row::author), Column("created_at", &Row::created_at),
                 Column("source", &Row::source), Column("is_read", &Row::is_read),
                 Column("read_at", &Row::read_at));
};

template <>
struct millrace::Serde<millrace::schemas::FeedKey>
    : millrace::debezium::RowSerde<millrace::schemas::FeedKey> {};
template <>
struct millrace::Serde<millrace::schemas::FeedEntry>
    : millrace::debezium::RowSerde<millrace::schemas::FeedEntry> {};
