// JsonRow: the fields of one JSON object, and the reading of columns out of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "connectors/debezium/columns.h"
#include "connectors/debezium/json_value.h"
#include "millrace/time.h"

namespace millrace::debezium {

// Filled by a decoder and read once. Reading the fields in their order costs one step each.
// Every Read() overwrites *out or returns InvalidArgument that names the field.
class JsonRow {
 public:
  // What to do when a column that may not be null is null or missing.
  enum class Missing {
    kIsAnError,
    kIsZero,  // it reads as the zero of its type: what a `before` leaves out
  };

  // Empties the row; its memory is reused. `where` ("after") goes into messages; static storage.
  void Reset(std::string_view where, Missing missing);
  void Require(Missing missing) { missing_ = missing; }
  void Add(std::string_view name, const JsonValue& value) { fields_.push_back({name, value}); }

  // The first field of that name; a kAbsent one if there is none.
  const JsonValue& Find(std::string_view name);

  absl::Status Read(std::string_view name, int32_t* out);
  absl::Status Read(std::string_view name, int64_t* out);
  absl::Status Read(std::string_view name, bool* out);
  // Takes a decimal in a text, too (decimal.handling.mode=string).
  absl::Status Read(std::string_view name, double* out);
  absl::Status Read(std::string_view name, std::string* out);
  absl::Status Read(std::string_view name, Toastable<std::string>* out);
  absl::Status Read(std::string_view name, TimeForm form, Timestamp* out);

  template <class T>
  absl::Status Read(std::string_view name, TimeForm form, T* out);
  template <class T>
  absl::Status Read(std::string_view name, TimeForm form, std::optional<T>* out);

  // "after.id: expected an integer, got a string": for types of your own.
  absl::Status Mismatch(std::string_view name, std::string_view expected);

 private:
  struct Field {
    std::string_view name;
    JsonValue value;
  };

  // True when the column reads as zero.
  bool SkipsMissing(const JsonValue& value) const {
    return missing_ == Missing::kIsZero && !value.has_value();
  }
  template <class E>
  absl::Status ReadEnum(std::string_view name, E* out);

  std::vector<Field> fields_;
  size_t next_ = 0;  // behind the field that was found last
  std::string_view where_;
  Missing missing_ = Missing::kIsAnError;
};

template <class T>
absl::Status JsonRow::Read(std::string_view name, TimeForm, T* out) {
  if constexpr (std::is_enum_v<T>) {
    return ReadEnum(name, out);
  } else {
    return Read(name, out);
  }
}

template <class T>
absl::Status JsonRow::Read(std::string_view name, TimeForm form, std::optional<T>* out) {
  if (!Find(name).has_value()) {
    out->reset();
    return absl::OkStatus();
  }
  if (!out->has_value()) out->emplace();
  return Read(name, form, &**out);
}

template <class E>
absl::Status JsonRow::ReadEnum(std::string_view name, E* out) {
  const JsonValue& value = Find(name);
  if (value.kind == JsonValue::Kind::kString) {
    for (const auto& [member, text] : EnumNames<E>::kAll) {
      if (text != value.text) continue;
      *out = member;
      return absl::OkStatus();
    }
  } else if (SkipsMissing(value)) {
    *out = E();
    return absl::OkStatus();
  }
  std::string expected = "one of";
  for (const auto& [member, text] : EnumNames<E>::kAll) expected.append(" ").append(text);
  return Mismatch(name, expected);
}

}  // namespace millrace::debezium
