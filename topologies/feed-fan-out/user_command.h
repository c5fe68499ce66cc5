// What users are told: topic by-user. A command is about one user, or about all of one partition.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "millrace/ids.h"
#include "millrace/serde.h"
#include "millrace/time.h"
#include "schemas/ids.h"
#include "topologies/common/fields.h"
#include "topologies/feed-fan-out/author_rows.h"
#include "topologies/feed-fan-out/listed_fields.h"
#include "topologies/feed-fan-out/rule.h"

namespace millrace::topologies::feed {

struct PostRef {
  Timestamp created_at;
  int64_t post = 0;
  PostAt at() const { return {created_at, post}; }
};

struct UserCommand {
  enum class Kind : uint8_t {
    // About followers of the author in `partition`.
    kInsert,  // the post is in the feeds of those for whom it is eligible, and in no other
    kRemove,  // it is in none
    kTier,    // the author has another tier
    kJob,     // a job goes on
    // About `user`.
    kFollow,    // they follow the author; `posts` come with it
    kUnfollow,  // they no longer do
    kRefill,    // `posts` are the next older ones of the author
    kRead,      // they have read the post
    kErase,     // nothing they read is to be remembered
  };
  Kind kind = Kind::kInsert;
  int32_t partition = 0;
  JobKind job = JobKind::kPost;  // kJob; its owner is in `author`
  int64_t author = 0;
  int64_t post = 0;
  int64_t user = 0;
  Timestamp created_at;          // of the post; of the follow; kRead, kErase: when
  Timestamp hundredth = kNever;  // kInsert: see IsEligible
  int64_t sequence = 0;
  int32_t followers = 0;    // the author has in the partition
  bool notifies = false;    // kInsert: those who get it are to be told
  Tier tier = Tier::kPush;  // kTier, kFollow
  bool is_all = true;       // kFollow, kRefill: older posts than the last one are not for the user
  std::vector<PostRef> posts;

  PostAt at() const { return {created_at, post}; }
  bool is_about_user() const { return kind >= Kind::kFollow; }
};

// Where the command goes. REQUIRES: it was made for as many partitions.
inline PartitionId PartitionOfCommand(const UserCommand& command, int32_t partitions) {
  if (!command.is_about_user()) return PartitionId(command.partition);
  return schemas::PartitionOf(schemas::UserId{command.user}, partitions);
}

}  // namespace millrace::topologies::feed

namespace millrace::topologies {

template <>
struct Fields<feed::PostRef> {
  using Row = feed::PostRef;
  static constexpr auto kAll =
      std::tuple(Field("created_at", &Row::created_at), Field("post", &Row::post));
};
template <>
struct Fields<feed::UserCommand> {
  using Row = feed::UserCommand;
  static constexpr auto kAll = std::tuple(
      Field("kind", &Row::kind), Field("partition", &Row::partition), Field("job", &Row::job),
      Field("author", &Row::author), Field("post", &Row::post), Field("user", &Row::user),
      Field("created_at", &Row::created_at), Field("hundredth", &Row::hundredth),
      Field("sequence", &Row::sequence), Field("followers", &Row::followers),
      Field("notifies", &Row::notifies), Field("tier", &Row::tier), Field("is_all", &Row::is_all));
};

}  // namespace millrace::topologies

namespace millrace {
template <>
struct Serde<topologies::feed::UserCommand>
    : topologies::feed::ListedFieldSerde<topologies::feed::UserCommand, topologies::feed::PostRef,
                                         &topologies::feed::UserCommand::posts> {};
}  // namespace millrace
