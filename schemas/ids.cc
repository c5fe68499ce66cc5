#include "schemas/ids.h"

#include <charconv>

#include "absl/strings/str_cat.h"
#include "millrace/partitioner.h"

namespace millrace::schemas {

namespace {

PartitionId PartitionOfDecimal(int64_t id, int32_t partitions) {
  char text[20];
  const auto end = std::to_chars(text, text + sizeof text, id).ptr;
  return PartitionForKey({text, static_cast<size_t>(end - text)}, partitions);
}

}  // namespace

PartitionId PartitionOf(UserId user, int32_t partitions) {
  return PartitionOfDecimal(user.value, partitions);
}

PartitionId PartitionOf(PostId post, int32_t partitions) {
  return PartitionOfDecimal(post.value, partitions);
}

void EncodeDecimal(int64_t id, std::string* out) { out->append(std::to_string(id)); }

absl::Status DecodeDecimal(std::string_view bytes, int64_t* out) {
  const char* const end = bytes.data() + bytes.size();
  const auto [stop, error] = std::from_chars(bytes.data(), end, *out);
  // "007" would lie in another partition than "7".
  const bool shortest = bytes == "0" || (!bytes.starts_with("0") && !bytes.starts_with("-0"));
  if (error == std::errc() && stop == end && shortest) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("expected an id in decimal, got \"", std::string(bytes.substr(0, 40)), "\""));
}

}  // namespace millrace::schemas
