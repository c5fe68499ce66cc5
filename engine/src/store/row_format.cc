#include "store/row_format.h"

#include "absl/strings/str_cat.h"
#include "base/big_endian.h"
#include "base/varint.h"

namespace millrace::store {
namespace {
constexpr char kNoFlags = 0;
constexpr char kHasHeaders = 1;
constexpr size_t kFixedSize = 1 + sizeof(int64_t);

// Takes the headers off the front of `rest`.
absl::Status TakeHeaders(std::string_view* rest, std::string_view* headers) {
  uint64_t size = 0;
  if (!ParseVarint(rest, &size) || size > rest->size()) {
    return absl::DataLossError("a row is too short for its headers");
  }
  *headers = rest->substr(0, size);
  rest->remove_prefix(size);
  return absl::OkStatus();
}

}  // namespace

void AppendRowHeader(Timestamp timestamp, std::string_view headers, std::string* row) {
  row->push_back(headers.empty() ? kNoFlags : kHasHeaders);
  AppendBigEndian<uint64_t>(static_cast<uint64_t>(ToMillis(timestamp)), row);
  if (headers.empty()) return;
  AppendVarint(headers.size(), row);
  row->append(headers);
}

absl::Status ParseRow(std::string_view bytes, ParsedRow* row) {
  if (bytes.size() < kFixedSize) {
    return absl::DataLossError(absl::StrCat("a row of ", bytes.size(), " bytes is too short"));
  }
  if (bytes[0] != kNoFlags && bytes[0] != kHasHeaders) {
    return absl::DataLossError(
        absl::StrCat("unknown row flags ", static_cast<unsigned char>(bytes[0])));
  }
  row->timestamp =
      TimestampFromMillis(static_cast<int64_t>(ReadBigEndian<uint64_t>(bytes.substr(1))));
  row->headers = {};
  row->value = bytes.substr(kFixedSize);
  return bytes[0] == kHasHeaders ? TakeHeaders(&row->value, &row->headers) : absl::OkStatus();
}

std::string PrefixEnd(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

}  // namespace millrace::store
