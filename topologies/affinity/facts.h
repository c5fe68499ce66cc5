// What flows between the steps of affinity, and what its stores hold.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

#include "millrace/serde.h"
#include "millrace/time.h"
#include "topologies/common/fields.h"

namespace millrace::topologies::affinity {

// -- Topic by-user, keyed by the user who reacted.
struct Fact {
  int64_t author = 0;
  int32_t by = 0;  // +1; -1 takes one of that time back
  Timestamp at;    // of the like, comment or share, also when it is taken back
};

// -- Store authors: post -> its author. A deleted post stays for as long as an interaction with it
// can be taken back, and is in store gone-posts for that time.
struct PostAuthor {
  int64_t author = 0;
  bool gone = false;
  bool operator==(const PostAuthor&) const = default;
};
struct GonePost {
  Timestamp gone_at;
  int64_t post = 0;
};

// -- Store waiting: interactions with posts that are not known yet, numbered as they came.
enum class Source : uint8_t { kLikes, kComments, kEvents };
struct Waiting {
  Timestamp since;
  int64_t post = 0;
  int64_t user = 0;
  int32_t by = 0;
  Timestamp at;
  Source source = Source::kLikes;
  std::string value;  // the record's, for the dead letter
};

// -- Store affinity: (user, author) -> what counts today.
struct Pair {
  int64_t user = 0;
  int64_t author = 0;
};
struct Total {
  int64_t interactions = 0;
  Timestamp last_at;
};
// -- Store days: what each UTC day, counted from 1970, adds to a total. In the order of days, so
// that those that expire are one range.
struct DayOfPair {
  int64_t day = 0;
  int64_t user = 0;
  int64_t author = 0;
};

}  // namespace millrace::topologies::affinity

namespace millrace::topologies {
template <>
struct Fields<affinity::Fact> {
  using Row = affinity::Fact;
  static constexpr auto kAll =
      std::tuple(Field("author", &Row::author), Field("by", &Row::by), Field("at", &Row::at));
};
template <>
struct Fields<affinity::PostAuthor> {
  using Row = affinity::PostAuthor;
  static constexpr auto kAll = std::tuple(Field("author", &Row::author), Field("gone", &Row::gone));
};
template <>
struct Fields<affinity::GonePost> {
  using Row = affinity::GonePost;
  static constexpr auto kAll =
      std::tuple(Field("gone_at", &Row::gone_at), Field("post", &Row::post));
};
// Without the value, which is the rest of the bytes.
template <>
struct Fields<affinity::Waiting> {
  using Row = affinity::Waiting;
  static constexpr auto kAll =
      std::tuple(Field("since", &Row::since), Field("post", &Row::post), Field("user", &Row::user),
                 Field("by", &Row::by), Field("at", &Row::at), Field("source", &Row::source));
  static constexpr size_t kBytes = 4 * 8 + 4 + 1;
};
template <>
struct Fields<affinity::Pair> {
  using Row = affinity::Pair;
  static constexpr auto kAll = std::tuple(Field("user", &Row::user), Field("author", &Row::author));
};
template <>
struct Fields<affinity::Total> {
  using Row = affinity::Total;
  static constexpr auto kAll =
      std::tuple(Field("interactions", &Row::interactions), Field("last_at", &Row::last_at));
};
template <>
struct Fields<affinity::DayOfPair> {
  using Row = affinity::DayOfPair;
  static constexpr auto kAll =
      std::tuple(Field("day", &Row::day), Field("user", &Row::user), Field("author", &Row::author));
};
}  // namespace millrace::topologies

namespace millrace {
template <>
struct Serde<topologies::affinity::Fact> : topologies::FieldSerde<topologies::affinity::Fact> {};
template <>
struct Serde<topologies::affinity::PostAuthor>
    : topologies::FieldSerde<topologies::affinity::PostAuthor> {};
template <>
struct Serde<topologies::affinity::GonePost>
    : topologies::FieldSerde<topologies::affinity::GonePost> {};
template <>
struct Serde<topologies::affinity::Waiting> {
  using Row = topologies::affinity::Waiting;
  using Head = topologies::FieldSerde<Row>;
  static void Encode(const Row& row, std::string* out) {
    Head::Encode(row, out);
    out->append(row.value);
  }
  static absl::Status Decode(std::string_view bytes, Row* out) {
    constexpr size_t kHead = topologies::Fields<Row>::kBytes;
    if (bytes.size() < kHead) return absl::InvalidArgumentError("a waiting record is cut off");
    out->value.assign(bytes.substr(kHead));
    return Head::Decode(bytes.substr(0, kHead), out);
  }
  static std::string ToJson(const Row& row) { return Head::ToJson(row); }
};
template <>
struct Serde<topologies::affinity::Pair> : topologies::FieldSerde<topologies::affinity::Pair> {};
template <>
struct Serde<topologies::affinity::Total> : topologies::FieldSerde<topologies::affinity::Total> {};
template <>
struct Serde<topologies::affinity::DayOfPair>
    : topologies::FieldSerde<topologies::affinity::DayOfPair> {};
}  // namespace millrace
