#include "schemas/cache_entry.h"

#include "connectors/debezium/envelope.h"
#include "connectors/debezium/json_row.h"
#include "connectors/debezium/json_writer.h"
#include "millrace/status.h"

namespace millrace {
namespace {

// The value comes last, so that it is cut out as it is and never parsed.
constexpr std::string_view kValue = ",\"value\":";

}  // namespace

void Serde<schemas::CacheEntry>::Encode(const schemas::CacheEntry& entry, std::string* out) {
  debezium::JsonWriter writer(out);
  writer.Time("written_at", entry.written_at);
  writer.Integer("ttl_ms", entry.ttl_ms);
  writer.Raw("value")->append(entry.value);
  writer.Close();
}

absl::Status Serde<schemas::CacheEntry>::Decode(std::string_view bytes, schemas::CacheEntry* out) {
  const size_t value = bytes.find(kValue);
  if (value == std::string_view::npos || !bytes.ends_with('}')) {
    return absl::FailedPreconditionError("value: missing, or not the last field");
  }
  const std::string head = std::string(bytes.substr(0, value)) + "}";
  MR_ASSIGN_OR_RETURN(debezium::JsonRow * fields, debezium::DecodeObject(head));
  MR_RETURN_IF_ERROR(fields->Read("written_at", debezium::TimeForm::kZoned, &out->written_at));
  MR_RETURN_IF_ERROR(fields->Read("ttl_ms", debezium::TimeForm::kZoned, &out->ttl_ms));
  bytes.remove_prefix(value + kValue.size());
  bytes.remove_suffix(1);
  out->value = std::string(bytes);
  return absl::OkStatus();
}

std::string Serde<schemas::CacheEntry>::ToJson(const schemas::CacheEntry& entry) {
  std::string json;
  Encode(entry, &json);
  return json;
}

}  // namespace millrace
