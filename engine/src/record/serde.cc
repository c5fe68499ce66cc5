#include "millrace/serde.h"

#include <bit>

#include "absl/strings/str_cat.h"
#include "base/big_endian.h"
#include "base/text.h"

namespace millrace {
namespace {

absl::Status WrongSize(std::string_view type, size_t expected, size_t got) {
  return absl::InvalidArgumentError(
      absl::StrCat("not an ", AbslView(type), ": ", got, " bytes instead of ", expected));
}

}  // namespace

void Serde<int32_t>::Encode(int32_t value, std::string* out) {
  AppendBigEndian(static_cast<uint32_t>(value), out);
}

absl::Status Serde<int32_t>::Decode(std::string_view bytes, int32_t* out) {
  if (bytes.size() != sizeof(*out)) return WrongSize("int32", sizeof(*out), bytes.size());
  *out = static_cast<int32_t>(ReadBigEndian<uint32_t>(bytes));
  return absl::OkStatus();
}

void Serde<int64_t>::Encode(int64_t value, std::string* out) {
  AppendBigEndian(static_cast<uint64_t>(value), out);
}

absl::Status Serde<int64_t>::Decode(std::string_view bytes, int64_t* out) {
  if (bytes.size() != sizeof(*out)) return WrongSize("int64", sizeof(*out), bytes.size());
  *out = static_cast<int64_t>(ReadBigEndian<uint64_t>(bytes));
  return absl::OkStatus();
}

void Serde<double>::Encode(double value, std::string* out) {
  AppendBigEndian(std::bit_cast<uint64_t>(value), out);
}

absl::Status Serde<double>::Decode(std::string_view bytes, double* out) {
  if (bytes.size() != sizeof(*out)) return WrongSize("8-byte double", sizeof(*out), bytes.size());
  *out = std::bit_cast<double>(ReadBigEndian<uint64_t>(bytes));
  return absl::OkStatus();
}

}  // namespace millrace
