// JsonWriter: one JSON object in canonical form: fields in the order of the calls, no white space.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/debezium/columns.h"
#include "millrace/time.h"

namespace millrace::debezium {

// Appends `text` as a JSON string with its quotes. REQUIRES: valid UTF-8.
void AppendJsonText(std::string_view text, std::string* out);

// Appends to a string that the caller owns; the braces are written by construction and Close().
// Names of fields are written as they are: they need no escaping.
class JsonWriter {
 public:
  explicit JsonWriter(std::string* out) : out_(out) { out_->push_back('{'); }
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  void Text(std::string_view name, std::string_view value);
  void Integer(std::string_view name, int64_t value);
  void Bool(std::string_view name, bool value);
  // The shortest decimal that reads back as the same number; null for NaN and infinity.
  void Number(std::string_view name, double value);
  void Null(std::string_view name);
  // kZoned: ISO-8601 text in UTC with milliseconds; otherwise a count since the epoch.
  void Time(std::string_view name, Timestamp value, TimeForm form = TimeForm::kZoned);
  void Toasted(std::string_view name, const Toastable<std::string>& value);
  // The name alone; the caller appends one JSON value to *out.
  std::string* Raw(std::string_view name);

  void Close() { out_->push_back('}'); }

 private:
  std::string* out_;
  bool first_ = true;
};

}  // namespace millrace::debezium
