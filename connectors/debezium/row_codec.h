// RowCodec<Row>: a row out of a JsonRow and into a JsonWriter. Made from Columns<Row>; specialise
// it only for a row whose columns do not map one to one:
//
//   static absl::Status Read(JsonRow* from, Row* out);          // overwrites every field of *out
//   static void Write(const Row& row, JsonWriter* to);
//
// RowSerde<Row>: the row as one flat JSON object, for keys of change topics and for topics of our
// own. Use: template <> struct millrace::Serde<PostKey> : millrace::debezium::RowSerde<PostKey> {};
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "absl/status/status.h"
#include "connectors/debezium/columns.h"
#include "connectors/debezium/envelope.h"
#include "connectors/debezium/json_row.h"
#include "connectors/debezium/json_writer.h"
#include "millrace/status.h"

namespace millrace::debezium {

template <class T>
void WriteColumn(std::string_view name, TimeForm form, const T& value, JsonWriter* to) {
  if constexpr (std::is_same_v<T, bool>) {
    to->Bool(name, value);
  } else if constexpr (std::is_integral_v<T>) {
    to->Integer(name, value);
  } else if constexpr (std::is_floating_point_v<T>) {
    to->Number(name, value);
  } else if constexpr (std::is_same_v<T, Timestamp>) {
    to->Time(name, value, form);
  } else if constexpr (std::is_same_v<T, Toastable<std::string>>) {
    to->Toasted(name, value);
  } else if constexpr (std::is_enum_v<T>) {
    for (const auto& [member, text] : EnumNames<T>::kAll) {
      if (member == value) return to->Text(name, text);
    }
    to->Null(name);
  } else {
    to->Text(name, value);
  }
}

template <class T>
void WriteColumn(std::string_view name, TimeForm form, const std::optional<T>& value,
                 JsonWriter* to) {
  value.has_value() ? WriteColumn(name, form, *value, to) : to->Null(name);
}

template <class Row, class T>
absl::Status ReadColumn(const Column<Row, T>& column, JsonRow* from, T* out) {
  if constexpr (std::is_same_v<T, Timestamp>) {
    if (column.may_be_missing && !from->Find(column.name).has_value()) {
      *out = kNoTimestamp;
      return absl::OkStatus();
    }
  }
  return from->Read(column.name, column.time, out);
}

template <class Row, class T>
bool IsMissing(const Column<Row, T>& column, const T& value) {
  if constexpr (std::is_same_v<T, Timestamp>) {
    return column.may_be_missing && value == kNoTimestamp;
  } else {
    return false;
  }
}

template <class Row>
struct RowCodec {
  static_assert(HasColumns<Row>,
                "no columns: specialise millrace::debezium::Columns<Row> (columns.h)");

  static absl::Status Read(JsonRow* from, Row* out) {
    return std::apply(
        [&](const auto&... column) {
          absl::Status status;
          // Stops at the first column that fails.
          static_cast<void>(
              ((status = ReadColumn(column, from, &(out->*column.member))).ok() && ...));
          return status;
        },
        Columns<Row>::kAll);
  }

  static void Write(const Row& row, JsonWriter* to) {
    std::apply(
        [&](const auto&... column) {
          ((IsMissing(column, row.*column.member)
                ? to->Null(column.name)
                : WriteColumn(column.name, column.time, row.*column.member, to)),
           ...);
        },
        Columns<Row>::kAll);
  }
};

// Reads a plain object, or one inside {"schema", "payload"}; writes a plain one.
template <class Row>
struct RowSerde {
  static void Encode(const Row& row, std::string* out) {
    JsonWriter writer(out);
    RowCodec<Row>::Write(row, &writer);
    writer.Close();
  }
  static absl::Status Decode(std::string_view bytes, Row* out) {
    MR_ASSIGN_OR_RETURN(JsonRow * row, DecodeObject(bytes));
    return RowCodec<Row>::Read(row, out);
  }
  static std::string ToJson(const Row& row) {
    std::string json;
    Encode(row, &json);
    return json;
  }
};

}  // namespace millrace::debezium
