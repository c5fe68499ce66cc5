// What the product's services announce through their outbox table, and the events that come of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

#include "connectors/debezium/columns.h"
#include "connectors/debezium/row_codec.h"
#include "millrace/serde.h"
#include "millrace/time.h"
#include "schemas/social_rows.h"

namespace millrace::schemas {

// A row of the outbox table. Topic outbox.events, keyed by the aggregate's id.
struct OutboxRow {
  std::string id;  // of the event: a UUID; a repetition has the same
  std::string aggregate_type;
  std::string aggregate;
  std::string type;     // POST_CREATED, POST_UPDATED, user.followed
  std::string payload;  // the event as JSON text
  bool operator==(const OutboxRow&) const = default;
};

// Topic post.created.v1, keyed by the post.
struct PostCreated {
  int64_t post = 0;
  int64_t author = 0;
  Visibility visibility = Visibility::kPublic;
  Timestamp created_at = kNoTimestamp;
  bool operator==(const PostCreated&) const = default;
};

// Topic post.updated.v1, keyed by the post.
struct PostUpdated {
  int64_t post = 0;
  int64_t author = 0;
  Visibility visibility = Visibility::kPublic;
  Timestamp created_at = kNoTimestamp;
  std::string changed;  // names of columns, comma-separated
  bool operator==(const PostUpdated&) const = default;
};

// Topic user.followed.v1, keyed by the one who is followed now.
struct UserFollowed {
  int64_t follower = 0;
  int64_t followee = 0;
  std::optional<Timestamp> at;  // left out by some producers: then it is the record's time
  bool operator==(const UserFollowed&) const = default;
};

}  // namespace millrace::schemas

namespace millrace::debezium {

template <>
struct Columns<schemas::OutboxRow> {
  using Row = schemas::OutboxRow;
  static constexpr auto kAll =
      std::tuple(Column("id", &Row::id), Column("aggregatetype", &Row::aggregate_type),
                 Column("aggregateid", &Row::aggregate), Column("type", &Row::type),
                 Column("payload", &Row::payload));
};

template <>
struct Columns<schemas::PostCreated> {
  using Row = schemas::PostCreated;
  static constexpr auto kAll =
      std::tuple(Column("post_id", &Row::post), Column("author_id", &Row::author),
                 Column("visibility", &Row::visibility), Column("created_at", &Row::created_at));
};

template <>
struct Columns<schemas::PostUpdated> {
  using Row = schemas::PostUpdated;
  static constexpr auto kAll =
      std::tuple(Column("post_id", &Row::post), Column("author_id", &Row::author),
                 Column("visibility", &Row::visibility), Column("created_at", &Row::created_at),
                 Column("changed", &Row::changed));
};

template <>
struct Columns<schemas::UserFollowed> {
  using Row = schemas::UserFollowed;
  static constexpr auto kAll =
      std::tuple(Column("follower_id", &Row::follower), Column("following_id", &Row::followee),
                 Column("timestamp", &Row::at));
};

}  // namespace millrace::debezium

template <>
struct millrace::Serde<millrace::schemas::PostCreated>
    : millrace::debezium::RowSerde<millrace::schemas::PostCreated> {};
template <>
struct millrace::Serde<millrace::schemas::PostUpdated>
    : millrace::debezium::RowSerde<millrace::schemas::PostUpdated> {};
template <>
struct millrace::Serde<millrace::schemas::UserFollowed>
    : millrace::debezium::RowSerde<millrace::schemas::UserFollowed> {};
