#include "connectors/kafka/src/group_identity.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "millrace/status.h"

namespace millrace::kafka {
namespace {

constexpr char kMagic[] = "CGMDv2:";
constexpr size_t kGenerationAt = sizeof(kMagic) - 1;
constexpr size_t kGroupAt = kGenerationAt + sizeof(int32_t);

// Whether the bytes name a member of `group` (of any group, if it is empty) in a generation.
absl::Status Check(const std::string& bytes, const std::string& group) {
  const size_t group_end = bytes.find('\0', kGroupAt);
  const size_t member_end =
      group_end == std::string::npos ? group_end : bytes.find('\0', group_end + 1);
  if (!bytes.starts_with(kMagic) || member_end == std::string::npos) {
    return absl::InvalidArgumentError("these bytes are no identity of a group's member");
  }
  const std::string of = bytes.substr(kGroupAt, group_end - kGroupAt);
  if (!group.empty() && of != group) {
    return absl::InvalidArgumentError(
        absl::StrCat("a member of group '", of, "' cannot commit for group '", group, "'"));
  }
  int32_t generation = -1;
  std::memcpy(&generation, bytes.data() + kGenerationAt, sizeof(generation));
  if (generation < 0 || member_end == group_end + 1) {
    return absl::UnavailableError(absl::StrCat("not a member of group '", of, "' at the moment"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<MemberEpoch> EpochOf(const std::string& identity) {
  MR_RETURN_IF_ERROR(Check(identity, ""));
  MemberEpoch epoch;
  std::memcpy(&epoch.generation, identity.data() + kGenerationAt, sizeof(epoch.generation));
  epoch.member = identity.c_str() + identity.find('\0', kGroupAt) + 1;
  return epoch;
}

absl::StatusOr<std::string> WriteIdentity(const rd_kafka_consumer_group_metadata_t& metadata) {
  void* buffer = nullptr;
  size_t size = 0;
  const RdError failed(rd_kafka_consumer_group_metadata_write(&metadata, &buffer, &size));
  if (failed != nullptr) return absl::UnavailableError(rd_kafka_error_string(failed.get()));
  const std::string bytes(static_cast<const char*>(buffer), size);
  rd_kafka_mem_free(nullptr, buffer);
  MR_RETURN_IF_ERROR(Check(bytes, ""));
  return bytes;
}

absl::StatusOr<RdGroupMetadata> ReadIdentity(const std::string& group, const std::string& member) {
  if (member.empty()) return RdGroupMetadata(rd_kafka_consumer_group_metadata_new(group.c_str()));
  MR_RETURN_IF_ERROR(Check(member, group));
  rd_kafka_consumer_group_metadata_t* metadata = nullptr;
  const RdError failed(
      rd_kafka_consumer_group_metadata_read(&metadata, member.data(), member.size()));
  if (failed != nullptr) return absl::InvalidArgumentError(rd_kafka_error_string(failed.get()));
  return RdGroupMetadata(metadata);
}

}  // namespace millrace::kafka
