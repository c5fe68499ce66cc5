// ClientEvent: what a client reports of itself. Topic events, in any partition.
//
//   {"event_id":"…","type":"impression","user_id":12,"post_id":4,"at":"2026-01-02T03:04:05.123Z"}
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "connectors/debezium/columns.h"
#include "connectors/debezium/row_codec.h"
#include "millrace/serde.h"
#include "millrace/time.h"

namespace millrace::schemas {

enum class ClientEventType : uint8_t { kImpression, kShare, kView, kProfileView };

struct ClientEvent {
  std::string id;
  ClientEventType type = ClientEventType::kImpression;
  int64_t user = 0;
  std::optional<int64_t> post;         // of kImpression, kShare and kView
  std::optional<int64_t> target_user;  // of kProfileView
  Timestamp at = kNoTimestamp;
  bool operator==(const ClientEvent&) const = default;
};

}  // namespace millrace::schemas

namespace millrace::debezium {

template <>
struct EnumNames<schemas::ClientEventType> {
  using Type = schemas::ClientEventType;
  static constexpr std::array<std::pair<Type, std::string_view>, 4> kAll = {{
      {Type::kImpression, "impression"},
      {Type::kShare, "share"},
      {Type::kView, "view"},
      {Type::kProfileView, "profile_view"},
  }};
};

template <>
struct Columns<schemas::ClientEvent> {
  using Row = schemas::ClientEvent;
  static constexpr auto kAll =
      std::tuple(Column("event_id", &Row::id), Column("type", &Row::type),
                 Column("user_id", &Row::user), Column("post_id", &Row::post),
                 Column("target_user_id", &Row::target_user), Column("at", &Row::at));
};

}  // namespace millrace::debezium

template <>
struct millrace::Serde<millrace::schemas::ClientEvent>
    : millrace::debezium::RowSerde<millrace::schemas::ClientEvent> {};
