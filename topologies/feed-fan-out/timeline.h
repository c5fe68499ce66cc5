// Timeline: the posts of authors that others may see, newest first. All of them: if only the newest
// were kept, what a feed holds after deletions would depend on the order in which rows came.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "millrace/store.h"
#include "topologies/feed-fan-out/author_rows.h"
#include "topologies/feed-fan-out/rule.h"
#include "topologies/feed-fan-out/user_command.h"

namespace millrace::topologies::feed {

// What of an author's posts is for somebody who follows since `followed_at`, taken off a walk over
// them from the newest to the oldest.
class PostsFor {
 public:
  // Only posts older than `before`, and no more than `limit`.
  PostsFor(Timestamp followed_at, std::optional<PostAt> before, size_t limit)
      : followed_at_(followed_at), before_(before), limit_(limit) {}

  // Where the walk has to begin: at the newest post that is not after this place.
  PostAt start() const;
  // False: it ends here.
  bool See(PostAt at, std::vector<PostRef>* out);
  // After the walk: all that is for them is in the list.
  bool is_all() const { return is_all_; }

 private:
  const Timestamp followed_at_;
  const std::optional<PostAt> before_;
  const size_t limit_;
  size_t found_ = 0;
  size_t backfilled_ = 0;
  bool is_all_ = true;
};

// Task thread only; durable with the task's commit.
class Timeline {
 public:
  explicit Timeline(
      KeyValueStore<AuthorPost, TimelineRow> rows = KeyValueStore<AuthorPost, TimelineRow>())
      : rows_(rows) {}

  // Null when there is no such post.
  const TimelineRow* Get(int64_t author, PostAt at) const {
    return rows_.Get(Key(author, at)).value;
  }
  void Put(int64_t author, PostAt at, TimelineRow row, Timestamp now) {
    rows_.Put(Key(author, at), row, now);
  }
  void Delete(int64_t author, PostAt at) { rows_.Delete(Key(author, at)); }

  // Appends to *out and returns is_all(). Of what it appends, *unpushed gets those of which no feed
  // had heard.
  bool Read(int64_t author, PostsFor wanted, std::vector<PostRef>* out,
            std::vector<PostRef>* unpushed) const;

  // When the kBackfillPosts-th post newer than `at` was created, or kNever.
  Timestamp Hundredth(int64_t author, PostAt at) const;

  // A post that comes or goes between others moves the hundredth newer one of those behind it.
  // Calls `visit` with each of them that this matters to: that some follow, none of which is later
  // than `latest_follow`, may bring. REQUIRES: the post at `at` is there if `has_come`, else gone.
  void ForEachShifted(int64_t author, PostAt at, bool has_come, Timestamp latest_follow,
                      const std::function<void(PostAt, Timestamp hundredth)>& visit) const;

 private:
  static AuthorPost Key(int64_t author, PostAt at) { return {author, at.created_at, at.post}; }
  // The times of up to kBackfillPosts posts newer than `at`, the oldest first.
  std::vector<Timestamp> NewerThan(int64_t author, PostAt at) const;

  KeyValueStore<AuthorPost, TimelineRow> rows_;
};

}  // namespace millrace::topologies::feed
