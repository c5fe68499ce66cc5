#include "log/topic_format.h"

#include "base/big_endian.h"
#include "base/varint.h"
#include "millrace/status.h"

namespace millrace {
namespace {

constexpr char kVersion = 1;

void AppendText(std::string_view text, std::string* out) {
  AppendVarint(text.size(), out);
  out->append(text);
}

void AppendOptional(std::optional<int64_t> number, std::string* out) {
  out->push_back(number.has_value() ? 1 : 0);
  AppendVarint(ZigZag(number.value_or(0)), out);
}

// Takes fields off the front of a value; one failure sticks until Finish() reports it.
class Fields {
 public:
  Fields(std::string_view bytes, const char* what) : rest_(bytes), what_(what) {}

  uint64_t Varint() {
    uint64_t value = 0;
    if (ok_ && !ParseVarint(&rest_, &value)) ok_ = false;
    return value;
  }
  int64_t Signed() { return UnZigZag(Varint()); }
  std::string_view Take(size_t size) {
    if (size > rest_.size()) ok_ = false;
    if (!ok_) return {};
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::string_view Rest() { return Take(rest_.size()); }
  std::string Text() { return std::string(Take(Varint())); }
  uint8_t Byte() {
    const std::string_view byte = Take(1);
    return ok_ ? static_cast<uint8_t>(byte[0]) : 0;
  }
  void Expect(bool condition) { ok_ = ok_ && condition; }
  void Version() { Expect(Byte() == kVersion); }
  uint32_t BigEndian32() {
    const std::string_view bytes = Take(4);
    return ok_ ? ReadBigEndian<uint32_t>(bytes) : 0;
  }
  std::optional<int64_t> Optional() {
    const uint8_t present = Byte();
    Expect(present <= 1);
    const int64_t value = Signed();
    return present == 1 ? std::optional(value) : std::nullopt;
  }
  bool ok() const { return ok_; }
  absl::Status Finish() {
    if (ok_ && rest_.empty()) return absl::OkStatus();
    return absl::DataLossError(std::string("the log's ") + what_ + " cannot be read");
  }

 private:
  std::string_view rest_;
  const char* what_;
  bool ok_ = true;
};

}  // namespace

std::string TopicKey(std::string_view topic) { return std::string(kTopicPrefix).append(topic); }

std::string EncodeTopic(const TopicRecord& record) {
  const TopicConfig& config = record.config;
  std::string out(1, kVersion);
  AppendVarint(record.id, &out);
  AppendVarint(static_cast<uint64_t>(config.partitions), &out);
  out.push_back(static_cast<char>(config.cleanup));
  out.push_back(config.purge_consumed ? 1 : 0);
  std::optional<int64_t> retention_ms;
  if (config.retention.has_value()) retention_ms = config.retention->count();
  AppendOptional(retention_ms, &out);
  AppendOptional(config.retention_bytes, &out);
  return out;
}

absl::StatusOr<TopicRecord> ParseTopic(std::string_view value) {
  Fields fields(value, "record of a topic");
  TopicRecord record;
  TopicConfig& config = record.config;
  fields.Version();
  record.id = static_cast<uint32_t>(fields.Varint());
  const uint64_t partitions = fields.Varint();
  fields.Expect(partitions > 0 && partitions <= INT32_MAX);
  config.partitions = static_cast<int32_t>(partitions);
  const uint8_t cleanup = fields.Byte();
  fields.Expect(cleanup <= static_cast<uint8_t>(Cleanup::kCompactAndDelete));
  config.cleanup = static_cast<Cleanup>(cleanup);
  config.purge_consumed = fields.Byte() != 0;
  if (auto retention_ms = fields.Optional(); retention_ms.has_value()) {
    config.retention = Duration(*retention_ms);
  }
  config.retention_bytes = fields.Optional();
  MR_RETURN_IF_ERROR(fields.Finish());
  return record;
}

std::string PartitionRecordKey(const PartitionKey& partition) {
  std::string key(kPartitionPrefix);
  AppendBigEndian(partition.topic_id, &key);
  AppendBigEndian(static_cast<uint32_t>(partition.partition.value()), &key);
  return key;
}

absl::StatusOr<PartitionKey> ParsePartitionRecordKey(std::string_view key) {
  Fields fields(key, "key of a partition");
  fields.Expect(fields.Take(kPartitionPrefix.size()) == kPartitionPrefix);
  PartitionKey partition;
  partition.topic_id = fields.BigEndian32();
  partition.partition = PartitionId(static_cast<int32_t>(fields.BigEndian32()));
  MR_RETURN_IF_ERROR(fields.Finish());
  return partition;
}

std::string EncodePartition(const PartitionRecord& record) {
  std::string out(1, kVersion);
  AppendVarint(static_cast<uint64_t>(record.begin.value()), &out);
  AppendVarint(static_cast<uint64_t>(record.clean_end.value()), &out);
  AppendVarint(static_cast<uint64_t>(record.clean_bytes), &out);
  AppendVarint(static_cast<uint64_t>(record.clean_position), &out);
  AppendVarint(record.marks.size(), &out);
  for (const CleanMark& mark : record.marks) {
    AppendVarint(static_cast<uint64_t>(mark.end.value()), &out);
    AppendVarint(ZigZag(ToMillis(mark.at)), &out);
  }
  return out;
}

absl::StatusOr<PartitionRecord> ParsePartition(std::string_view value) {
  Fields fields(value, "record of a partition");
  PartitionRecord record;
  fields.Version();
  record.begin = Offset(static_cast<int64_t>(fields.Varint()));
  record.clean_end = Offset(static_cast<int64_t>(fields.Varint()));
  record.clean_bytes = static_cast<int64_t>(fields.Varint());
  record.clean_position = static_cast<int64_t>(fields.Varint());
  for (uint64_t left = fields.Varint(); left > 0 && fields.ok(); --left) {
    const Offset end(static_cast<int64_t>(fields.Varint()));
    record.marks.push_back({end, TimestampFromMillis(fields.Signed())});
  }
  MR_RETURN_IF_ERROR(fields.Finish());
  return record;
}

std::string EncodeGroupOffsetKey(std::string_view group, const TopicPartition& partition) {
  std::string key;
  AppendText(group, &key);
  AppendText(partition.topic, &key);
  AppendBigEndian(static_cast<uint32_t>(partition.partition.value()), &key);
  return key;
}

absl::StatusOr<GroupOffsetKey> ParseGroupOffsetKey(std::string_view key) {
  Fields fields(key, "key of a group's offset");
  GroupOffsetKey parsed;
  parsed.group = fields.Text();
  parsed.partition.topic = fields.Text();
  parsed.partition.partition = PartitionId(static_cast<int32_t>(fields.BigEndian32()));
  MR_RETURN_IF_ERROR(fields.Finish());
  return parsed;
}

std::string EncodeGroupOffset(const CommittedOffset& offset) {
  std::string out(1, kVersion);
  AppendVarint(static_cast<uint64_t>(offset.next.value()), &out);
  out.append(offset.metadata);
  return out;
}

absl::StatusOr<CommittedOffset> ParseGroupOffset(std::string_view value) {
  Fields fields(value, "offset of a group");
  fields.Version();
  CommittedOffset offset;
  offset.next = Offset(static_cast<int64_t>(fields.Varint()));
  offset.metadata = std::string(fields.Rest());
  MR_RETURN_IF_ERROR(fields.Finish());
  return offset;
}

std::string EncodeNumber(uint64_t number) {
  std::string out(1, kVersion);
  AppendVarint(number, &out);
  return out;
}

absl::StatusOr<uint64_t> ParseNumber(std::string_view value) {
  Fields fields(value, "counter");
  fields.Version();
  const uint64_t number = fields.Varint();
  MR_RETURN_IF_ERROR(fields.Finish());
  return number;
}

}  // namespace millrace
