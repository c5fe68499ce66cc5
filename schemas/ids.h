// UserId, PostId: keys of the product's own topics: the id in decimal, as any producer would write
// it. All topics with a key of the same kind and as many partitions are co-partitioned.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "millrace/ids.h"
#include "millrace/serde.h"

namespace millrace::schemas {

struct UserId {
  int64_t value = 0;
  auto operator<=>(const UserId&) const = default;
};

struct PostId {
  int64_t value = 0;
  auto operator<=>(const PostId&) const = default;
};

// Where the records of a user, or of a post, lie in a topic of so many partitions that is keyed by
// more than that: with those of the topics that are keyed by it alone.
PartitionId PartitionOf(UserId user, int32_t partitions);
PartitionId PartitionOf(PostId post, int32_t partitions);

void EncodeDecimal(int64_t id, std::string* out);
// InvalidArgument: not a number of 64 bits, or not in its shortest form.
absl::Status DecodeDecimal(std::string_view bytes, int64_t* out);

template <class Id>
struct DecimalSerde {
  static void Encode(const Id& id, std::string* out) { EncodeDecimal(id.value, out); }
  static absl::Status Decode(std::string_view bytes, Id* out) {
    return DecodeDecimal(bytes, &out->value);
  }
  static std::string ToJson(const Id& id) { return std::to_string(id.value); }
};

}  // namespace millrace::schemas

template <>
struct millrace::Serde<millrace::schemas::UserId>
    : millrace::schemas::DecimalSerde<millrace::schemas::UserId> {};
template <>
struct millrace::Serde<millrace::schemas::PostId>
    : millrace::schemas::DecimalSerde<millrace::schemas::PostId> {};
