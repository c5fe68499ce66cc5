// FollowIndex: who of this partition follows whom, by author and by user. Task thread only; durable
// with the task's commit.
#pragma once

#include <cstdint>
#include <limits>

#include "millrace/store.h"
#include "topologies/feed-fan-out/user_rows.h"

namespace millrace::topologies::feed {

class FollowIndex {
 public:
  template <class Context>
  void Open(Context& context) {
    by_author_ = context.template Store<AuthorFollower, FollowedAt>("followers");
    by_user_ = context.template Store<FollowerAuthor, FollowedAt>("following");
  }

  // Null when there is no such follow.
  const FollowedAt* Get(int64_t user, int64_t author) const {
    return by_user_.Get({user, author}).value;
  }
  void Put(int64_t user, int64_t author, Timestamp created_at, Timestamp now) {
    by_author_.Put({author, user}, {created_at}, now);
    by_user_.Put({user, author}, {created_at}, now);
  }
  void Delete(int64_t user, int64_t author) {
    by_author_.Delete({author, user});
    by_user_.Delete({user, author});
  }

  // In the order of ids, those behind `after`.
  RowIterator<AuthorFollower, FollowedAt> FollowersOf(int64_t author, int64_t after) const {
    auto row = by_author_.Range({author, after}, {author, kLast});
    if (row.Valid() && row.key().follower == after) row.Next();
    return row;
  }
  RowIterator<FollowerAuthor, FollowedAt> AuthorsOf(int64_t user, int64_t after) const {
    auto row = by_user_.Range({user, after}, {user, kLast});
    if (row.Valid() && row.key().author == after) row.Next();
    return row;
  }

 private:
  static constexpr int64_t kLast = std::numeric_limits<int64_t>::max();

  KeyValueStore<AuthorFollower, FollowedAt> by_author_;
  KeyValueStore<FollowerAuthor, FollowedAt> by_user_;
};

}  // namespace millrace::topologies::feed
