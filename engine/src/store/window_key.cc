#include "store/window_key.h"

#include <algorithm>

#include "base/big_endian.h"

namespace millrace::store {
namespace {

constexpr Duration kSegmentIntervalMin{60'000};
constexpr size_t kSegmentSize = sizeof(int64_t);
constexpr size_t kEndMarkSize = 2;
constexpr size_t kSuffixSize = sizeof(int64_t) + sizeof(uint32_t);  // start and sequence

}  // namespace

Duration SegmentInterval(const detail::StoreSpec& spec) {
  if (spec.time_ordered || spec.backend == detail::StoreBackendKind::kMemory) return Duration(1);
  return std::max(spec.retention / 2, kSegmentIntervalMin);
}

int64_t SegmentOf(Timestamp start, Duration interval) {
  int64_t millis = ToMillis(start);
  int64_t segment = millis / interval.count();
  return millis % interval.count() < 0 ? segment - 1 : segment;
}

void AppendEscaped(std::string_view key, std::string* out) {
  for (char byte : key) {
    out->push_back(byte);
    if (byte == '\0') out->push_back('\xff');
  }
  out->append(kEndMarkSize, '\0');
}

void AppendUnescaped(std::string_view escaped_key, std::string* out) {
  std::string_view body = escaped_key.substr(0, escaped_key.size() - kEndMarkSize);
  for (size_t i = 0; i < body.size(); ++i) {
    out->push_back(body[i]);
    if (body[i] == '\0') ++i;
  }
}

bool ParseWindowKey(std::string_view bytes, WindowKey* key) {
  if (bytes.size() < kSegmentSize + kEndMarkSize + kSuffixSize) return false;
  std::string_view suffix = bytes.substr(bytes.size() - kSuffixSize);
  key->segment = ReadOrdered(bytes);
  key->escaped_key = bytes.substr(kSegmentSize, bytes.size() - kSegmentSize - kSuffixSize);
  key->start = TimestampFromMillis(ReadOrdered(suffix));
  key->sequence = ReadBigEndian<uint32_t>(suffix.substr(sizeof(int64_t)));
  return true;
}

void AppendChangelogKey(const WindowKey& key, std::string* out) {
  AppendUnescaped(key.escaped_key, out);
  AppendBigEndian<uint64_t>(static_cast<uint64_t>(ToMillis(key.start)), out);
  AppendBigEndian<uint32_t>(key.sequence, out);
}

bool ParseChangelogKey(std::string_view bytes, ChangelogKey* key) {
  if (bytes.size() < kSuffixSize) return false;
  std::string_view suffix = bytes.substr(bytes.size() - kSuffixSize);
  key->key = bytes.substr(0, bytes.size() - kSuffixSize);
  key->start = TimestampFromMillis(static_cast<int64_t>(ReadBigEndian<uint64_t>(suffix)));
  key->sequence = ReadBigEndian<uint32_t>(suffix.substr(sizeof(int64_t)));
  return true;
}

}  // namespace millrace::store
