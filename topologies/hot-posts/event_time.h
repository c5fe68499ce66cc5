// The event time of a change of the social tables: what hot-posts calls "when".
#pragma once

#include <algorithm>
#include <chrono>

#include "connectors/debezium/change.h"
#include "millrace/topology_builder.h"
#include "schemas/social_rows.h"

namespace millrace::topologies::hot {

// A row that is in its table but not to be seen counts as gone.
inline bool IsHidden(const schemas::Post& post) {
  return post.visibility == schemas::Visibility::kPrivate;
}
inline bool IsHidden(const schemas::Comment& comment) { return comment.deleted; }
inline bool IsHidden(const schemas::Like&) { return false; }

template <class Row>
bool IsVisible(const debezium::Change<Row>& change) {
  return change.is_upsert() && !IsHidden(*change.after);
}

// A visible row counts when it was created, whatever happened to it since; a row that went, when
// that was committed. What says nothing about a row (a tombstone behind its deletion) does not move
// time. A row cannot be younger than its commit: one client whose clock is a year ahead must not
// end the hour for everybody.
template <class Row>
Timestamp EventTime(const debezium::Change<Row>* change, const LogTime& log) {
  const Timestamp committed = change == nullptr ? kNoTimestamp : change->source.time;
  if (change != nullptr && IsVisible(*change)) {
    const Timestamp created = change->after->created_at;
    return committed == kNoTimestamp ? created : std::min(created, committed);
  }
  if (change != nullptr && (change->is_delete() || change->is_upsert())) {
    return committed == kNoTimestamp ? log.record : committed;
  }
  return log.partition == kNoTimestamp ? log.record : log.partition;
}

inline Timestamp FloorMinute(Timestamp time) {
  return std::chrono::floor<std::chrono::minutes>(time);
}

}  // namespace millrace::topologies::hot
