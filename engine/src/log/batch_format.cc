#include "log/batch_format.h"

#include <algorithm>
#include <cstring>

#include "base/big_endian.h"
#include "base/checksum.h"
#include "base/varint.h"
#include "millrace/status.h"

namespace millrace {
namespace {

constexpr char kVersion = 1;
constexpr size_t kChecksumAt = 2;
constexpr size_t kCheckedFrom = 10;
constexpr size_t kHeaderSize = 58;
constexpr size_t kVarintSizeMax = 10;

template <class T>
char* PutBigEndian(T value, char* to) {
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
    *to++ = static_cast<char>(value >> shift);
  }
  return to;
}

char* PutVarint(uint64_t value, char* to) {
  while (value >= 0x80) {
    *to++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *to++ = static_cast<char>(value);
  return to;
}

char* PutBytes(std::string_view bytes, char* to) {
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  return to + bytes.size();
}

char* PutNullable(std::optional<std::string_view> bytes, char* to) {
  if (!bytes.has_value()) return PutVarint(0, to);
  return PutBytes(*bytes, PutVarint(bytes->size() + 1, to));
}

bool ParseNullable(std::string_view* in, std::optional<std::string_view>* out) {
  uint64_t size = 0;
  if (!ParseVarint(in, &size)) return false;
  if (size == 0) {
    out->reset();
    return true;
  }
  if (size - 1 > in->size()) return false;
  *out = in->substr(0, size - 1);
  in->remove_prefix(size - 1);
  return true;
}

absl::Status Damaged(const char* what) {
  return absl::DataLossError(std::string("damaged batch: ") + what);
}

uint64_t Bits(Timestamp timestamp) { return static_cast<uint64_t>(ToMillis(timestamp)); }

Timestamp TimestampFromBits(uint64_t bits) {
  return TimestampFromMillis(static_cast<int64_t>(bits));
}

}  // namespace

BatchBuilder::BatchBuilder() { bytes_.Extend(bytes_.Reserve(kHeaderSize) + kHeaderSize); }

void BatchBuilder::Append(uint32_t delta, Timestamp timestamp, std::optional<std::string_view> key,
                          std::optional<std::string_view> value, std::string_view headers) {
  if (header_.count == 0) header_.first_timestamp = header_.max_timestamp = timestamp;
  header_.max_timestamp = std::max(header_.max_timestamp, timestamp);
  ++header_.count;
  header_.last_delta = delta;
  const size_t key_size = key.has_value() ? key->size() : 0;
  const size_t value_size = value.has_value() ? value->size() : 0;
  char* to = bytes_.Reserve(key_size + value_size + headers.size() + 5 * kVarintSizeMax);
  to = PutVarint(delta, to);
  // Differences of unsigned numbers wrap around, and back again when they are read.
  const uint64_t since_first = Bits(timestamp) - Bits(header_.first_timestamp);
  to = PutVarint(ZigZag(static_cast<int64_t>(since_first)), to);
  to = PutNullable(key, to);
  to = PutNullable(value, to);
  to = PutVarint(headers.size(), to);
  bytes_.Extend(PutBytes(headers, to));
}

void BatchBuilder::Add(const OutgoingRecord& record) {
  headers_.clear();
  if (!record.headers->empty()) AppendHeaders(*record.headers, &headers_);
  Append(header_.count, record.timestamp, record.key, record.value, headers_);
}

void BatchBuilder::AddAt(uint32_t delta, const RecordView& record) {
  MR_CHECK(header_.count == 0 || delta > header_.last_delta, "offsets must grow");
  Append(delta, record.timestamp, record.key, record.value, record.headers);
}

void BatchBuilder::Seal(const PartitionKey& place, Offset base, int64_t position,
                        uint32_t covered) {
  MR_CHECK(covered > 0 && (header_.count == 0 || covered > header_.last_delta),
           "a batch covers its records");
  header_.place = place;
  header_.base = base;
  header_.position = position;
  header_.last_delta = covered - 1;
  char* const start = bytes_.data();
  start[0] = kVersion;
  start[1] = 0;
  char* to = start + kCheckedFrom;
  to = PutBigEndian(place.topic_id, to);
  to = PutBigEndian(static_cast<uint32_t>(place.partition.value()), to);
  to = PutBigEndian(static_cast<uint64_t>(base.value()), to);
  to = PutBigEndian(header_.last_delta, to);
  to = PutBigEndian(header_.count, to);
  to = PutBigEndian(static_cast<uint64_t>(position), to);
  to = PutBigEndian(Bits(header_.first_timestamp), to);
  PutBigEndian(Bits(header_.max_timestamp), to);
  PutBigEndian(Checksum64(bytes_.view().substr(kCheckedFrom)), start + kChecksumAt);
}

absl::StatusOr<BatchHeader> CheckBatch(std::string_view bytes) {
  if (bytes.size() < kHeaderSize) return Damaged("too short");
  if (bytes[0] != kVersion || bytes[1] != 0) return Damaged("unknown format version");
  if (ReadBigEndian<uint64_t>(bytes.substr(kChecksumAt)) !=
      Checksum64(bytes.substr(kCheckedFrom))) {
    return Damaged("checksum mismatch");
  }
  BatchHeader header;
  header.place.topic_id = ReadBigEndian<uint32_t>(bytes.substr(10));
  header.place.partition =
      PartitionId(static_cast<int32_t>(ReadBigEndian<uint32_t>(bytes.substr(14))));
  header.base = Offset(static_cast<int64_t>(ReadBigEndian<uint64_t>(bytes.substr(18))));
  header.last_delta = ReadBigEndian<uint32_t>(bytes.substr(26));
  header.count = ReadBigEndian<uint32_t>(bytes.substr(30));
  header.position = static_cast<int64_t>(ReadBigEndian<uint64_t>(bytes.substr(34)));
  header.first_timestamp = TimestampFromBits(ReadBigEndian<uint64_t>(bytes.substr(42)));
  header.max_timestamp = TimestampFromBits(ReadBigEndian<uint64_t>(bytes.substr(50)));
  return header;
}

BatchDecoder::BatchDecoder(const BatchHeader& header, std::string_view bytes)
    : base_(header.base),
      last_delta_(header.last_delta),
      left_(header.count),
      first_timestamp_(Bits(header.first_timestamp)),
      rest_(bytes.substr(kHeaderSize)) {}

bool BatchDecoder::Next(RecordView* record) {
  if (left_ == 0) return false;
  uint64_t delta = 0;
  uint64_t since_first = 0;
  uint64_t headers = 0;
  if (!ParseVarint(&rest_, &delta) || delta > last_delta_ || !ParseVarint(&rest_, &since_first) ||
      !ParseNullable(&rest_, &record->key) || !ParseNullable(&rest_, &record->value) ||
      !ParseVarint(&rest_, &headers) || headers > rest_.size()) {
    damaged_ = true;
    left_ = 0;
    return false;
  }
  --left_;
  record->offset = base_.Next(static_cast<int64_t>(delta));
  record->timestamp =
      TimestampFromBits(first_timestamp_ + static_cast<uint64_t>(UnZigZag(since_first)));
  record->headers = rest_.substr(0, headers);
  rest_.remove_prefix(headers);
  return true;
}

absl::Status BatchDecoder::status() const {
  if (damaged_) return Damaged("record cut off");
  return rest_.empty() ? absl::OkStatus() : Damaged("bytes behind the last record");
}

}  // namespace millrace
