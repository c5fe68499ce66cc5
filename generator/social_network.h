// A social network of any size out of a seed, as facts: first the rows of a snapshot (follows,
// posts, comments, likes), then what happens, in the order of the commits. The same options give
// the same facts on every machine.
//
// What makes it a fair load: in-degrees, activity and the attention that posts get have heavy tails
// (a few authors have a large part of all followers and of all posts, new posts get most of the
// likes), rows are taken back and come again, time passes as it does where people live. What makes
// it a database's: no row is created twice, changed or deleted while it does not exist, and no
// comment lacks its post.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "generator/distributions.h"
#include "generator/facts.h"
#include "generator/follow_graph.h"
#include "generator/pace.h"
#include "generator/random.h"

namespace millrace::gen {

// How often each kind of fact happens, relative to the others; by FactKind.
struct Mix {
  std::array<uint32_t, kFactKinds> weights{};

  // Changes of the four tables only.
  static Mix Tables();
  // Post : like : comment : share : impression : follow : unfollow : unlike : deletion =
  // 1 : 20 : 4 : 2 : 200 : 1 : 0.1 : 0.6 : 0.05, and five reads of feeds per post.
  static Mix Feed();
};

// What happens at the wrong time, per million.
struct Mishaps {
  uint32_t late = 0;          // reactions that say they are up to an hour old
  uint32_t very_late = 0;     // older than a day before live time
  uint32_t skewed = 0;        // clients whose clock is 10 minutes off
  uint32_t early_likes = 0;   // likes that overtake their post
  uint32_t flaps = 0;         // follows that are taken back and made again within seconds
  uint32_t erased_users = 0;  // of all users
};

// Memory: about 30 bytes per follow, 150 per post, 40 per like, 24 per comment. One thread.
class SocialNetwork {
 public:
  struct Options {
    uint64_t seed = 1;
    // Their ids are 1 to users; the most followed is 1, the next is 2, and so on. At least 2.
    uint32_t users = 10'000;
    uint32_t follows = 10;           // median length of the follow lists of the snapshot
    uint32_t posts = 10'000;         // in the snapshot; their ids are 1 to posts
    uint32_t likes_per_post = 0;     // in the snapshot, on average; a fifth as many comments
    std::chrono::hours history{24};  // how old the rows of the snapshot are, at most
    uint64_t changes = 1'000'000;    // after the snapshot
    Mix mix = Mix::Tables();
    Mishaps mishaps;
    uint32_t posts_per_author = 0;  // in 72 hours, at most; 0: as many as they like
    // Of event time between two changes, on average: a million in 2.8 hours.
    std::chrono::microseconds gap{10'000};
    // For how long nothing has happened to a post when it is deleted.
    std::chrono::minutes quiet{0};
    // See PaceOptions; also crowds that like one post in a minute, and a post by one of the most
    // followed every quarter of an hour.
    bool lifelike = false;
    // Ten quiet minutes after the last change, and a minute and a half of likes: so that whatever
    // is delivered late is there before the last boards.
    bool coda = false;
    // Of the snapshot, and where live time begins: the first instant of 2026.
    Timestamp start = TimestampFromMillis(1'767'225'600'000);
  };

  struct Counts {
    std::array<uint64_t, kFactKinds> snapshot_rows{};  // by FactKind
    std::array<uint64_t, kFactKinds> live{};
    uint64_t late = 0, very_late = 0, skewed_ahead = 0, skewed_behind = 0, flaps = 0;
  };

  explicit SocialNetwork(const Options& options);

  // Fills `out` with the next fact; false at the end.
  bool Next(Fact* out);
  const Counts& counts() const { return counts_; }
  // When the last change was made that is not of the coda. Valid once the facts have ended.
  RowTime last_change() const { return last_change_; }

 private:
  struct Post {
    uint32_t author = 0;
    uint16_t edits = 0;
    bool gone = false;
    bool has_big = false;
    Audience audience = Audience::kPublic;
    uint32_t comments = 0;
    uint64_t last_comment = 0;  // its number + 1
    RowTime created_at;
    RowTime touched_at;            // by the last fact about it
    std::vector<uint32_t> likers;  // whose like stands
  };
  struct Like {
    uint32_t place = 0;  // in the post's likers
    uint8_t reaction = 0;
    RowTime created_at;
  };
  struct CommentKept {
    uint32_t post = 0;
    uint32_t user = 0;
    RowTime created_at;
    bool gone = false;
  };
  // Something that follows from a change, a moment later.
  struct Sequel {
    RowTime due;
    uint64_t number;  // those of equal time in the order in which they were planned
    FactKind kind;
    uint32_t user;
    uint32_t about;  // the author or the post
    bool operator>(const Sequel& other) const {
      return std::pair(due, number) > std::pair(other.due, other.number);
    }
  };
  enum class Phase : uint8_t { kFollows, kPosts, kComments, kLikes, kLive, kCoda, kEnd };

  // social_snapshot.cc. Each is false once its table is complete.
  bool NextSnapshot(Fact* out);
  bool SnapshotFollow(Fact* out);
  bool SnapshotPost(Fact* out);
  bool SnapshotComment(Fact* out);
  bool SnapshotLike(Fact* out);
  RowTime PostTimeInSnapshot(uint64_t index) const;

  // Each makes one fact of its kind; false if the network holds nothing to make it of.
  void NextChange(Fact* out);
  bool Make(FactKind kind, Draws& draws, Fact* out);
  bool MakeSequel(Fact* out);
  bool MakeFollow(Draws& draws, Fact* out);
  bool MakeUnfollow(Draws& draws, Fact* out);
  bool MakePost(Draws& draws, Fact* out);
  bool EditPost(Draws& draws, Fact* out);
  bool DeletePost(Draws& draws, Fact* out);
  bool MakeLike(Draws& draws, Fact* out);
  bool ChangeReaction(Draws& draws, Fact* out);
  bool Unlike(Draws& draws, Fact* out);
  bool MakeComment(Draws& draws, Fact* out);
  bool DeleteComment(Draws& draws, Fact* out);
  bool MakeEvent(FactKind kind, Draws& draws, Fact* out);
  bool Read(Draws& draws, Fact* out);
  bool Erase(Draws& draws, Fact* out);
  bool NextOfCoda(Fact* out);

  void Follow(uint32_t follower, uint32_t author, RowTime created_at, Fact* out);
  bool Unfollow(uint32_t follower, uint32_t author, Fact* out);
  bool LikeAs(uint32_t user, uint32_t post, RowTime created_at, uint8_t reaction, Fact* out);
  bool CommentAs(uint32_t user, uint32_t post, RowTime created_at, Fact* out);
  void TakeLikeBack(uint32_t post, uint32_t user);
  void TellPost(FactKind kind, uint32_t id, Fact* out);
  // False if nobody may write any more.
  bool AddPost(uint32_t author, RowTime created_at, Draws& draws, Fact* out);
  std::optional<uint32_t> PickAuthor(Draws& draws, RowTime at);
  bool MayPost(uint32_t author, RowTime at);
  // A post that gets attention: recent ones the most. 0 if the draws met none.
  uint32_t PickPost(Draws& draws);
  uint32_t PickLikedPost(Draws& draws);
  // Somebody who reacts to it: most are followers of its author. 0: none was met.
  uint32_t PickReader(const Post& post, Draws& draws);
  // When a client says that it reacted to the post; counts what is wrong with it.
  RowTime TimeOfReaction(const Post& post, Draws& draws, Fact* out);
  // Nothing has happened to it for so long that everything about it has been delivered.
  bool IsQuiet(const Post& post) const { return now_ - post.touched_at >= options_.quiet; }
  bool MayErase(uint32_t user);
  RowTime TimeOfFollow(uint32_t follower, uint32_t author) const;
  void Plan(std::chrono::microseconds after, FactKind kind, uint32_t user, uint32_t about);

  static uint64_t Pair(uint32_t one, uint32_t other) { return uint64_t{one} << 32 | other; }
  Post& PostOf(uint32_t id) { return posts_[id - 1]; }

  const Options options_;
  Counts counts_;
  FollowGraph graph_;
  const WeightedChoice popularity_;
  const WeightedChoice activity_;
  const WeightedChoice kinds_;
  Pace pace_;
  RowTime now_;
  RowTime last_change_;
  Phase phase_ = Phase::kFollows;
  uint64_t changes_ = 0;
  uint64_t events_ = 0;

  std::vector<Post> posts_;  // by id - 1
  std::vector<CommentKept> comments_;
  absl::flat_hash_map<uint64_t, Like> likes_;
  absl::flat_hash_map<uint64_t, RowTime> follow_times_;  // of live follows; others are computed
  absl::flat_hash_map<uint32_t, std::vector<uint32_t>> posts_of_;  // by author
  std::vector<bool> erased_;                                       // by user
  std::priority_queue<Sequel, std::vector<Sequel>, std::greater<>> sequels_;
  uint64_t planned_ = 0;
  uint32_t crowded_ = 0;  // the post that a crowd likes
  uint64_t crowd_ = 0;    // likes that it has left
  RowTime next_celebrity_post_;

  // Of the snapshot.
  uint32_t snapshot_author_ = 1;
  uint32_t snapshot_index_ = 0;
  uint64_t snapshot_rows_ = 0;  // of the phase
};

}  // namespace millrace::gen
