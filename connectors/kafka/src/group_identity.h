// Who commits a group's offsets: what brokers compare before they let a commit through.
//
// CommitRequest::member is the client library's serialised form of it:
//
//   "CGMDv2:" | generation, int32 of this machine | group \0 | member \0 | no instance? 1 byte |
//   instance \0, if there is one
//
// Brokers accept a commit of the generation -1 by no member even into a group that has members, so
// such an identity must never get there (fencing would end without a word).
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "connectors/kafka/src/rd_types.h"

namespace millrace::kafka {

// A membership as brokers tell them apart.
struct MemberEpoch {
  int32_t generation = -1;
  std::string member;
};
// What the bytes say. InvalidArgument: other bytes. Unavailable: of no member.
absl::StatusOr<MemberEpoch> EpochOf(const std::string& identity);

// The bytes for CommitRequest::member. Unavailable: not a member (yet, or any more).
absl::StatusOr<std::string> WriteIdentity(const rd_kafka_consumer_group_metadata_t& metadata);

// For a commit. `member` empty: nobody in particular, unfenced: tools and tests, which know that no
// process of the group runs. Unavailable: `member` is no member. InvalidArgument: of another group,
// or other bytes.
absl::StatusOr<RdGroupMetadata> ReadIdentity(const std::string& group, const std::string& member);

}  // namespace millrace::kafka
