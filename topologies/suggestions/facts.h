// What flows between the steps of suggestions, and what its stores hold.
#pragma once

#include <cstdint>
#include <tuple>

#include "millrace/serde.h"
#include "millrace/time.h"
#include "topologies/common/rows.h"

namespace millrace::topologies::suggest {

// -- Store by-count: store affinity in the order of suggestion.
struct UserCountAuthor {
  int64_t user = 0;
  int64_t count = 0;
  int64_t author = 0;
};
// -- Store readers: when a user's list was made, and when it is made again; store wakes: the same
// in the order of time.
struct Reader {
  Timestamp made_at = kNoTimestamp;
  Timestamp wake_at = Timestamp::max();  // not at all
};
struct Wake {
  Timestamp at;
  int64_t user = 0;
};

// -- Topic hot-by-post, keyed by the post; topic hot-by-author, keyed by the author: it is, or one
// of the author's posts is, on the board of that time.
struct OnBoard {
  Timestamp board;
};
// -- Topic hot-authors: an author with a hot post. Store hot-authors, by author.
struct HotAuthor {
  int64_t author = 0;
  int64_t followers = 0;
  Timestamp board;
};

}  // namespace millrace::topologies::suggest

namespace millrace::topologies {
template <>
struct Fields<suggest::UserCountAuthor> {
  using Row = suggest::UserCountAuthor;
  static constexpr auto kAll =
      std::tuple(Field("user", &Row::user), Field("count", &Row::count, Direction::kDescending),
                 Field("author", &Row::author));
};
template <>
struct Fields<suggest::Reader> {
  using Row = suggest::Reader;
  static constexpr auto kAll =
      std::tuple(Field("made_at", &Row::made_at), Field("wake_at", &Row::wake_at));
};
template <>
struct Fields<suggest::Wake> {
  static constexpr auto kAll =
      std::tuple(Field("at", &suggest::Wake::at), Field("user", &suggest::Wake::user));
};
template <>
struct Fields<suggest::OnBoard> {
  static constexpr auto kAll = std::tuple(Field("board", &suggest::OnBoard::board));
};
template <>
struct Fields<suggest::HotAuthor> {
  using Row = suggest::HotAuthor;
  static constexpr auto kAll =
      std::tuple(Field("author", &Row::author), Field("followers", &Row::followers),
                 Field("board", &Row::board));
};
}  // namespace millrace::topologies

namespace millrace {
template <>
struct Serde<topologies::suggest::UserCountAuthor>
    : topologies::FieldSerde<topologies::suggest::UserCountAuthor> {};
template <>
struct Serde<topologies::suggest::Reader> : topologies::FieldSerde<topologies::suggest::Reader> {};
template <>
struct Serde<topologies::suggest::Wake> : topologies::FieldSerde<topologies::suggest::Wake> {};
template <>
struct Serde<topologies::suggest::OnBoard> : topologies::FieldSerde<topologies::suggest::OnBoard> {
};
template <>
struct Serde<topologies::suggest::HotAuthor>
    : topologies::FieldSerde<topologies::suggest::HotAuthor> {};
}  // namespace millrace
