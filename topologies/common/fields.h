// FieldSerde<T>: a small struct as the bytes of its fields, one after another, each of a fixed
// width. For keys of stores, which must be ordered, and for rows that only our own steps read.
//
//   struct AuthorPost { int64_t author = 0; int64_t post = 0; };
//   template <> struct millrace::topologies::Fields<AuthorPost> {
//     static constexpr auto kAll = std::tuple(Field("author", &AuthorPost::author),
//                                             Field("post", &AuthorPost::post));
//   };
//   template <> struct millrace::Serde<AuthorPost> : millrace::topologies::FieldSerde<AuthorPost>
//   {};
//
// Comparing the bytes compares the fields in their order; negative numbers come before positive
// ones, and a descending field has its greatest value first. Types of fields: int64_t, int32_t,
// Timestamp, bool, and enums of one byte.
//
//   int64_t, Timestamp   8 bytes, big-endian, sign bit flipped (descending: every bit flipped too)
//   int32_t              4 bytes, the same
//   bool, enum           1 byte
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "absl/status/status.h"
#include "millrace/time.h"

namespace millrace::topologies {

enum class Direction { kAscending, kDescending };

template <class Row, class T>
struct Field {
  std::string_view name;  // for people: state scan prints it
  T Row::*member;
  Direction direction = Direction::kAscending;

  constexpr Field(std::string_view n, T Row::*m, Direction d = Direction::kAscending)
      : name(n), member(m), direction(d) {}
};

// Specialise: `static constexpr auto kAll = std::tuple(Field(…), …);`.
template <class Row>
struct Fields;

namespace internal {

template <class T>
constexpr auto ToBits(const T& value) {
  if constexpr (std::is_same_v<T, Timestamp>) {
    return static_cast<uint64_t>(ToMillis(value)) ^ (uint64_t{1} << 63);
  } else if constexpr (std::is_same_v<T, int64_t>) {
    return static_cast<uint64_t>(value) ^ (uint64_t{1} << 63);
  } else if constexpr (std::is_same_v<T, int32_t>) {
    return static_cast<uint32_t>(value) ^ (uint32_t{1} << 31);
  } else {
    static_assert(sizeof(T) == 1,
                  "fields are int64_t, int32_t, Timestamp, bool or enums of a byte");
    return static_cast<uint8_t>(value);
  }
}

template <class T>
using BitsOf = decltype(ToBits(std::declval<T>()));

template <class T>
constexpr T FromBits(BitsOf<T> bits) {
  if constexpr (std::is_same_v<T, Timestamp>) {
    return TimestampFromMillis(static_cast<int64_t>(bits ^ (uint64_t{1} << 63)));
  } else if constexpr (std::is_same_v<T, int64_t>) {
    return static_cast<int64_t>(bits ^ (uint64_t{1} << 63));
  } else if constexpr (std::is_same_v<T, int32_t>) {
    return static_cast<int32_t>(bits ^ (uint32_t{1} << 31));
  } else {
    return static_cast<T>(bits);
  }
}

template <class T>
void AppendField(const T& value, Direction direction, std::string* out) {
  BitsOf<T> bits = ToBits(value);
  if (direction == Direction::kDescending) bits = static_cast<BitsOf<T>>(~bits);
  char bytes[sizeof bits];
  for (size_t i = 0; i < sizeof bits; ++i) {
    bytes[i] = static_cast<char>(bits >> (8 * (sizeof bits - 1 - i)));
  }
  out->append(bytes, sizeof bits);
}

// Takes the field off the front of *in; false when it is cut off.
template <class T>
bool ParseField(std::string_view* in, Direction direction, T* out) {
  BitsOf<T> bits = 0;
  if (in->size() < sizeof bits) return false;
  for (size_t i = 0; i < sizeof bits; ++i) {
    bits = static_cast<BitsOf<T>>(static_cast<uint64_t>(bits) << 8 |
                                  static_cast<unsigned char>((*in)[i]));
  }
  in->remove_prefix(sizeof bits);
  if (direction == Direction::kDescending) bits = static_cast<BitsOf<T>>(~bits);
  *out = FromBits<T>(bits);
  return true;
}

template <class T>
std::string FieldToJson(const T& value) {
  if constexpr (std::is_same_v<T, Timestamp>) {
    return std::to_string(ToMillis(value));
  } else if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else {
    return std::to_string(static_cast<int64_t>(value));
  }
}

}  // namespace internal

template <class Row>
struct FieldSerde {
  static void Encode(const Row& row, std::string* out) {
    std::apply(
        [&](const auto&... field) {
          (internal::AppendField(row.*field.member, field.direction, out), ...);
        },
        Fields<Row>::kAll);
  }

  static absl::Status Decode(std::string_view bytes, Row* out) {
    const bool parsed = std::apply(
        [&](const auto&... field) {
          return (internal::ParseField(&bytes, field.direction, &(out->*field.member)) && ...);
        },
        Fields<Row>::kAll);
    if (parsed && bytes.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError("a row of fields of fixed width has the wrong length");
  }

  // The first `kCount` fields of `row`: what all keys that agree in them begin with.
  template <size_t kCount>
  static void EncodePrefix(const Row& row, std::string* out) {
    [&]<size_t... kIndex>(std::index_sequence<kIndex...>) {
      (internal::AppendField(row.*std::get<kIndex>(Fields<Row>::kAll).member,
                             std::get<kIndex>(Fields<Row>::kAll).direction, out),
       ...);
    }
    (std::make_index_sequence<kCount>());
  }

  static std::string ToJson(const Row& row) {
    std::string json = "{";
    std::apply(
        [&](const auto&... field) {
          ((json += json.size() > 1 ? ",\"" : "\"", json += field.name,
            json += "\":", json += internal::FieldToJson(row.*field.member)),
           ...);
        },
        Fields<Row>::kAll);
    return json + "}";
  }
};

}  // namespace millrace::topologies
