#include "kcat_format.h"

#include <cctype>
#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace millrace::worker {
namespace {

constexpr std::string_view kVerbs = "sSkKTtpoh";

// What the escape at `format[*at]` (behind the backslash) stands for; moves *at to its last char.
char Unescape(std::string_view format, size_t* at) {
  switch (format[*at]) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'x': {
      if (*at + 2 < format.size() && std::isxdigit(static_cast<unsigned char>(format[*at + 1])) &&
          std::isxdigit(static_cast<unsigned char>(format[*at + 2]))) {
        const std::string digits(format.substr(*at + 1, 2));
        *at += 2;
        return static_cast<char>(std::strtol(digits.c_str(), nullptr, 16));
      }
      return 'x';
    }
    default:
      return format[*at];
  }
}

std::string HeaderText(std::string_view encoded) {
  Headers headers;
  std::string out;
  if (encoded.empty() || !DecodeHeaders(encoded, &headers).ok()) return out;
  for (const Headers::Entry& entry : headers) {
    absl::StrAppend(&out, out.empty() ? "" : ",", entry.name, "=", entry.value.value_or("NULL"));
  }
  return out;
}

// Text is printed as its bytes; other declared types in their JSON form.
std::string Shown(const detail::Codec* codec, const std::optional<std::string_view>& bytes) {
  if (!bytes.has_value()) return "NULL";
  const bool plain = codec == nullptr || codec->format == detail::Format::kString ||
                     (codec->format == detail::Format::kBytes && codec->to_json == nullptr);
  if (plain) return std::string(*bytes);
  bool base64 = false;
  std::string json = BytesToJson(codec, *bytes, &base64);
  return base64 ? std::string(*bytes) : json;
}

std::string LengthOf(const std::optional<std::string_view>& bytes) {
  return bytes.has_value() ? absl::StrCat(bytes->size()) : "-1";
}

}  // namespace

absl::StatusOr<KcatFormat> KcatFormat::Parse(std::string_view format) {
  KcatFormat result;
  std::string literal;
  auto flush = [&] {
    if (!literal.empty()) result.tokens_.push_back({0, std::move(literal)});
    literal.clear();
  };
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] == '\\' && i + 1 < format.size()) {
      ++i;
      literal.push_back(Unescape(format, &i));
    } else if (format[i] == '%') {
      const char verb = i + 1 < format.size() ? format[i + 1] : '\0';
      if (verb != '%' && (verb == '\0' || kVerbs.find(verb) == std::string_view::npos)) {
        return absl::InvalidArgumentError(
            absl::StrCat("format: unknown token '%", std::string(verb != '\0', verb),
                         "' at position ", i + 1, "; known are %s %S %k %K %T %t %p %o %h %%"));
      }
      ++i;
      if (verb == '%') {
        literal.push_back('%');
      } else {
        flush();
        result.tokens_.push_back({verb, ""});
      }
    } else {
      literal.push_back(format[i]);
    }
  }
  flush();
  return result;
}

std::string KcatFormat::Format(const std::string& topic, PartitionId partition,
                               const RecordView& record, const DeclaredTypes& types) const {
  std::string out;
  for (const Token& token : tokens_) {
    switch (token.verb) {
      case 's':
        out += Shown(types.value, record.value);
        break;
      case 'S':
        out += LengthOf(record.value);
        break;
      case 'k':
        out += Shown(types.key, record.key);
        break;
      case 'K':
        out += LengthOf(record.key);
        break;
      case 'T':
        absl::StrAppend(&out, ToMillis(record.timestamp));
        break;
      case 't':
        out += topic;
        break;
      case 'p':
        absl::StrAppend(&out, partition.value());
        break;
      case 'o':
        absl::StrAppend(&out, record.offset.value());
        break;
      case 'h':
        out += HeaderText(record.headers);
        break;
      default:
        out += token.text;
    }
  }
  return out;
}

}  // namespace millrace::worker
