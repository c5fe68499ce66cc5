// The rows that are there when a network's live time begins.
#include <algorithm>

#include "generator/social_network.h"
#include "generator/streams.h"

namespace millrace::gen {
namespace {

constexpr int kTries = 32;
constexpr uint8_t kReactionKinds = 4;
constexpr std::chrono::hours kRecent(72);

}  // namespace

bool SocialNetwork::NextSnapshot(Fact* out) {
  static constexpr std::array<bool (SocialNetwork::*)(Fact*), 4> kTables = {
      &SocialNetwork::SnapshotFollow, &SocialNetwork::SnapshotPost, &SocialNetwork::SnapshotComment,
      &SocialNetwork::SnapshotLike};
  while (phase_ < Phase::kLive) {
    if ((this->*kTables[static_cast<size_t>(phase_)])(out)) {
      ++snapshot_rows_;
      return true;
    }
    phase_ = static_cast<Phase>(static_cast<uint8_t>(phase_) + 1);
    snapshot_rows_ = 0;
  }
  return false;
}

RowTime SocialNetwork::TimeOfFollow(uint32_t follower, uint32_t author) const {
  const auto live = follow_times_.find(Pair(follower, author));
  if (live != follow_times_.end()) return live->second;
  Draws draws(RandomKey(options_.seed, kFollowTimeStream, Pair(follower, author)));
  const auto history = std::chrono::microseconds(options_.history);
  return RowTime(options_.start) - std::chrono::microseconds(1 + draws.Below(history.count() - 1));
}

bool SocialNetwork::SnapshotFollow(Fact* out) {
  while (snapshot_author_ <= options_.users &&
         snapshot_index_ == graph_.FollowersOf(snapshot_author_).size()) {
    ++snapshot_author_;
    snapshot_index_ = 0;
  }
  if (snapshot_author_ > options_.users) return false;
  const uint32_t follower = graph_.FollowersOf(snapshot_author_)[snapshot_index_++];
  out->kind = FactKind::kFollow;
  out->user = follower;
  out->author = snapshot_author_;
  out->created_at = TimeOfFollow(follower, snapshot_author_);
  out->place = {.first_table = true,
                .last_table = options_.posts == 0,
                .first_row = snapshot_rows_ == 0,
                .last_row = snapshot_rows_ + 1 == graph_.size()};
  return true;
}

// Half of the posts are of the last three days.
RowTime SocialNetwork::PostTimeInSnapshot(uint64_t index) const {
  const std::chrono::microseconds recent = std::min(options_.history, kRecent);
  const std::chrono::microseconds history = options_.history;
  const int64_t half = options_.posts / 2;
  const auto i = static_cast<int64_t>(index);
  if (history == recent) return RowTime(options_.start) - history + history / options_.posts * i;
  if (i < half) return RowTime(options_.start) - history + (history - recent) / half * i;
  return RowTime(options_.start) - recent + recent / (options_.posts - half) * (i - half);
}

bool SocialNetwork::SnapshotPost(Fact* out) {
  while (snapshot_rows_ < options_.posts) {
    const uint64_t index = snapshot_rows_;
    Draws draws(RandomKey(options_.seed, kSnapshotPostStream, index));
    const RowTime created_at = PostTimeInSnapshot(index);
    const std::optional<uint32_t> author = PickAuthor(draws, created_at);
    if (!author.has_value() || !AddPost(*author, created_at, draws, out)) {
      ++snapshot_rows_;  // everybody who writes has written enough
      continue;
    }
    out->place = {.first_table = graph_.size() == 0,
                  .last_table = options_.likes_per_post == 0,
                  .first_row = posts_.size() == 1,
                  .last_row = index + 1 == options_.posts};
    return true;
  }
  return false;
}

bool SocialNetwork::SnapshotComment(Fact* out) {
  const uint64_t rows = uint64_t{options_.posts} * options_.likes_per_post / 5;
  if (snapshot_rows_ >= rows || posts_.empty()) return false;
  Draws draws(RandomKey(options_.seed, kSnapshotCommentStream, snapshot_rows_));
  const auto id = static_cast<uint32_t>(1 + draws.Below(posts_.size()));
  const Post& post = PostOf(id);
  const uint32_t user = PickReader(post, draws);
  const auto age = static_cast<uint64_t>((now_ - post.created_at).count());
  CommentAs(user, id, post.created_at + std::chrono::microseconds(draws.Below(age)), out);
  out->place = {.first_row = snapshot_rows_ == 0, .last_row = snapshot_rows_ + 1 == rows};
  return true;
}

bool SocialNetwork::SnapshotLike(Fact* out) {
  const uint64_t rows = uint64_t{options_.posts} * options_.likes_per_post;
  while (snapshot_rows_ < rows && !posts_.empty()) {
    Draws draws(RandomKey(options_.seed, kSnapshotLikeStream, snapshot_rows_));
    for (int i = 0; i < kTries; ++i) {
      const auto id = static_cast<uint32_t>(1 + draws.Below(posts_.size()));
      const Post& post = PostOf(id);
      const auto age = static_cast<uint64_t>((now_ - post.created_at).count());
      const RowTime created_at = post.created_at + std::chrono::microseconds(draws.Below(age));
      const auto reaction = static_cast<uint8_t>(draws.OneIn(4) ? draws.Below(kReactionKinds) : 0);
      if (!LikeAs(PickReader(post, draws), id, created_at, reaction, out)) continue;
      out->place = {.last_table = true,
                    .first_row = snapshot_rows_ == 0,
                    .last_row = snapshot_rows_ + 1 == rows};
      return true;
    }
    ++snapshot_rows_;
  }
  return false;
}

}  // namespace millrace::gen
