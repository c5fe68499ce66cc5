// What flows between the steps of active-users, and what its stores hold.
#pragma once

#include <cstdint>
#include <tuple>

#include "millrace/serde.h"
#include "millrace/time.h"
#include "topologies/common/rows.h"

namespace millrace::topologies::active {

// -- Topic by-user, keyed by the user, at the time of what they did.
struct Deed {
  int64_t id = 0;  // a hash of what tells it from others
};

// -- Store minutes: in the order of time, so that the hour is one range of it.
struct UserMinute {
  Timestamp minute;
  int64_t user = 0;
};

// -- Store deeds: what was counted in the last hour.
struct DeedMinute {
  Timestamp minute;
  int64_t id = 0;
};

}  // namespace millrace::topologies::active

namespace millrace::topologies {
template <>
struct Fields<active::Deed> {
  static constexpr auto kAll = std::tuple(Field("id", &active::Deed::id));
};
template <>
struct Fields<active::UserMinute> {
  static constexpr auto kAll = std::tuple(Field("minute", &active::UserMinute::minute),
                                          Field("user", &active::UserMinute::user));
};
template <>
struct Fields<active::DeedMinute> {
  static constexpr auto kAll = std::tuple(Field("minute", &active::DeedMinute::minute),
                                          Field("id", &active::DeedMinute::id));
};
}  // namespace millrace::topologies

namespace millrace {
template <>
struct Serde<topologies::active::Deed> : topologies::FieldSerde<topologies::active::Deed> {};
template <>
struct Serde<topologies::active::UserMinute>
    : topologies::FieldSerde<topologies::active::UserMinute> {};
template <>
struct Serde<topologies::active::DeedMinute>
    : topologies::FieldSerde<topologies::active::DeedMinute> {};
}  // namespace millrace
