#include "connectors/debezium/json_writer.h"

#include <charconv>
#include <cmath>

#include "connectors/debezium/time_text.h"

namespace millrace::debezium {
namespace {

void AppendControl(char c, std::string* out) {
  constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '\n':
      out->append("\\n");
      return;
    case '\r':
      out->append("\\r");
      return;
    case '\t':
      out->append("\\t");
      return;
    default:
      break;
  }
  out->append("\\u00");
  out->push_back(kHex[static_cast<unsigned char>(c) >> 4]);
  out->push_back(kHex[static_cast<unsigned char>(c) & 0xf]);
}

}  // namespace

void AppendJsonText(std::string_view text, std::string* out) {
  out->push_back('"');
  size_t from = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out->append(text, from, i - from);
    from = i + 1;
    if (c < 0x20) {
      AppendControl(text[i], out);
    } else {
      out->push_back('\\');
      out->push_back(text[i]);
    }
  }
  out->append(text, from);
  out->push_back('"');
}

std::string* JsonWriter::Raw(std::string_view name) {
  if (!first_) out_->push_back(',');
  first_ = false;
  out_->push_back('"');
  out_->append(name);
  out_->append("\":");
  return out_;
}

void JsonWriter::Text(std::string_view name, std::string_view value) {
  AppendJsonText(value, Raw(name));
}

void JsonWriter::Integer(std::string_view name, int64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  Raw(name)->append(digits, end);
}

void JsonWriter::Bool(std::string_view name, bool value) {
  Raw(name)->append(value ? "true" : "false");
}

void JsonWriter::Number(std::string_view name, double value) {
  if (!std::isfinite(value)) return Null(name);
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  Raw(name)->append(digits, end);
}

void JsonWriter::Null(std::string_view name) { Raw(name)->append("null"); }

void JsonWriter::Time(std::string_view name, Timestamp value, TimeForm form) {
  if (form == TimeForm::kMillis) return Integer(name, ToMillis(value));
  if (form == TimeForm::kMicros) return Integer(name, ToMillis(value) * 1'000);
  if (form == TimeForm::kNanos) return Integer(name, ToMillis(value) * 1'000'000);
  std::string* out = Raw(name);
  out->push_back('"');
  AppendTimestamp(value, out);
  out->push_back('"');
}

void JsonWriter::Toasted(std::string_view name, const Toastable<std::string>& value) {
  if (value.is_null()) return Null(name);
  Text(name, value.is_unchanged() ? kUnavailable : std::string_view(value.value()));
}

}  // namespace millrace::debezium
