// What flows between the steps of feed-rank, and what its stores hold.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

#include "millrace/serde.h"
#include "millrace/time.h"
#include "topologies/common/ranking/score.h"
#include "topologies/common/rows.h"

namespace millrace::topologies::rank {

// -- Topic interest, keyed by the post: some feed of the users in that partition has it, or none.
struct Interest {
  int32_t partition = 0;
  bool holds = false;
};
// -- Topic engagement-by-holder, keyed by the post; goes to the partition that it names.
struct HolderNews {
  int32_t partition = 0;
  Fixed engagement = 0;
};

// -- Store interested: post -> the partitions that hold it, a bit each.
struct PartitionBits {
  std::string bytes;
  bool Has(int32_t partition) const;
  void Set(int32_t partition, bool value);  // leaves no zero bytes at the end
};

// -- Store holders: who has a post in the feed. In the order of posts.
struct Holder {
  int64_t post = 0;
  int64_t user = 0;
};
// -- Store held-posts: post -> how many that are, and its E. The first of them is not looked for:
// feeds lose their oldest posts, so that a store has deletions there, which it passes one by one.
struct HeldPost {
  int64_t holders = 0;
  Fixed engagement = 0;
};
// -- Store feed: (user, post) -> what its score is made of, and what was published of it.
struct FeedPost {
  int64_t user = 0;
  int64_t post = 0;
};
struct FeedRow {
  int64_t author = 0;
  Timestamp created_at;
  Fixed engagement = 0;
  Fixed affinity = 0;
  bool is_read = false;
  Timestamp read_at = kNoTimestamp;  // of none
  Fixed relevance = 0;
  Timestamp scored_at;
  int32_t position = 0;  // from 1; 0: none
};
// -- Store reader-affinity.
struct ReaderAuthor {
  int64_t user = 0;
  int64_t author = 0;
};
// -- Store readers, and store wakes in the order of time: when a feed is looked at again.
struct Reader {
  int64_t rows = 0;  // of the feed
  Timestamp published_at = kNoTimestamp;
  Timestamp wake_at;
};
struct Wake {
  Timestamp at;
  int64_t user = 0;
};

inline bool PartitionBits::Has(int32_t partition) const {
  const auto byte = static_cast<size_t>(partition / 8);
  return byte < bytes.size() && ((bytes[byte] >> (partition % 8)) & 1) != 0;
}
inline void PartitionBits::Set(int32_t partition, bool value) {
  const auto byte = static_cast<size_t>(partition / 8);
  if (byte >= bytes.size()) bytes.resize(byte + 1, '\0');
  const int bit = 1 << (partition % 8);
  bytes[byte] = static_cast<char>(value ? bytes[byte] | bit : bytes[byte] & ~bit);
  while (!bytes.empty() && bytes.back() == '\0') bytes.pop_back();
}

}  // namespace millrace::topologies::rank

namespace millrace::topologies {
template <>
struct Fields<rank::Interest> {
  static constexpr auto kAll = std::tuple(Field("partition", &rank::Interest::partition),
                                          Field("holds", &rank::Interest::holds));
};
template <>
struct Fields<rank::HolderNews> {
  static constexpr auto kAll = std::tuple(Field("partition", &rank::HolderNews::partition),
                                          Field("engagement", &rank::HolderNews::engagement));
};
template <>
struct Fields<rank::Holder> {
  static constexpr auto kAll =
      std::tuple(Field("post", &rank::Holder::post), Field("user", &rank::Holder::user));
};
template <>
struct Fields<rank::HeldPost> {
  using Row = rank::HeldPost;
  static constexpr auto kAll =
      std::tuple(Field("holders", &Row::holders), Field("engagement", &Row::engagement));
};
template <>
struct Fields<rank::FeedPost> {
  static constexpr auto kAll =
      std::tuple(Field("user", &rank::FeedPost::user), Field("post", &rank::FeedPost::post));
};
template <>
struct Fields<rank::FeedRow> {
  using Row = rank::FeedRow;
  static constexpr auto kAll =
      std::tuple(Field("author", &Row::author), Field("created_at", &Row::created_at),
                 Field("engagement", &Row::engagement), Field("affinity", &Row::affinity),
                 Field("is_read", &Row::is_read), Field("read_at", &Row::read_at),
                 Field("relevance", &Row::relevance), Field("scored_at", &Row::scored_at),
                 Field("position", &Row::position));
};
template <>
struct Fields<rank::ReaderAuthor> {
  using Row = rank::ReaderAuthor;
  static constexpr auto kAll = std::tuple(Field("user", &Row::user), Field("author", &Row::author));
};
template <>
struct Fields<rank::Reader> {
  using Row = rank::Reader;
  static constexpr auto kAll =
      std::tuple(Field("rows", &Row::rows), Field("published_at", &Row::published_at),
                 Field("wake_at", &Row::wake_at));
};
template <>
struct Fields<rank::Wake> {
  static constexpr auto kAll =
      std::tuple(Field("at", &rank::Wake::at), Field("user", &rank::Wake::user));
};
}  // namespace millrace::topologies

namespace millrace {
template <>
struct Serde<topologies::rank::Interest> : topologies::FieldSerde<topologies::rank::Interest> {};
template <>
struct Serde<topologies::rank::HolderNews> : topologies::FieldSerde<topologies::rank::HolderNews> {
};
template <>
struct Serde<topologies::rank::PartitionBits> {
  using Row = topologies::rank::PartitionBits;
  static void Encode(const Row& row, std::string* out) { out->append(row.bytes); }
  static absl::Status Decode(std::string_view bytes, Row* out) {
    out->bytes.assign(bytes);
    return absl::OkStatus();
  }
};
template <>
struct Serde<topologies::rank::Holder> : topologies::FieldSerde<topologies::rank::Holder> {};
template <>
struct Serde<topologies::rank::HeldPost> : topologies::FieldSerde<topologies::rank::HeldPost> {};
template <>
struct Serde<topologies::rank::FeedPost> : topologies::FieldSerde<topologies::rank::FeedPost> {};
template <>
struct Serde<topologies::rank::FeedRow> : topologies::FieldSerde<topologies::rank::FeedRow> {};
template <>
struct Serde<topologies::rank::ReaderAuthor>
    : topologies::FieldSerde<topologies::rank::ReaderAuthor> {};
template <>
struct Serde<topologies::rank::Reader> : topologies::FieldSerde<topologies::rank::Reader> {};
template <>
struct Serde<topologies::rank::Wake> : topologies::FieldSerde<topologies::rank::Wake> {};
}  // namespace millrace
