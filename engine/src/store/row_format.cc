#include "store/row_format.h"

#include "absl/strings/str_cat.h"
#include "base/big_endian.h"

namespace millrace::store {
namespace {
constexpr char kNoFlags = 0;
}  // namespace

void AppendRowHeader(Timestamp timestamp, std::string* row) {
  row->push_back(kNoFlags);
  AppendBigEndian<uint64_t>(static_cast<uint64_t>(ToMillis(timestamp)), row);
}

absl::Status ParseRow(std::string_view bytes, ParsedRow* row) {
  if (bytes.size() < kRowHeaderSize) {
    return absl::DataLossError(absl::StrCat("a row of ", bytes.size(), " bytes is too short"));
  }
  if (bytes[0] != kNoFlags) {
    return absl::DataLossError(
        absl::StrCat("unknown row flags ", static_cast<unsigned char>(bytes[0])));
  }
  row->timestamp =
      TimestampFromMillis(static_cast<int64_t>(ReadBigEndian<uint64_t>(bytes.substr(1))));
  row->value = bytes.substr(kRowHeaderSize);
  return absl::OkStatus();
}

std::string PrefixEnd(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

}  // namespace millrace::store
