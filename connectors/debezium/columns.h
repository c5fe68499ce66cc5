// How a row of a table is declared: once, for reading and for writing.
//
//   struct Post { int64_t id = 0; Toastable<std::string> body; std::optional<Timestamp> edited_at;
//   };
//
//   template <>
//   struct millrace::debezium::Columns<Post> {
//     static constexpr auto kAll =
//         std::tuple(Column("id", &Post::id), Column("body", &Post::body),
//                    Column("edited_at", &Post::edited_at, TimeForm::kMicros));
//   };
//
// Types of columns: int32_t, int64_t, bool, double, std::string, Timestamp, an enum with EnumNames,
// std::optional of each (null or left out), Toastable<std::string>. Columns of the table that are
// not named are skipped, so a new column breaks nothing.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "millrace/time.h"

namespace millrace::debezium {

// What stands for the value of a large column that an update did not touch.
inline constexpr std::string_view kUnavailable = "__debezium_unavailable_value";

// What Debezium makes of a timestamp column. A text is always read as ISO-8601; an integer only
// where the form says what it counts.
enum class TimeForm {
  kZoned,   // ISO-8601 text: timestamptz (io.debezium.time.ZonedTimestamp)
  kMillis,  // io.debezium.time.Timestamp, org.apache.kafka.connect.data.Timestamp
  kMicros,  // io.debezium.time.MicroTimestamp: a timestamp column by default
  kNanos,   // io.debezium.time.NanoTimestamp
};

template <class Row, class T>
struct Column {
  std::string_view name;
  T Row::*member;
  TimeForm time = TimeForm::kZoned;
  bool may_be_missing = false;

  constexpr Column(std::string_view column, T Row::*of, TimeForm form = TimeForm::kZoned)
      : name(column), member(of), time(form) {}

  // A timestamp that is null or missing reads as kNoTimestamp, and is written as null.
  constexpr Column OrNoTimestamp() const {
    static_assert(std::is_same_v<T, Timestamp>);
    Column column = *this;
    column.may_be_missing = true;
    return column;
  }
};

// Specialise: `static constexpr auto kAll = std::tuple(Column(…), …);`.
template <class Row>
struct Columns;

// Specialise for an enum column: static constexpr std::array<std::pair<E, std::string_view>, N>
// kAll. A text that is not in the list makes the record poison.
template <class E>
struct EnumNames;

template <class Row>
concept HasColumns = requires {
  std::tuple_size<decltype(Columns<Row>::kAll)>::value;
};

// A column that PostgreSQL leaves out of an update when it is large (TOAST) and did not change:
// the reader has to keep what it has stored.
template <class T>
class Toastable {
 public:
  Toastable() = default;
  Toastable(T value) : state_(State::kValue), value_(std::move(value)) {}  // NOLINT: like optional

  static Toastable Unchanged() {
    Toastable column;
    column.SetUnchanged();
    return column;
  }

  bool is_null() const { return state_ == State::kNull; }
  bool is_unchanged() const { return state_ == State::kUnchanged; }
  bool has_value() const { return state_ == State::kValue; }
  // The value; empty unless has_value().
  const T& value() const { return value_; }

  // Makes the column a value, and hands the old one over to be overwritten (its memory is reused).
  T* SetValue() {
    state_ = State::kValue;
    return &value_;
  }
  void SetNull() { Set(State::kNull); }
  void SetUnchanged() { Set(State::kUnchanged); }
  // Takes the stored column over where this one says that it did not change.
  void FillFrom(const Toastable& stored) {
    if (is_unchanged()) *this = stored;
  }

  bool operator==(const Toastable&) const = default;

 private:
  enum class State : uint8_t { kNull, kUnchanged, kValue };
  void Set(State state) {
    state_ = state;
    value_ = T();
  }

  State state_ = State::kNull;
  T value_{};
};

}  // namespace millrace::debezium
