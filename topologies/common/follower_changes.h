// FollowerChanges: who wins and loses followers, for steps by author that count them.
#pragma once

#include <cstdint>
#include <optional>
#include <tuple>

#include "connectors/debezium/change.h"
#include "millrace/serde.h"
#include "millrace/stream.h"
#include "schemas/ids.h"
#include "schemas/social_rows.h"
#include "topologies/common/fields.h"

namespace millrace::topologies {

// Keyed by the one who is followed.
struct FollowerChange {
  int32_t by = 0;  // +1 or -1
};

template <>
struct Fields<FollowerChange> {
  static constexpr auto kAll = std::tuple(Field("by", &FollowerChange::by));
};

}  // namespace millrace::topologies

template <>
struct millrace::Serde<millrace::topologies::FollowerChange>
    : millrace::topologies::FieldSerde<millrace::topologies::FollowerChange> {};

namespace millrace::topologies {

// Of follows as cdc-normalise writes them: an update of a follow is no change. They go through the
// repartition topic followers-by-author.
inline Stream<schemas::UserId, FollowerChange> FollowerChanges(
    const Stream<schemas::UserId, debezium::Change<schemas::Follow>>& follows) {
  using Change = debezium::Change<schemas::Follow>;
  return follows
      .SelectKey([](const Change& change) -> std::optional<schemas::UserId> {
        const auto& row = change.is_delete() ? change.before : change.after;
        if (!row.has_value()) return std::nullopt;
        return schemas::UserId{row->followee};
      })
      .MapValues([](const Change& change) -> std::optional<FollowerChange> {
        if (change.is_delete()) return FollowerChange{.by = -1};
        if (change.is_upsert() && !change.before.has_value()) return FollowerChange{.by = 1};
        return std::nullopt;
      })
      .Filter([](const FollowerChange&) { return true; })
      .Repartition("followers-by-author");
}

}  // namespace millrace::topologies
