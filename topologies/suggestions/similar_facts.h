// What flows and is kept in the search for similar users. The search itself is in similar.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "millrace/serde.h"
#include "millrace/time.h"
#include "topologies/common/fields.h"

namespace millrace::topologies::suggest {

// -- Topic tastes, keyed by the author: what one of the user's counts was and is in the index, and
// whether the user wants to know of the others there.
struct Taste {
  int64_t user = 0;
  int64_t before = 0;  // 0: it is not in the index
  int64_t count = 0;   // 0: it goes
  int64_t norm = 0;    // of the user's whole row: the sum of the squares
  Timestamp search;    // kNoTimestamp: nothing is asked
};

// -- Store tasters: the index, for each author the users with the highest counts first -> norm.
struct Taster {
  int64_t author = 0;
  int64_t count = 0;
  int64_t user = 0;
};

// -- Topic shared-tastes, keyed by the user who asked: others in the index under the author.
struct TasterRow {
  int64_t user = 0;
  int64_t count = 0;
  int64_t norm = 0;
};
struct TastersOf {
  Timestamp search;
  int64_t author = 0;
  std::vector<TasterRow> rows;
};

// -- Topic neighbour-questions, keyed by the neighbour: whom do you follow?
struct FollowQuestion {
  Timestamp search;
  int64_t user = 0;  // who asks
  int64_t similarity = 0;
};
// -- Topic neighbour-follows, keyed by the user who asked.
struct FollowRow {
  int64_t author = 0;
};
struct FolloweesOf {
  Timestamp search;
  int64_t neighbour = 0;
  int64_t similarity = 0;
  std::vector<FollowRow> rows;
};

// -- Store published, by UserAuthor: the user's row as the index has it -> count.
// -- Store searches, by user: the search under way, and how many answers it waits for.
struct Search {
  Timestamp id;  // when it began
  int64_t norm = 0;
  int32_t waits_for = 0;
};
// -- Stores taster-answers and followee-answers, until all have come: (user, author), and
// (user, neighbour).
struct Answer {
  int64_t user = 0;
  int64_t from = 0;
};
// -- Store similar, by user: what the search has found, best first. Store similar-of: who has the
// author among them.
struct SimilarRow {
  int64_t author = 0;
  int64_t followers = 0;  // how many of the similar users follow
};
struct SimilarAuthors {
  std::vector<SimilarRow> rows;
};
struct AuthorUser {
  int64_t author = 0;
  int64_t user = 0;
};
// -- Topic left-authors, keyed by the author, to all tasks of users: nobody follows the author.
// Store recently-left, by author.
struct Left {
  bool is = true;
};

// A head of fixed width, then rows of fixed width up to the end. `Head` and `Row` have Fields.
template <class Head, class Row, std::vector<Row> Head::*kRows>
struct RowsSerde {
  static void Encode(const Head& head, std::string* out) {
    FieldSerde<Head>::Encode(head, out);
    for (const Row& row : head.*kRows) FieldSerde<Row>::Encode(row, out);
  }
  static absl::Status Decode(std::string_view bytes, Head* out) {
    static const size_t head = Width<Head>();
    static const size_t width = Width<Row>();
    const absl::Status status = FieldSerde<Head>::Decode(bytes.substr(0, head), out);
    if (!status.ok()) return status;
    bytes.remove_prefix(head);
    if (bytes.size() % width != 0) return absl::InvalidArgumentError("rows: one is cut off");
    (out->*kRows).resize(bytes.size() / width);
    for (Row& row : out->*kRows) {
      const absl::Status parsed = FieldSerde<Row>::Decode(bytes.substr(0, width), &row);
      if (!parsed.ok()) return parsed;
      bytes.remove_prefix(width);
    }
    return absl::OkStatus();
  }

 private:
  template <class T>
  static size_t Width() {
    std::string bytes;
    FieldSerde<T>::Encode({}, &bytes);
    return bytes.size();
  }
};

}  // namespace millrace::topologies::suggest

namespace millrace::topologies {
template <>
struct Fields<suggest::Taste> {
  using Row = suggest::Taste;
  static constexpr auto kAll = std::tuple(Field("user", &Row::user), Field("before", &Row::before),
                                          Field("count", &Row::count), Field("norm", &Row::norm),
                                          Field("search", &Row::search));
};
template <>
struct Fields<suggest::Taster> {
  using Row = suggest::Taster;
  static constexpr auto kAll =
      std::tuple(Field("author", &Row::author), Field("count", &Row::count, Direction::kDescending),
                 Field("user", &Row::user));
};
template <>
struct Fields<suggest::TasterRow> {
  using Row = suggest::TasterRow;
  static constexpr auto kAll =
      std::tuple(Field("user", &Row::user), Field("count", &Row::count), Field("norm", &Row::norm));
};
template <>
struct Fields<suggest::TastersOf> {
  using Row = suggest::TastersOf;
  static constexpr auto kAll =
      std::tuple(Field("search", &Row::search), Field("author", &Row::author));
};
template <>
struct Fields<suggest::FollowQuestion> {
  using Row = suggest::FollowQuestion;
  static constexpr auto kAll = std::tuple(Field("search", &Row::search), Field("user", &Row::user),
                                          Field("similarity", &Row::similarity));
};
template <>
struct Fields<suggest::FollowRow> {
  static constexpr auto kAll = std::tuple(Field("author", &suggest::FollowRow::author));
};
template <>
struct Fields<suggest::FolloweesOf> {
  using Row = suggest::FolloweesOf;
  static constexpr auto kAll =
      std::tuple(Field("search", &Row::search), Field("neighbour", &Row::neighbour),
                 Field("similarity", &Row::similarity));
};
template <>
struct Fields<suggest::Search> {
  using Row = suggest::Search;
  static constexpr auto kAll = std::tuple(Field("id", &Row::id), Field("norm", &Row::norm),
                                          Field("waits_for", &Row::waits_for));
};
template <>
struct Fields<suggest::Answer> {
  using Row = suggest::Answer;
  static constexpr auto kAll = std::tuple(Field("user", &Row::user), Field("from", &Row::from));
};
template <>
struct Fields<suggest::SimilarRow> {
  using Row = suggest::SimilarRow;
  static constexpr auto kAll =
      std::tuple(Field("author", &Row::author), Field("followers", &Row::followers));
};
template <>
struct Fields<suggest::SimilarAuthors> {
  static constexpr auto kAll = std::tuple();
};
template <>
struct Fields<suggest::AuthorUser> {
  using Row = suggest::AuthorUser;
  static constexpr auto kAll = std::tuple(Field("author", &Row::author), Field("user", &Row::user));
};
template <>
struct Fields<suggest::Left> {
  static constexpr auto kAll = std::tuple(Field("is", &suggest::Left::is));
};
}  // namespace millrace::topologies

namespace millrace {
template <>
struct Serde<topologies::suggest::Taste> : topologies::FieldSerde<topologies::suggest::Taste> {};
template <>
struct Serde<topologies::suggest::Taster> : topologies::FieldSerde<topologies::suggest::Taster> {};
template <>
struct Serde<topologies::suggest::TastersOf>
    : topologies::suggest::RowsSerde<topologies::suggest::TastersOf, topologies::suggest::TasterRow,
                                     &topologies::suggest::TastersOf::rows> {};
template <>
struct Serde<topologies::suggest::FollowQuestion>
    : topologies::FieldSerde<topologies::suggest::FollowQuestion> {};
template <>
struct Serde<topologies::suggest::FolloweesOf>
    : topologies::suggest::RowsSerde<topologies::suggest::FolloweesOf,
                                     topologies::suggest::FollowRow,
                                     &topologies::suggest::FolloweesOf::rows> {};
template <>
struct Serde<topologies::suggest::Search> : topologies::FieldSerde<topologies::suggest::Search> {};
template <>
struct Serde<topologies::suggest::Answer> : topologies::FieldSerde<topologies::suggest::Answer> {};
template <>
struct Serde<topologies::suggest::SimilarAuthors>
    : topologies::suggest::RowsSerde<topologies::suggest::SimilarAuthors,
                                     topologies::suggest::SimilarRow,
                                     &topologies::suggest::SimilarAuthors::rows> {};
template <>
struct Serde<topologies::suggest::AuthorUser>
    : topologies::FieldSerde<topologies::suggest::AuthorUser> {};
template <>
struct Serde<topologies::suggest::Left> : topologies::FieldSerde<topologies::suggest::Left> {};
}  // namespace millrace
