// NotificationRequest: somebody should be told something. Topic notifications.requests.v1, keyed by
// who is to be told; whether and how they are is decided behind it.
//
//   {"user_id":12,"type":"NEW_POST","actor_id":10,"subject_id":4,
//    "created_at":"2026-01-02T03:04:05.123Z"}
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <utility>

#include "connectors/debezium/columns.h"
#include "connectors/debezium/row_codec.h"
#include "millrace/serde.h"
#include "millrace/time.h"

namespace millrace::schemas {

enum class NotificationType : uint8_t {
  kNewPost,  // the subject is a post, the actor its author
};

struct NotificationRequest {
  int64_t user = 0;  // who is to be told
  NotificationType type = NotificationType::kNewPost;
  int64_t actor = 0;
  int64_t subject = 0;
  Timestamp created_at = kNoTimestamp;  // of the subject
  bool operator==(const NotificationRequest&) const = default;
};

}  // namespace millrace::schemas

template <>
struct millrace::debezium::EnumNames<millrace::schemas::NotificationType> {
  static constexpr std::array<std::pair<schemas::NotificationType, std::string_view>, 1> kAll = {{
      {schemas::NotificationType::kNewPost, "NEW_POST"},
  }};
};

template <>
struct millrace::debezium::Columns<millrace::schemas::NotificationRequest> {
  using Row = schemas::NotificationRequest;
  static constexpr auto kAll = std::tuple(
      Column("user_id", &Row::user), Column("type", &Row::type), Column("actor_id", &Row::actor),
      Column("subject_id", &Row::subject), Column("created_at", &Row::created_at));
};

template <>
struct millrace::Serde<millrace::schemas::NotificationRequest>
    : millrace::debezium::RowSerde<millrace::schemas::NotificationRequest> {};
