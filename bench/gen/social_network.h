// A social network of any size out of a seed: first the snapshot of its follows and posts, then
// live changes of follows, posts, likes and comments, in the order of their commits. The same
// options give the same bytes on every machine, and a longer run begins with a shorter one.
//
// What makes it a fair load: in-degrees and the attention that posts get have heavy tails (a few
// authors have a large part of all followers, new posts get most of the likes), rows are taken back
// (unlikes, unfollows, deletions with their tombstones) and come again, and event time advances
// steadily. What makes it a database's: no row is created twice, changed or deleted while it does
// not exist, and no comment lacks its post.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/gen/change_record.h"
#include "bench/gen/change_writer.h"
#include "bench/gen/random.h"

namespace millrace::gen {

// Memory: 8 bytes per user, and 64 bytes for
// each of the newest 65,536 posts; older ones get no more attention. One thread.
class SocialNetwork {
 public:
  struct Options {
    uint64_t seed = 1;
    // Their ids are 1 to users; the most followed is 1, the next is 2, and so on. At least 2.
    uint32_t users = 10'000;
    // In the snapshot, on average; less what an author cannot have, who has at most a quarter of
    // all.
    uint32_t follows_per_user = 20;
    // In the snapshot; their ids are 1 to posts, created over the day before it.
    uint32_t posts = 10'000;
    // After the snapshot. A deletion is one change and two records.
    uint64_t changes = 1'000'000;
    // Of event time between two changes, on average: a million in 2.8 hours.
    std::chrono::microseconds gap{10'000};
    // Of the snapshot, and where live time begins: the first instant of 2026.
    Timestamp start = TimestampFromMillis(1'767'225'600'000);
  };

  // What was handed out so far.
  struct Counts {
    uint64_t records = 0;
    uint64_t changes = 0;
    uint64_t tombstones = 0;
  };

  explicit SocialNetwork(const Options& options);

  // Fills `out` with the next record; false at the end.
  bool Next(ChangeRecord* out);
  const Counts& counts() const { return counts_; }

 private:
  // The followers of an author are the entries [first, last) of a shuffle of all other users: an
  // unfollow takes one from either end, so some come back.
  struct Author {
    uint32_t first = 0;
    uint32_t last = 0;
  };
  struct Post {
    int64_t id = 0;
    uint32_t author = 0;
    uint32_t likes = 0;  // entries of a shuffle of all users that have been used
    uint32_t comments = 0;
    uint16_t edits = 0;
    bool deleted = false;
    bool has_big = false;
    uint8_t reaction = 0;
    bool last_like_stands = false;  // else it was taken back, or there was none
    RowTime created_at;
    RowTime last_like_at;
    uint64_t last_comment = 0;  // its number + 1
  };

  bool NextSnapshotFollow(ChangeRecord* out);
  bool NextSnapshotPost(ChangeRecord* out);
  void NextChange(ChangeRecord* out);
  // Each makes one change of its kind; false if the network holds nothing to make it of.
  bool Like(Draws& draws, ChangeRecord* out);
  bool Unlike(Draws& draws, ChangeRecord* out);
  bool ChangeReaction(Draws& draws, ChangeRecord* out);
  bool Comment(Draws& draws, ChangeRecord* out);
  bool DeleteComment(Draws& draws, ChangeRecord* out);
  bool Follow(Draws& draws, ChangeRecord* out);
  bool Unfollow(Draws& draws, ChangeRecord* out);
  bool CreatePost(Draws& draws, ChangeRecord* out);
  bool EditPost(Draws& draws, ChangeRecord* out);
  bool DeletePost(Draws& draws, ChangeRecord* out);

  Post* AddPost(Draws& draws, RowTime at);
  // A post that gets attention: recent ones the most. Null if the draws met none.
  Post* PickPost(Draws& draws);
  // One whose newest like stands.
  Post* PickLikedPost(Draws& draws);
  PostRow RowOf(const Post& post);
  LikeRow LastLikeOf(const Post& post) const;
  int64_t FollowerOf(uint32_t author, uint32_t index) const;
  int64_t LikerOf(const Post& post, uint32_t index) const;
  CommentId IdOfComment(uint64_t number) const;
  void MakeBody(Draws& draws, int64_t number);

  const Options options_;
  ChangeWriter writer_;
  Counts counts_;
  std::vector<Author> authors_;  // by id - 1
  std::vector<Post> posts_;      // a ring: post p in slot p % size
  int64_t posts_created_ = 0;
  uint64_t comments_created_ = 0;
  uint64_t comments_deleted_ = 0;  // all that will be deleted have a number of at least this
  uint32_t snapshot_author_ = 0;
  uint32_t snapshot_follower_ = 0;
  bool owes_tombstone_ = false;
  ChangeRecord deleted_;
  std::string body_;
};

}  // namespace millrace::gen
