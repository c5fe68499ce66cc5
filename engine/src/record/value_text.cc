#include "record/value_text.h"

#include <cmath>
#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/json_text.h"

namespace millrace {

std::optional<std::string> TypedJson(const detail::Codec& codec, const void* value) {
  switch (codec.format) {
    case detail::Format::kInt32:
      return absl::StrCat(*static_cast<const int32_t*>(value));
    case detail::Format::kInt64:
      return absl::StrCat(*static_cast<const int64_t*>(value));
    case detail::Format::kDouble: {
      const double number = *static_cast<const double*>(value);
      if (!std::isfinite(number)) return absl::StrCat("\"", number, "\"");
      return absl::StrFormat("%.17g", number);
    }
    default:
      if (codec.to_json == nullptr) return std::nullopt;
      return codec.to_json(value);
  }
}

std::string detail::ValueToJson(const Codec* codec, const void* value) {
  if (value == nullptr) return "null";
  if (codec == nullptr) return "\"?\"";
  if (std::optional<std::string> json = TypedJson(*codec, value)) return *std::move(json);
  std::string bytes;
  codec->encode(value, &bytes);
  std::string out;
  AppendJsonString(IsValidUtf8(bytes) ? bytes : "base64:" + absl::Base64Escape(bytes), &out);
  return out;
}

}  // namespace millrace
