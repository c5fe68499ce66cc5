// Affinity: how often a user reacted to an author's posts in the last 90 days. Topic affinity.v1,
// in the partition of the user; a tombstone when nothing is left.
#pragma once

#include <compare>
#include <cstdint>
#include <tuple>

#include "connectors/debezium/columns.h"
#include "connectors/debezium/row_codec.h"
#include "millrace/serde.h"
#include "millrace/time.h"

namespace millrace::schemas {

struct AffinityKey {
  int64_t user = 0;
  int64_t author = 0;
  auto operator<=>(const AffinityKey&) const = default;
};

struct Affinity {
  int64_t user = 0;
  int64_t author = 0;
  int64_t interactions = 0;          // likes, comments and shares
  Timestamp last_at = kNoTimestamp;  // the latest of them
  bool operator==(const Affinity&) const = default;
};

}  // namespace millrace::schemas

namespace millrace::debezium {

template <>
struct Columns<schemas::AffinityKey> {
  using Row = schemas::AffinityKey;
  static constexpr auto kAll =
      std::tuple(Column("user_id", &Row::user), Column("author_id", &Row::author));
};

template <>
struct Columns<schemas::Affinity> {
  using Row = schemas::Affinity;
  static constexpr auto kAll =
      std::tuple(Column("user_id", &Row::user), Column("author_id", &Row::author),
                 Column("interaction_count", &Row::interactions), Column("last_at", &Row::last_at));
};

}  // namespace millrace::debezium

template <>
struct millrace::Serde<millrace::schemas::AffinityKey>
    : millrace::debezium::RowSerde<millrace::schemas::AffinityKey> {};
template <>
struct millrace::Serde<millrace::schemas::Affinity>
    : millrace::debezium::RowSerde<millrace::schemas::Affinity> {};
