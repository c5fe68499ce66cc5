// What a user did or asks for that no table holds: reads of the feed, and erasure.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>

#include "connectors/debezium/columns.h"
#include "connectors/debezium/row_codec.h"
#include "millrace/serde.h"
#include "millrace/time.h"

namespace millrace::schemas {

// Topic feed.read.v1, keyed by the user.
struct FeedRead {
  int64_t user = 0;
  int64_t post = 0;
  Timestamp read_at = kNoTimestamp;
  bool operator==(const FeedRead&) const = default;
};

// Topic user.erased.v1, keyed by the user: everything about them goes.
struct UserErased {
  int64_t user = 0;
  std::string request;
  Timestamp erased_at = kNoTimestamp;
  bool operator==(const UserErased&) const = default;
};

// Topic user.erasure.done.v1, keyed by the user: one record per store of a task that had something.
struct ErasureDone {
  int64_t user = 0;
  std::string request;
  std::string topology;
  std::string store;
  int64_t rows = 0;
  bool operator==(const ErasureDone&) const = default;
};

}  // namespace millrace::schemas

namespace millrace::debezium {

template <>
struct Columns<schemas::FeedRead> {
  using Row = schemas::FeedRead;
  static constexpr auto kAll =
      std::tuple(Column("user_id", &Row::user), Column("post_id", &Row::post),
                 Column("read_at", &Row::read_at));
};

template <>
struct Columns<schemas::UserErased> {
  using Row = schemas::UserErased;
  static constexpr auto kAll =
      std::tuple(Column("user_id", &Row::user), Column("request_id", &Row::request),
                 Column("erased_at", &Row::erased_at));
};

template <>
struct Columns<schemas::ErasureDone> {
  using Row = schemas::ErasureDone;
  static constexpr auto kAll = std::tuple(
      Column("user_id", &Row::user), Column("request_id", &Row::request),
      Column("topology", &Row::topology), Column("store", &Row::store), Column("rows", &Row::rows));
};

}  // namespace millrace::debezium

template <>
struct millrace::Serde<millrace::schemas::FeedRead>
    : millrace::debezium::RowSerde<millrace::schemas::FeedRead> {};
template <>
struct millrace::Serde<millrace::schemas::UserErased>
    : millrace::debezium::RowSerde<millrace::schemas::UserErased> {};
template <>
struct millrace::Serde<millrace::schemas::ErasureDone>
    : millrace::debezium::RowSerde<millrace::schemas::ErasureDone> {};
