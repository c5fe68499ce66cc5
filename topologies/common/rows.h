// Keys and values that stores of several topologies have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>

#include "millrace/serde.h"
#include "topologies/common/fields.h"

namespace millrace::topologies {

// The value of stores whose keys say everything.
struct Nothing {
  bool held = true;
};

// A user, and somebody whom the user follows, or whose posts the user reacts to.
struct UserAuthor {
  int64_t user = 0;
  int64_t author = 0;
};

template <>
struct Fields<Nothing> {
  static constexpr auto kAll = std::tuple(Field("held", &Nothing::held));
};
template <>
struct Fields<UserAuthor> {
  static constexpr auto kAll =
      std::tuple(Field("user", &UserAuthor::user), Field("author", &UserAuthor::author));
};

// What all keys begin with that agree with `key` in the first `kFields` fields: for a store's
// Prefix().
template <size_t kFields = 1, class Key>
std::string KeyPrefix(const Key& key) {
  std::string prefix;
  FieldSerde<Key>::template EncodePrefix<kFields>(key, &prefix);
  return prefix;
}

}  // namespace millrace::topologies

template <>
struct millrace::Serde<millrace::topologies::Nothing>
    : millrace::topologies::FieldSerde<millrace::topologies::Nothing> {};
template <>
struct millrace::Serde<millrace::topologies::UserAuthor>
    : millrace::topologies::FieldSerde<millrace::topologies::UserAuthor> {};
