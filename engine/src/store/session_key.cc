#include "store/session_key.h"

#include "base/big_endian.h"
#include "store/window_key.h"

namespace millrace::store {
namespace {

constexpr size_t kSegmentSize = sizeof(int64_t);
constexpr size_t kSuffixSize = 2 * sizeof(int64_t);
constexpr size_t kEndMarkSize = 2;

Timestamp ReadTime(std::string_view bytes) {
  return TimestampFromMillis(static_cast<int64_t>(ReadBigEndian<uint64_t>(bytes)));
}
void AppendTime(Timestamp time, std::string* out) {
  AppendBigEndian<uint64_t>(static_cast<uint64_t>(ToMillis(time)), out);
}

int64_t Ordinal(const SessionLayout& layout, int64_t start) {
  return layout.starts_descend ? ~start : start;
}

}  // namespace

SessionLayout::SessionLayout(const detail::StoreSpec& spec)
    : interval(SegmentInterval(spec)),
      starts_descend(spec.backend == detail::StoreBackendKind::kMemory) {}

void AppendSessionKey(const SessionLayout& layout, const SessionKey& escaped, std::string* out) {
  AppendOrdered(SegmentOf(escaped.end, layout.interval), out);
  out->append(escaped.key);
  AppendOrdered(ToMillis(escaped.end), out);
  AppendOrdered(Ordinal(layout, ToMillis(escaped.start)), out);
}

bool ParseSessionKey(const SessionLayout& layout, std::string_view bytes, SessionKey* escaped) {
  if (bytes.size() < kSegmentSize + kEndMarkSize + kSuffixSize) return false;
  const std::string_view suffix = bytes.substr(bytes.size() - kSuffixSize);
  escaped->key = bytes.substr(kSegmentSize, bytes.size() - kSegmentSize - kSuffixSize);
  escaped->end = TimestampFromMillis(ReadOrdered(suffix));
  escaped->start =
      TimestampFromMillis(Ordinal(layout, ReadOrdered(suffix.substr(sizeof(int64_t)))));
  return true;
}

void AppendSessionChangelogKey(const SessionKey& plain, std::string* out) {
  out->append(plain.key);
  AppendTime(plain.end, out);
  AppendTime(plain.start, out);
}

bool ParseSessionChangelogKey(std::string_view bytes, SessionKey* plain) {
  if (bytes.size() < kSuffixSize) return false;
  const std::string_view suffix = bytes.substr(bytes.size() - kSuffixSize);
  plain->key = bytes.substr(0, bytes.size() - kSuffixSize);
  plain->end = ReadTime(suffix);
  plain->start = ReadTime(suffix.substr(sizeof(int64_t)));
  return true;
}

}  // namespace millrace::store
