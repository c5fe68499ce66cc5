// Reactions to posts: likes, comments, shares, impressions, reads.
#include <algorithm>

#include "generator/social_network.h"
#include "generator/streams.h"

namespace millrace::gen {
namespace {

constexpr int kTries = 8;
constexpr uint8_t kReactionKinds = 4;
constexpr std::chrono::minutes kClockError(10);  // of a skewed client
// Crowds: one like in so many draws one.
constexpr uint64_t kCrowdOneIn = 5'000;
constexpr uint64_t kCrowdMax = 5'000;

}  // namespace

RowTime SocialNetwork::TimeOfReaction(const Post& post, Draws& draws, Fact* out) {
  const Mishaps& mishaps = options_.mishaps;
  uint64_t ticket = draws.Below(1'000'000);
  const auto pick = [&ticket](uint64_t share) {
    const bool picked = ticket < share;
    ticket = picked ? ~uint64_t{0} : ticket - share;
    return picked;
  };
  RowTime at = now_;
  uint64_t* count = nullptr;
  if (pick(mishaps.very_late)) {
    at = RowTime(options_.start) - std::chrono::hours(30) +
         std::chrono::seconds(draws.Below(4 * 3600));
    count = &counts_.very_late;
  } else if (pick(mishaps.late)) {
    at = now_ - std::chrono::minutes(5) - std::chrono::seconds(1 + draws.Below(55 * 60));
    count = &counts_.late;
  } else if (pick(mishaps.skewed)) {
    const bool ahead = draws.OneIn(2);
    at = ahead ? now_ + kClockError : now_ - kClockError;
    count = ahead ? &counts_.skewed_ahead : &counts_.skewed_behind;
  }
  if (count == nullptr || at < post.created_at) return now_;
  ++*count;
  out->on_time = at > now_;
  return at;
}

uint32_t SocialNetwork::PickReader(const Post& post, Draws& draws) {
  const std::vector<uint32_t>& followers = graph_.FollowersOf(post.author);
  for (int i = 0; i < kTries; ++i) {
    const bool follower = !followers.empty() && draws.Below(10) < 6;
    const uint32_t user = follower ? followers[draws.Below(followers.size())]
                                   : static_cast<uint32_t>(1 + draws.Below(options_.users));
    if (!erased_[user]) return user;
  }
  return 0;
}

bool SocialNetwork::MakeLike(Draws& draws, Fact* out) {
  for (int i = 0; i < kTries; ++i) {
    const uint32_t id = PickPost(draws);
    if (id == 0) return false;
    const uint32_t user = PickReader(PostOf(id), draws);
    if (user == 0 || likes_.contains(Pair(id, user))) continue;
    const RowTime created_at = TimeOfReaction(PostOf(id), draws, out);
    const auto reaction = static_cast<uint8_t>(draws.OneIn(4) ? draws.Below(kReactionKinds) : 0);
    LikeAs(user, id, created_at, reaction, out);
    if (options_.lifelike && crowd_ == 0 && draws.OneIn(kCrowdOneIn)) {
      crowded_ = id;
      crowd_ = std::min({kCrowdMax, uint64_t{options_.users / 4}, options_.changes / 100});
    }
    return true;
  }
  return false;
}

bool SocialNetwork::LikeAs(uint32_t user, uint32_t post, RowTime created_at, uint8_t reaction,
                           Fact* out) {
  Post& liked = PostOf(post);
  if (liked.gone || erased_[user]) return false;
  const Like like{.place = static_cast<uint32_t>(liked.likers.size()),
                  .reaction = reaction,
                  .created_at = created_at};
  if (!likes_.try_emplace(Pair(post, user), like).second) return false;
  liked.likers.push_back(user);
  liked.touched_at = std::max(liked.touched_at, now_);
  out->kind = FactKind::kLike;
  out->post = post;
  out->user = user;
  out->created_at = created_at;
  out->reaction = out->reaction_before = reaction;
  return true;
}

void SocialNetwork::TakeLikeBack(uint32_t post, uint32_t user) {
  std::vector<uint32_t>& likers = PostOf(post).likers;
  const auto like = likes_.find(Pair(post, user));
  const uint32_t place = like->second.place;
  likes_.erase(like);
  if (place + 1 < likers.size()) {
    likers[place] = likers.back();
    likes_[Pair(post, likers[place])].place = place;
  }
  likers.pop_back();
}

uint32_t SocialNetwork::PickLikedPost(Draws& draws) {
  for (int i = 0; i < kTries; ++i) {
    const uint32_t id = PickPost(draws);
    if (id != 0 && !PostOf(id).likers.empty()) return id;
  }
  return 0;
}

bool SocialNetwork::ChangeReaction(Draws& draws, Fact* out) {
  const uint32_t id = PickLikedPost(draws);
  if (id == 0) return false;
  Post& post = PostOf(id);
  const uint32_t user = post.likers[draws.Below(post.likers.size())];
  if (erased_[user]) return false;
  Like& like = likes_[Pair(id, user)];
  out->reaction_before = like.reaction;
  like.reaction = static_cast<uint8_t>((like.reaction + 1) % kReactionKinds);
  post.touched_at = now_;
  out->kind = FactKind::kChangeReaction;
  out->post = id;
  out->user = user;
  out->created_at = like.created_at;
  out->reaction = like.reaction;
  return true;
}

bool SocialNetwork::Unlike(Draws& draws, Fact* out) {
  const uint32_t id = PickLikedPost(draws);
  if (id == 0) return false;
  Post& post = PostOf(id);
  const uint32_t user = post.likers[draws.Below(post.likers.size())];
  if (erased_[user]) return false;
  const Like like = likes_[Pair(id, user)];
  TakeLikeBack(id, user);
  post.touched_at = now_;
  out->kind = FactKind::kUnlike;
  out->post = id;
  out->user = user;
  out->created_at = like.created_at;
  out->reaction = out->reaction_before = like.reaction;
  // Half of those who take a like back give it again.
  if (draws.OneIn(2)) Plan(std::chrono::seconds(2 + draws.Below(60)), FactKind::kLike, user, id);
  return true;
}

bool SocialNetwork::MakeComment(Draws& draws, Fact* out) {
  const uint32_t id = PickPost(draws);
  if (id == 0) return false;
  const uint32_t user = PickReader(PostOf(id), draws);
  if (user == 0) return false;
  const RowTime created_at = TimeOfReaction(PostOf(id), draws, out);
  Post& post = PostOf(id);
  if (post.last_comment > 0 && draws.OneIn(3)) out->parent = post.last_comment;
  return CommentAs(user, id, created_at, out);
}

bool SocialNetwork::CommentAs(uint32_t user, uint32_t id, RowTime created_at, Fact* out) {
  const uint64_t number = comments_.size();
  comments_.push_back({.post = id, .user = user, .created_at = created_at});
  Post& post = PostOf(id);
  ++post.comments;
  post.last_comment = number + 1;
  post.touched_at = std::max(post.touched_at, now_);
  out->kind = FactKind::kComment;
  out->number = number;
  out->post = id;
  out->user = user;
  out->created_at = created_at;
  return true;
}

bool SocialNetwork::DeleteComment(Draws& draws, Fact* out) {
  for (int i = 0; i < kTries; ++i) {
    if (comments_.empty()) return false;
    // Mostly recent ones, so that windows notice.
    const uint64_t number = comments_.size() - 1 - draws.HeavyTailedRank(comments_.size());
    CommentKept& comment = comments_[number];
    Post& post = PostOf(comment.post);
    if (comment.gone || post.gone || erased_[comment.user]) continue;
    comment.gone = true;
    --post.comments;
    if (post.last_comment == number + 1) post.last_comment = 0;
    post.touched_at = now_;
    out->kind = FactKind::kDeleteComment;
    out->number = number;
    out->post = comment.post;
    out->user = comment.user;
    out->created_at = comment.created_at;
    return true;
  }
  return false;
}

bool SocialNetwork::MakeEvent(FactKind kind, Draws& draws, Fact* out) {
  const uint32_t id = PickPost(draws);
  if (id == 0) return false;
  const uint32_t user = PickReader(PostOf(id), draws);
  if (user == 0) return false;
  Post& post = PostOf(id);
  out->created_at = TimeOfReaction(post, draws, out);
  post.touched_at = now_;
  out->kind = kind;
  out->number = events_++;
  out->post = id;
  out->user = user;
  return true;
}

bool SocialNetwork::Read(Draws& draws, Fact* out) {
  for (int i = 0; i < kTries; ++i) {
    const uint32_t id = PickPost(draws);
    if (id == 0) return false;
    const std::vector<uint32_t>& followers = graph_.FollowersOf(PostOf(id).author);
    if (followers.empty()) continue;
    const uint32_t user = followers[draws.Below(followers.size())];
    if (erased_[user]) continue;
    out->kind = FactKind::kRead;
    out->post = id;
    out->user = user;
    out->created_at = now_;
    return true;
  }
  return false;
}

}  // namespace millrace::gen
