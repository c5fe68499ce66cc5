#include "processor/held_record.h"

#include "base/varint.h"
#include "millrace/status.h"

namespace millrace::detail {
namespace {

std::string_view TakeSized(std::string_view* bytes) {
  uint64_t size = 0;
  MR_CHECK(ParseVarint(bytes, &size) && size <= bytes->size(), "a record that waits is too short");
  const std::string_view taken = bytes->substr(0, size);
  bytes->remove_prefix(size);
  return taken;
}

uint64_t TakeNumber(std::string_view* bytes) {
  uint64_t number = 0;
  MR_CHECK(ParseVarint(bytes, &number), "a record that waits is too short");
  return number;
}

}  // namespace

void AppendHeld(const ErasedRecord& record, const RecordMetadata* origin, const Codec* value,
                std::string* out) {
  std::string headers;
  AppendHeaders(*record.headers, &headers);
  AppendVarint(headers.size(), out);
  *out += headers;
  const bool known = origin != nullptr;
  AppendVarint(known ? origin->partition.topic.size() : 0, out);
  if (known) *out += origin->partition.topic;
  AppendVarint(known ? static_cast<uint64_t>(origin->partition.partition.value()) : 0, out);
  AppendVarint(known ? static_cast<uint64_t>(origin->offset.value()) : 0, out);
  value->encode(record.value, out);
}

void ReleasedRecord::Read(std::string_view key_bytes, Timestamp timestamp, std::string_view held) {
  RecordView& record = held_.record;
  record.key = key_bytes;
  record.timestamp = timestamp;
  record.headers = TakeSized(&held);
  held_.origin.topic = TakeSized(&held);
  held_.origin.partition = PartitionId(static_cast<int32_t>(TakeNumber(&held)));
  record.offset = Offset(static_cast<int64_t>(TakeNumber(&held)));
  record.value = held;
  MR_CHECK(DecodeHeaders(record.headers, &headers_).ok(), "headers of a record that waits");
}

}  // namespace millrace::detail
