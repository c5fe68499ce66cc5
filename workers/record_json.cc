#include "record_json.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/json_text.h"
#include "base/text.h"
#include "millrace/status.h"
#include "raw_json.h"

namespace millrace::worker {
namespace {

namespace json = boost::json;

// A line in both forms: parsed, and as it was written.
struct Line {
  const json::object& object;
  std::string_view text;
};

// A key, a value or a header's value, written as `text`: the bytes that it stands for.
std::optional<std::string> BytesOf(const json::value& value, std::string_view text) {
  if (value.is_null()) return std::nullopt;
  if (const json::string* string = value.if_string()) return std::string(std::string_view(*string));
  return text.empty() ? json::serialize(value) : CompactJson(text);
}

absl::StatusOr<std::optional<std::string>> Field(const Line& line, std::string_view name,
                                                 std::string_view encoding_name) {
  const json::value* field = line.object.if_contains(name);
  if (field == nullptr) return std::nullopt;
  std::optional<std::string> bytes = BytesOf(*field, MemberText(line.text, name));
  const json::value* encoding = line.object.if_contains(encoding_name);
  if (encoding == nullptr || encoding->is_null() || !bytes.has_value()) return bytes;
  if (!encoding->is_string() || encoding->get_string() != "base64") {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", AbslView(encoding_name), "\" must be \"base64\" where it is given"));
  }
  std::string decoded;
  if (!absl::Base64Unescape(*bytes, &decoded)) {
    return absl::InvalidArgumentError(absl::StrCat("\"", AbslView(name), "\" is not valid base64"));
  }
  return decoded;
}

absl::StatusOr<std::optional<int64_t>> Integer(const json::object& line, std::string_view name,
                                               int64_t max) {
  const json::value* field = line.if_contains(name);
  if (field == nullptr || field->is_null()) return std::nullopt;
  boost::system::error_code error;
  const int64_t number = field->to_number<int64_t>(error);
  if (error || number < 0 || number > max) {
    return absl::InvalidArgumentError(absl::StrCat("\"", AbslView(name),
                                                   "\" must be a whole number from 0 to ", max,
                                                   ", not ", json::serialize(*field)));
  }
  return number;
}

absl::Status ParseHeaders(const Line& line, Headers* headers) {
  const json::value* field = line.object.if_contains("headers");
  if (field == nullptr || field->is_null()) return absl::OkStatus();
  const absl::Status wrong = absl::InvalidArgumentError(
      "\"headers\" must be a list of [name, value] pairs or an object of strings");
  if (!field->is_structured()) return wrong;
  const std::vector<std::string_view> texts = ElementTexts(MemberText(line.text, "headers"));
  if (const json::object* object = field->if_object()) {
    // A name that comes twice is once in the object; then the parsed form has to do.
    const bool same = texts.size() == object->size();
    size_t i = 0;
    for (const auto& entry : *object) {
      headers->Add(std::string(std::string_view(entry.key())),
                   BytesOf(entry.value(), same ? texts[i] : std::string_view()));
      ++i;
    }
    return absl::OkStatus();
  }
  const json::array& list = field->get_array();
  for (size_t i = 0; i < list.size(); ++i) {
    const json::array* pair = list[i].if_array();
    if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_string()) return wrong;
    headers->Add(
        std::string(std::string_view((*pair)[0].get_string())),
        BytesOf((*pair)[1], i < texts.size() ? ElementTexts(texts[i])[1] : std::string_view()));
  }
  return absl::OkStatus();
}

absl::Status CheckFieldNames(const json::object& line) {
  static constexpr std::string_view kKnown[] = {
      "topic",     "key",    "value",    "timestamp",    "headers",
      "partition", "offset", "encoding", "key_encoding", "timestamp_type"};
  for (const auto& entry : line) {
    const std::string_view name = entry.key();
    if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown)) {
      return absl::InvalidArgumentError(
          absl::StrCat("unknown field \"", AbslView(name),
                       "\"; a record has topic, key, value, timestamp, headers, partition"));
    }
  }
  return absl::OkStatus();
}

void AppendField(std::string_view name, std::string_view encoding_name,
                 const std::optional<std::string_view>& bytes, const detail::Codec* codec,
                 std::string* out) {
  bool base64 = false;
  absl::StrAppend(out, ",\"", AbslView(name),
                  "\":", bytes.has_value() ? BytesToJson(codec, *bytes, &base64) : "null");
  if (base64) absl::StrAppend(out, ",\"", AbslView(encoding_name), "\":\"base64\"");
}

}  // namespace

void AppendHeadersJson(std::string_view encoded, std::string* out) {
  Headers headers;
  if (encoded.empty() || !DecodeHeaders(encoded, &headers).ok()) return;
  out->append(",\"headers\":[");
  const char* separator = "";
  for (const Headers::Entry& entry : headers) {
    bool base64 = false;
    absl::StrAppend(out, separator, "[", BytesToJson(nullptr, entry.name, &base64), ",",
                    entry.value.has_value() ? BytesToJson(nullptr, *entry.value, &base64) : "null",
                    "]");
    separator = ",";
  }
  out->append("]");
}

absl::StatusOr<ParsedRecord> ParseRecordLine(std::string_view line) {
  boost::system::error_code error;
  const json::value document = json::parse(line, error);
  if (error) return absl::InvalidArgumentError(absl::StrCat("not JSON: ", error.message()));
  const json::object* object = document.if_object();
  if (object == nullptr) return absl::InvalidArgumentError("not a JSON object");
  MR_RETURN_IF_ERROR(CheckFieldNames(*object));

  const Line whole = {*object, line};
  ParsedRecord record;
  if (const json::value* topic = object->if_contains("topic")) {
    if (!topic->is_string()) return absl::InvalidArgumentError("\"topic\" must be a string");
    record.topic = std::string(std::string_view(topic->get_string()));
  }
  MR_ASSIGN_OR_RETURN(record.key, Field(whole, "key", "key_encoding"));
  MR_ASSIGN_OR_RETURN(record.value, Field(whole, "value", "encoding"));
  MR_ASSIGN_OR_RETURN(std::optional<int64_t> timestamp,
                      Integer(*object, "timestamp", std::numeric_limits<int64_t>::max()));
  if (timestamp.has_value()) record.timestamp = TimestampFromMillis(*timestamp);
  MR_ASSIGN_OR_RETURN(std::optional<int64_t> partition,
                      Integer(*object, "partition", std::numeric_limits<int32_t>::max()));
  if (partition.has_value()) record.partition = PartitionId(static_cast<int32_t>(*partition));
  MR_RETURN_IF_ERROR(ParseHeaders(whole, &record.headers));
  return record;
}

std::string RecordToJsonLine(const std::string& topic, PartitionId partition,
                             const RecordView& record, const DeclaredTypes& types) {
  std::string out = "{\"topic\":";
  AppendJsonString(topic, &out);
  absl::StrAppend(&out, ",\"partition\":", partition.value(), ",\"offset\":", record.offset.value(),
                  ",\"timestamp\":", ToMillis(record.timestamp));
  AppendHeadersJson(record.headers, &out);
  AppendField("key", "key_encoding", record.key, types.key, &out);
  AppendField("value", "encoding", record.value, types.value, &out);
  out.append("}\n");
  return out;
}

}  // namespace millrace::worker
