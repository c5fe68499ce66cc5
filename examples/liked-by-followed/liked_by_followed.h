// liked-by-followed: for every user, the posts that people liked whom the user follows.
#pragma once

#include <compare>
#include <cstdint>
#include <tuple>

#include "millrace/millrace.h"
#include "schemas/ids.h"
#include "schemas/topics.h"
#include "topologies/common/fields.h"

namespace liked {

// One reason to show a post to a user. In a topic it is JSON, one column per field.
struct Reason {
  int64_t user = 0;
  int64_t post = 0;
  int64_t liked_by = 0;
  auto operator<=>(const Reason&) const = default;
};

// Two ids side by side, the first of them ordered and searched by.
struct Pair {
  int64_t one = 0;
  int64_t other = 0;
};

// What happens to a person: somebody follows them, or they like a post; or no longer.
struct Deed {
  enum class Kind : uint8_t { kFollower, kLike };
  Kind kind = Kind::kFollower;
  bool stands = false;
  int64_t id = 0;  // of the follower, or of the post
};

}  // namespace liked

template <>
struct millrace::debezium::Columns<liked::Reason> {
  using Row = liked::Reason;
  static constexpr auto kAll =
      std::tuple(Column("user_id", &Row::user), Column("post_id", &Row::post),
                 Column("liked_by", &Row::liked_by));
};
template <>
struct millrace::topologies::Fields<liked::Pair> {
  static constexpr auto kAll =
      std::tuple(Field("one", &liked::Pair::one), Field("other", &liked::Pair::other));
};
template <>
struct millrace::topologies::Fields<liked::Deed> {
  using Row = liked::Deed;
  static constexpr auto kAll =
      std::tuple(Field("kind", &Row::kind), Field("stands", &Row::stands), Field("id", &Row::id));
};
template <>
struct millrace::Serde<liked::Reason> : millrace::debezium::RowSerde<liked::Reason> {};
template <>
struct millrace::Serde<liked::Pair> : millrace::topologies::FieldSerde<liked::Pair> {};
template <>
struct millrace::Serde<liked::Deed> : millrace::topologies::FieldSerde<liked::Deed> {};

namespace liked {

// The value is the person's id again; a tombstone when the reason is gone.
inline const millrace::Topic<Reason, millrace::schemas::UserId> kReasons{"liked.by.followed.v1"};

absl::StatusOr<millrace::Topology> BuildLikedByFollowed();

}  // namespace liked
