#include "generator/change_record.h"

#include "absl/strings/escaping.h"
#include "base/json_text.h"
#include "generator/change_rows.h"

namespace millrace::gen {

void AppendRecordLine(const ChangeRecord& record, std::string* out) {
  *out += "{\"topic\":\"";
  *out += record.topic;
  *out += "\",\"key\":";
  if (record.has_key) {
    AppendJsonString(record.key, out);
  } else {
    *out += "null";
  }
  *out += ",\"value\":";
  if (record.is_tombstone) {
    *out += "null";
  } else if (IsValidUtf8(record.value)) {
    AppendJsonString(record.value, out);
  } else {
    *out += '"';
    *out += absl::Base64Escape(record.value);
    *out += "\",\"encoding\":\"base64\"";
  }
  *out += ",\"timestamp\":";
  AppendInt(ToMillis(record.timestamp), out);
  if (!record.headers.empty()) {
    *out += ",\"headers\":[";
    for (const Headers::Entry& header : record.headers) {
      if (out->back() != '[') *out += ',';
      *out += '[';
      AppendJsonString(header.name, out);
      *out += ',';
      AppendJsonString(header.value.value_or(""), out);
      *out += ']';
    }
    *out += ']';
  }
  *out += "}\n";
}

}  // namespace millrace::gen
