#include "bench/gen/social_network.h"

#include <algorithm>
#include <array>

#include "millrace/status.h"

namespace millrace::gen {
namespace {

constexpr size_t kPostsInReach = 65'536;
constexpr std::chrono::hours kPostsOfSnapshot(24);
constexpr std::chrono::hours kFollowsOfSnapshot(30 * 24);
// How often an unlucky draw (a deleted post, an author without followers) is made again.
constexpr int kTries = 8;

// The streams of random numbers. Numbers are for ever: another order would be another network.
enum Stream : uint64_t {
  kChangeStream = 1,
  kFollowerStream = 2,
  kLikerStream = 3,
  kCommentStream = 4,
  kSnapshotPostStream = 5,
  kSnapshotFollowStream = 6,
  kBodyStream = 7,
};

constexpr std::array<std::string_view, 4> kReactions = {"like", "love", "wow", "haha"};
// A few that JSON and UTF-8 make interesting.
constexpr std::array<std::string_view, 16> kWords = {
    "river", "stone", "water", "wheel", "quiet", "morning", "über",   "\"quoted\"",
    "坂",    "light", "road",  "a\\b",  "tea",   "late",    "garden", "☂"};
constexpr size_t kBodyBytes = 60;

// Followers of each rank in the snapshot: proportional to 1 / rank, at most a quarter of all users.
std::vector<uint32_t> FollowersByRank(uint64_t users, uint64_t follows) {
  constexpr uint64_t kOne = uint64_t{1} << 32;
  uint64_t harmonic = 0;
  for (uint64_t rank = 1; rank <= users; ++rank) harmonic += kOne / rank;
  std::vector<uint32_t> followers(users);
  const uint64_t most = std::max<uint64_t>(1, users / 4);
  for (uint64_t rank = 1; rank <= users; ++rank) {
    const auto fair =
        static_cast<uint64_t>(static_cast<unsigned __int128>(follows) * kOne / harmonic / rank);
    followers[rank - 1] = static_cast<uint32_t>(std::min(fair, most));
  }
  return followers;
}

}  // namespace

SocialNetwork::SocialNetwork(const Options& options) : options_(options), authors_(options.users) {
  MR_CHECK(options.users >= 2, "a network needs two users");
  MR_CHECK(options.gap.count() >= 0, "event time never goes back");
  const std::vector<uint32_t> followers =
      FollowersByRank(options.users, uint64_t{options.users} * options.follows_per_user);
  for (size_t i = 0; i < authors_.size(); ++i) authors_[i].last = followers[i];
  posts_.resize(kPostsInReach);
  writer_.set_now(options.start);
}

bool SocialNetwork::Next(ChangeRecord* out) {
  if (owes_tombstone_) {
    ChangeWriter::Tombstone(deleted_, out);
    owes_tombstone_ = false;
    ++counts_.tombstones;
  } else if (!NextSnapshotFollow(out) && !NextSnapshotPost(out)) {
    if (counts_.changes == options_.changes) return false;
    NextChange(out);
    ++counts_.changes;
  }
  ++counts_.records;
  return true;
}

// Snapshot

bool SocialNetwork::NextSnapshotFollow(ChangeRecord* out) {
  if (snapshot_author_ == authors_.size()) return false;
  const uint32_t author = snapshot_author_;
  const uint32_t index = snapshot_follower_;
  if (index == authors_[author].last) {  // only where nobody follows anybody
    snapshot_author_ = static_cast<uint32_t>(authors_.size());
    return false;
  }
  if (++snapshot_follower_ == authors_[author].last) {
    ++snapshot_author_;
    snapshot_follower_ = 0;
  }
  const bool more = snapshot_author_ < authors_.size() && authors_[snapshot_author_].last > 0;
  if (!more) snapshot_author_ = static_cast<uint32_t>(authors_.size());
  Draws draws(RandomKey(options_.seed, kSnapshotFollowStream, (uint64_t{author} << 32) | index));
  const auto age = std::chrono::microseconds(
      1 + draws.Below(std::chrono::microseconds(kFollowsOfSnapshot).count() - 1));
  const SnapshotPlace place = {.first_table = true,
                               .last_table = options_.posts == 0,
                               .first_row = counts_.records == 0,
                               .last_row = !more};
  writer_.Snapshot(
      place, FollowRow{FollowerOf(author, index), int64_t{author} + 1, writer_.now() - age}, out);
  return true;
}

bool SocialNetwork::NextSnapshotPost(ChangeRecord* out) {
  if (posts_created_ >= options_.posts) return false;
  const bool first_table = counts_.records == 0;
  Draws draws(RandomKey(options_.seed, kSnapshotPostStream, static_cast<uint64_t>(posts_created_)));
  const auto span = std::chrono::microseconds(kPostsOfSnapshot);
  const auto age = span - span / options_.posts * posts_created_;
  const Post& post = *AddPost(draws, writer_.now() - age);
  const SnapshotPlace place = {.first_table = first_table,
                               .last_table = true,
                               .first_row = post.id == 1,
                               .last_row = post.id == int64_t{options_.posts}};
  writer_.Snapshot(place, RowOf(post), out);
  return true;
}

// Live changes

void SocialNetwork::NextChange(ChangeRecord* out) {
  struct Kind {
    uint32_t per_thousand;
    bool (SocialNetwork::*make)(Draws&, ChangeRecord*);
  };
  static constexpr std::array<Kind, 10> kKinds = {{{690, &SocialNetwork::Like},
                                                   {138, &SocialNetwork::Comment},
                                                   {60, &SocialNetwork::Follow},
                                                   {45, &SocialNetwork::CreatePost},
                                                   {30, &SocialNetwork::Unlike},
                                                   {12, &SocialNetwork::EditPost},
                                                   {9, &SocialNetwork::Unfollow},
                                                   {6, &SocialNetwork::DeletePost},
                                                   {5, &SocialNetwork::ChangeReaction},
                                                   {5, &SocialNetwork::DeleteComment}}};
  Draws draws(RandomKey(options_.seed, kChangeStream, counts_.changes));
  const int64_t gap = options_.gap.count();
  const auto jitter = static_cast<int64_t>(draws.Below(static_cast<uint64_t>(gap) + 1));
  writer_.set_now(options_.start +
                  std::chrono::microseconds(static_cast<int64_t>(counts_.changes) * gap + jitter));
  uint64_t ticket = draws.Below(1000);
  const Kind* kind = kKinds.data();
  for (; ticket >= kind->per_thousand; ++kind) ticket -= kind->per_thousand;
  // A new post is always possible, whatever else is not.
  if (!(this->*kind->make)(draws, out)) CreatePost(draws, out);
  if (owes_tombstone_) ChangeWriter::Tombstone(*out, &deleted_);
}

bool SocialNetwork::Like(Draws& draws, ChangeRecord* out) {
  Post* post = PickPost(draws);
  if (post == nullptr) return false;
  // Half of those who took a like back give it again; the others stay away.
  const bool again = post->likes > 0 && !post->last_like_stands && draws.OneIn(2);
  if (!again) {
    if (post->likes == options_.users) return false;
    ++post->likes;
  }
  post->last_like_stands = true;
  post->last_like_at = writer_.now();
  post->reaction = static_cast<uint8_t>(draws.OneIn(4) ? draws.Below(kReactions.size()) : 0);
  writer_.Create(LastLikeOf(*post), out);
  return true;
}

bool SocialNetwork::Unlike(Draws& draws, ChangeRecord* out) {
  Post* post = PickLikedPost(draws);
  if (post == nullptr) return false;
  post->last_like_stands = false;
  writer_.Delete(LastLikeOf(*post), out);
  owes_tombstone_ = true;
  return true;
}

bool SocialNetwork::ChangeReaction(Draws& draws, ChangeRecord* out) {
  Post* post = PickLikedPost(draws);
  if (post == nullptr) return false;
  const LikeRow before = LastLikeOf(*post);
  post->reaction = static_cast<uint8_t>((post->reaction + 1) % kReactions.size());
  writer_.Update(before, LastLikeOf(*post), out);
  return true;
}

bool SocialNetwork::Comment(Draws& draws, ChangeRecord* out) {
  Post* post = PickPost(draws);
  if (post == nullptr) return false;
  const uint64_t number = comments_created_++;
  MakeBody(draws, static_cast<int64_t>(number));
  CommentRow row{.id = IdOfComment(number),
                 .post = post->id,
                 .author = static_cast<int64_t>(1 + draws.Below(options_.users)),
                 .body = body_,
                 .created_at = writer_.now()};
  if (post->comments > 0 && draws.OneIn(3)) row.parent = IdOfComment(post->last_comment - 1);
  ++post->comments;
  post->last_comment = number + 1;
  writer_.Create(row, out);
  return true;
}

bool SocialNetwork::DeleteComment(Draws& draws, ChangeRecord* out) {
  if (comments_deleted_ == comments_created_) return false;
  // Numbers only rise, so none is drawn twice; mostly recent ones, so that windows notice.
  const uint64_t alive = comments_created_ - comments_deleted_;
  const uint64_t number = comments_created_ - 1 - draws.HeavyTailedRank(alive);
  comments_deleted_ = number + 1;
  writer_.Delete(CommentRow{.id = IdOfComment(number)}, out);
  owes_tombstone_ = true;
  return true;
}

bool SocialNetwork::Follow(Draws& draws, ChangeRecord* out) {
  for (int i = 0; i < kTries; ++i) {
    const auto author = static_cast<uint32_t>(draws.HeavyTailedRank(options_.users));
    Author& followers = authors_[author];
    if (followers.last - followers.first == options_.users - 1) continue;
    const int64_t follower = FollowerOf(author, followers.last++);
    writer_.Create(FollowRow{follower, int64_t{author} + 1, writer_.now()}, out);
    return true;
  }
  return false;
}

bool SocialNetwork::Unfollow(Draws& draws, ChangeRecord* out) {
  for (int i = 0; i < kTries; ++i) {
    const auto author = static_cast<uint32_t>(draws.HeavyTailedRank(options_.users));
    Author& followers = authors_[author];
    if (followers.last == followers.first) continue;
    const uint32_t index = draws.OneIn(2) ? followers.first++ : --followers.last;
    writer_.Delete(FollowRow{.follower = FollowerOf(author, index), .followee = author + 1}, out);
    owes_tombstone_ = true;
    return true;
  }
  return false;
}

bool SocialNetwork::CreatePost(Draws& draws, ChangeRecord* out) {
  writer_.Create(RowOf(*AddPost(draws, writer_.now())), out);
  return true;
}

bool SocialNetwork::EditPost(Draws& draws, ChangeRecord* out) {
  Post* post = PickPost(draws);
  if (post == nullptr) return false;
  ++post->edits;
  PostRow row = RowOf(*post);
  row.edited_at = writer_.now();
  if (post->has_big) row.big = kUnavailable;
  writer_.Update(row, row, out);
  return true;
}

bool SocialNetwork::DeletePost(Draws& draws, ChangeRecord* out) {
  for (int i = 0; i < kTries; ++i) {
    Post* post = PickPost(draws);
    // The foreign key of comments holds the others back.
    if (post == nullptr || post->comments > 0) continue;
    post->deleted = true;
    writer_.Delete(PostRow{.id = post->id}, out);
    owes_tombstone_ = true;
    return true;
  }
  return false;
}

// What the network is made of

SocialNetwork::Post* SocialNetwork::AddPost(Draws& draws, RowTime at) {
  const int64_t id = ++posts_created_;
  Post& post = posts_[static_cast<size_t>(id) % posts_.size()];
  // The popular write more, but everybody writes.
  const uint64_t author =
      draws.OneIn(2) ? draws.HeavyTailedRank(options_.users) : draws.Below(options_.users);
  post = Post{.id = id,
              .author = static_cast<uint32_t>(author) + 1,
              .has_big = draws.OneIn(64),
              .created_at = at};
  return &post;
}

SocialNetwork::Post* SocialNetwork::PickPost(Draws& draws) {
  if (posts_created_ == 0) return nullptr;
  const uint64_t reach = std::min<uint64_t>(posts_.size(), static_cast<uint64_t>(posts_created_));
  for (int i = 0; i < kTries; ++i) {
    const auto age = static_cast<int64_t>(draws.HeavyTailedRank(reach));
    Post& post = posts_[static_cast<size_t>(posts_created_ - age) % posts_.size()];
    if (!post.deleted) return &post;
  }
  return nullptr;
}

SocialNetwork::Post* SocialNetwork::PickLikedPost(Draws& draws) {
  for (int i = 0; i < kTries; ++i) {
    Post* post = PickPost(draws);
    if (post != nullptr && post->last_like_stands) return post;
  }
  return nullptr;
}

PostRow SocialNetwork::RowOf(const Post& post) {
  // The text depends on the post and its edits alone, so that nobody has to keep it.
  Draws draws(
      RandomKey(options_.seed, kBodyStream,
                (static_cast<uint64_t>(post.edits) << 48) | static_cast<uint64_t>(post.id)));
  MakeBody(draws, post.id);
  PostRow row{.id = post.id, .author = post.author, .body = body_, .created_at = post.created_at};
  if (post.id % 16 == 0) row.visibility = "followers";
  if (post.has_big) row.big = "a column that is stored out of line";
  return row;
}

LikeRow SocialNetwork::LastLikeOf(const Post& post) const {
  return {.post = post.id,
          .user = LikerOf(post, post.likes - 1),
          .reaction = kReactions[post.reaction],
          .created_at = post.last_like_at};
}

int64_t SocialNetwork::FollowerOf(uint32_t author, uint32_t index) const {
  const uint64_t others = options_.users - 1;
  const Permutation shuffle(RandomKey(options_.seed, kFollowerStream, author), others);
  const uint64_t other = shuffle(index % others);
  return static_cast<int64_t>(1 + other + (other >= author ? 1 : 0));
}

int64_t SocialNetwork::LikerOf(const Post& post, uint32_t index) const {
  const Permutation shuffle(RandomKey(options_.seed, kLikerStream, static_cast<uint64_t>(post.id)),
                            options_.users);
  return static_cast<int64_t>(1 + shuffle(index));
}

CommentId SocialNetwork::IdOfComment(uint64_t number) const {
  // Version 4 and its variant, as gen_random_uuid() makes them.
  const uint64_t high = RandomKey(options_.seed, kCommentStream, number);
  return {(high & ~uint64_t{0xf000}) | 0x4000,
          (Mix64(high) & ~(uint64_t{3} << 62)) | uint64_t{1} << 63};
}

void SocialNetwork::MakeBody(Draws& draws, int64_t number) {
  body_.clear();
  body_ += '#';
  AppendInt(number, &body_);
  while (body_.size() < kBodyBytes) {
    body_ += ' ';
    body_ += kWords[draws.Below(kWords.size())];
  }
}

}  // namespace millrace::gen
