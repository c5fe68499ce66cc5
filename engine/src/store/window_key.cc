#include "store/window_key.h"

#include <algorithm>

#include "base/big_endian.h"
#include "store/row_format.h"

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

KeySpan EscapedSpan(std::string_view head, const StoreQuery& query) {
  constexpr size_t kEndMarkSize = 2;
  KeySpan span{std::string(head), PrefixEnd(head)};
  if (query.from.has_value()) {
    AppendEscaped(*query.from, &span.lower);
  } else if (!query.prefix.empty()) {
    AppendEscaped(query.prefix, &span.lower);
    span.lower.resize(span.lower.size() - kEndMarkSize);
  }
  std::string last(head);
  if (query.to.has_value()) {
    AppendEscaped(*query.to, &last);
    span.upper = PrefixEnd(last);
  } else if (!query.prefix.empty()) {
    AppendEscaped(query.prefix, &last);
    last.resize(last.size() - kEndMarkSize);
    span.upper = PrefixEnd(last);
  }
  return span;
}

std::vector<KeySpan> SegmentSpans(int64_t first, int64_t last, const StoreQuery& query) {
  constexpr int64_t kSegmentsMax = 64;
  const bool one_key = query.from.has_value() && query.from == query.to;
  std::vector<KeySpan> spans;
  std::string head;
  if (one_key && last - first < kSegmentsMax) {
    for (int64_t segment = first; segment <= last; ++segment) {
      head.clear();
      AppendOrdered(segment, &head);
      spans.push_back(EscapedSpan(head, query));
    }
    return spans;
  }
  KeySpan& all = spans.emplace_back();
  AppendOrdered(first, &all.lower);
  AppendOrdered(last, &head);
  all.upper = PrefixEnd(head);
  return spans;
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
