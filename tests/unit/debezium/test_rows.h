// A row with a column of every type, for tests of the decoder.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "connectors/debezium/change.h"

namespace millrace::debezium {

enum class Color : uint8_t { kRed, kBlue };

struct Item {
  int64_t id = 0;
  int32_t small = 0;
  std::string name;
  Toastable<std::string> big;
  Color color = Color::kRed;
  std::optional<std::string> note;
  bool hidden = false;
  double weight = 0;
  Timestamp created = kNoTimestamp;
  std::optional<Timestamp> edited;
  bool operator==(const Item&) const = default;
};

template <>
struct EnumNames<Color> {
  static constexpr std::array<std::pair<Color, std::string_view>, 2> kAll = {
      {{Color::kRed, "red"}, {Color::kBlue, "blue"}}};
};

template <>
struct Columns<Item> {
  static constexpr auto kAll = std::tuple(
      Column("id", &Item::id), Column("small", &Item::small), Column("name", &Item::name),
      Column("big", &Item::big), Column("color", &Item::color), Column("note", &Item::note),
      Column("hidden", &Item::hidden), Column("weight", &Item::weight),
      Column("created", &Item::created), Column("edited", &Item::edited, TimeForm::kMicros));
};

inline constexpr std::string_view kItemJson =
    R"({"id":7,"small":-3,"name":"box","big":"long text","color":"blue","note":"n","hidden":true,)"
    R"("weight":2.5,"created":"2026-01-02T03:04:05.123456Z","edited":1772323201000001})";

inline Item SomeItem() {
  return {.id = 7,
          .small = -3,
          .name = "box",
          .big = std::string("long text"),
          .color = Color::kBlue,
          .note = "n",
          .hidden = true,
          .weight = 2.5,
          .created = TimestampFromMillis(1'767'323'045'123),
          .edited = TimestampFromMillis(1'772'323'201'000)};
}

}  // namespace millrace::debezium
