#include "connectors/debezium/json_row.h"

#include <charconv>
#include <chrono>
#include <limits>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "connectors/debezium/time_text.h"

namespace millrace::debezium {
namespace {

using Kind = JsonValue::Kind;

// kUnavailable in a bytea column.
constexpr std::string_view kUnavailableBytes = "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==";

bool IsUnavailable(const JsonValue& value) {
  return value.kind == Kind::kString &&
         (value.text == kUnavailable || value.text == kUnavailableBytes);
}

constexpr size_t kQuotedMax = 40;

// For messages. A text is quoted, as far as it is short enough to be read.
std::string Describe(const JsonValue& value) {
  switch (value.kind) {
    case Kind::kAbsent:
      return "nothing";
    case Kind::kNull:
      return "null";
    case Kind::kBool:
      return "a boolean";
    case Kind::kInteger:
      return absl::StrCat(value.integer);
    case Kind::kUnsigned:
      return absl::StrCat(value.natural);
    case Kind::kDouble:
      return "a number with a fraction";
    case Kind::kArray:
      return "an array";
    case Kind::kObject:
      return "an object";
    case Kind::kString:
      break;
  }
  if (value.text.size() > kQuotedMax)
    return absl::StrCat("a text of ", value.text.size(), " bytes");
  return absl::StrCat("\"", std::string(value.text), "\"");
}

std::optional<double> ParseDouble(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || at != end) return std::nullopt;
  return number;
}

std::optional<Timestamp> FromCount(int64_t count, TimeForm form) {
  using std::chrono::floor;
  switch (form) {
    case TimeForm::kMillis:
      return TimestampFromMillis(count);
    case TimeForm::kMicros:
      return Timestamp(floor<Duration>(std::chrono::microseconds(count)));
    case TimeForm::kNanos:
      return Timestamp(floor<Duration>(std::chrono::nanoseconds(count)));
    case TimeForm::kZoned:
      break;
  }
  return std::nullopt;
}

}  // namespace

void JsonRow::Reset(std::string_view where, Missing missing) {
  fields_.clear();
  next_ = 0;
  where_ = where;
  missing_ = missing;
}

const JsonValue& JsonRow::Find(std::string_view name) {
  static constexpr JsonValue kNone;
  const size_t count = fields_.size();
  for (size_t i = 0, at = next_; i < count; ++i, ++at) {
    if (at >= count) at = 0;
    if (fields_[at].name != name) continue;
    next_ = at + 1;
    return fields_[at].value;
  }
  return kNone;
}

absl::Status JsonRow::Mismatch(std::string_view name, std::string_view expected) {
  const JsonValue& value = Find(name);
  const std::string place = where_.empty()
                                ? std::string(name)
                                : absl::StrCat(std::string(where_), ".", std::string(name));
  const std::string got =
      IsUnavailable(value) ? "a value that Debezium left out (TOAST)" : Describe(value);
  return absl::FailedPreconditionError(
      absl::StrCat(place, ": expected ", std::string(expected), ", got ", got));
}

absl::Status JsonRow::Read(std::string_view name, int32_t* out) {
  int64_t wide = 0;
  if (!Read(name, &wide).ok() || wide < std::numeric_limits<int32_t>::min() ||
      wide > std::numeric_limits<int32_t>::max()) {
    return Mismatch(name, "an integer of 32 bits");
  }
  *out = static_cast<int32_t>(wide);
  return absl::OkStatus();
}

absl::Status JsonRow::Read(std::string_view name, int64_t* out) {
  const JsonValue& value = Find(name);
  const bool is_integer = value.kind == Kind::kInteger;
  if (!is_integer && !SkipsMissing(value)) return Mismatch(name, "an integer of 64 bits");
  *out = is_integer ? value.integer : 0;
  return absl::OkStatus();
}

absl::Status JsonRow::Read(std::string_view name, bool* out) {
  const JsonValue& value = Find(name);
  const bool is_bool = value.kind == Kind::kBool;
  if (!is_bool && !SkipsMissing(value)) return Mismatch(name, "a boolean");
  *out = is_bool && value.boolean;
  return absl::OkStatus();
}

absl::Status JsonRow::Read(std::string_view name, double* out) {
  const JsonValue& value = Find(name);
  std::optional<double> number;
  if (value.kind == Kind::kDouble) number = value.number;
  if (value.kind == Kind::kInteger) number = static_cast<double>(value.integer);
  if (value.kind == Kind::kUnsigned) number = static_cast<double>(value.natural);
  if (value.kind == Kind::kString) number = ParseDouble(value.text);
  if (SkipsMissing(value)) number = 0;
  if (!number.has_value()) return Mismatch(name, "a number");
  *out = *number;
  return absl::OkStatus();
}

absl::Status JsonRow::Read(std::string_view name, std::string* out) {
  const JsonValue& value = Find(name);
  const bool is_text = value.kind == Kind::kString && !IsUnavailable(value);
  if (!is_text && !SkipsMissing(value)) return Mismatch(name, "a text");
  out->assign(value.text);
  return absl::OkStatus();
}

absl::Status JsonRow::Read(std::string_view name, Toastable<std::string>* out) {
  const JsonValue& value = Find(name);
  if (!value.has_value()) {
    out->SetNull();
  } else if (IsUnavailable(value)) {
    out->SetUnchanged();
  } else if (value.kind == Kind::kString) {
    out->SetValue()->assign(value.text);
  } else {
    return Mismatch(name, "a text");
  }
  return absl::OkStatus();
}

absl::Status JsonRow::Read(std::string_view name, TimeForm form, Timestamp* out) {
  const JsonValue& value = Find(name);
  std::optional<Timestamp> time;
  if (value.kind == Kind::kString) time = ParseTimestamp(value.text);
  if (value.kind == Kind::kInteger) time = FromCount(value.integer, form);
  if (SkipsMissing(value)) time = kNoTimestamp;
  if (!time.has_value()) {
    return Mismatch(name, form == TimeForm::kZoned ? "an ISO-8601 time with its zone"
                                                   : "a time as an integer or as ISO-8601 text");
  }
  *out = *time;
  return absl::OkStatus();
}

}  // namespace millrace::debezium
