#include "generator/social_network.h"

#include <algorithm>

#include "generator/streams.h"
#include "millrace/status.h"

namespace millrace::gen {
namespace {

constexpr uint64_t kPostsInReach = 65'536;
// How often an unlucky draw (a deleted post, an author without followers) is made again.
constexpr int kTries = 8;
constexpr int kAuthorTries = 64;
constexpr std::chrono::hours kAuthorSpan(72);
constexpr uint32_t kUsersPerCelebrity = 10'000;
constexpr std::chrono::minutes kCelebrityPause(15);
constexpr std::chrono::minutes kCodaPause(10);
constexpr std::chrono::seconds kCodaSpan(90);
constexpr uint64_t kCodaLikes = 256;

WeightedChoice KindsOf(const Mix& mix) {
  // A choice has positive weights only: a kind that never happens gets one in 2^40.
  std::vector<uint64_t> weights;
  for (const uint32_t weight : mix.weights) weights.push_back((uint64_t{weight} << 40) | 1);
  return WeightedChoice(std::move(weights));
}

size_t IndexOf(FactKind kind) { return static_cast<size_t>(kind); }

}  // namespace

Mix Mix::Tables() {
  Mix mix;
  const auto set = [&mix](FactKind kind, uint32_t weight) { mix.weights[IndexOf(kind)] = weight; };
  set(FactKind::kLike, 690);
  set(FactKind::kComment, 138);
  set(FactKind::kFollow, 60);
  set(FactKind::kPost, 45);
  set(FactKind::kUnlike, 30);
  set(FactKind::kEditPost, 12);
  set(FactKind::kUnfollow, 9);
  set(FactKind::kDeletePost, 6);
  set(FactKind::kChangeReaction, 5);
  set(FactKind::kDeleteComment, 5);
  return mix;
}

Mix Mix::Feed() {
  Mix mix;
  const auto set = [&mix](FactKind kind, uint32_t weight) { mix.weights[IndexOf(kind)] = weight; };
  set(FactKind::kPost, 100);
  set(FactKind::kLike, 2'000);
  set(FactKind::kComment, 400);
  set(FactKind::kShare, 200);
  set(FactKind::kImpression, 20'000);
  set(FactKind::kFollow, 100);
  set(FactKind::kUnfollow, 10);
  set(FactKind::kUnlike, 60);
  set(FactKind::kDeletePost, 5);
  set(FactKind::kEditPost, 10);
  set(FactKind::kChangeReaction, 10);
  set(FactKind::kDeleteComment, 10);
  set(FactKind::kRead, 500);
  return mix;
}

SocialNetwork::SocialNetwork(const Options& options)
    : options_(options),
      graph_(MakeFollowGraph(
          {.seed = options.seed, .users = options.users, .median = options.follows})),
      popularity_(WeightedChoice::Zipf(options.users, 1100)),
      activity_(WeightedChoice::Zipf(options.users, 1000)),
      kinds_(KindsOf(options.mix)),
      pace_({.seed = options.seed,
             .start = options.start,
             .gap = options.gap,
             .lifelike = options.lifelike}),
      now_(options.start),
      last_change_(options.start),
      erased_(options.users + size_t{1}),
      next_celebrity_post_(now_ + kCelebrityPause) {
  MR_CHECK(options.users >= 2, "a network needs two users");
  MR_CHECK(options.gap.count() >= 0, "event time never goes back");
}

bool SocialNetwork::Next(Fact* out) {
  *out = Fact();
  if (NextSnapshot(out)) {
    out->in_snapshot = true;
  } else if (phase_ == Phase::kLive && changes_ < options_.changes) {
    NextChange(out);
    ++changes_;
  } else {
    if (phase_ == Phase::kLive) {
      last_change_ = now_;
      phase_ = options_.coda ? Phase::kCoda : Phase::kEnd;
      snapshot_rows_ = 0;
    }
    if (phase_ == Phase::kEnd || !NextOfCoda(out)) return false;
  }
  out->at = now_;
  ++(out->in_snapshot ? counts_.snapshot_rows : counts_.live)[IndexOf(out->kind)];
  return true;
}

// Live changes

void SocialNetwork::NextChange(Fact* out) {
  Draws draws(RandomKey(options_.seed, kChangeStream, changes_));
  now_ = pace_.Advance(changes_, draws);
  if (MakeSequel(out)) return;
  if (options_.lifelike && now_ >= next_celebrity_post_) {
    next_celebrity_post_ += kCelebrityPause;
    const uint32_t stars = std::max<uint32_t>(4, options_.users / kUsersPerCelebrity);
    const auto star = static_cast<uint32_t>(1 + draws.Below(std::min(stars, options_.users)));
    if (MayPost(star, now_) && AddPost(star, now_, draws, out)) return;
  }
  const uint64_t erased = uint64_t{options_.users} * options_.mishaps.erased_users / 1'000'000;
  if (erased > counts_.live[IndexOf(FactKind::kErase)] &&
      draws.Below(options_.changes) < 4 * erased && Erase(draws, out)) {
    return;
  }
  if (crowd_ > 0 && !draws.OneIn(5)) {
    --crowd_;
    const auto user = static_cast<uint32_t>(1 + draws.Below(options_.users));
    if (LikeAs(user, crowded_, now_, 0, out)) return;
  }
  if (Make(static_cast<FactKind>(kinds_.Draw(draws)), draws, out)) return;
  // A new post is always possible, whatever else is not, or somebody looks at one.
  const bool made = MakePost(draws, out) || MakeEvent(FactKind::kImpression, draws, out);
  MR_CHECK(made, "nothing can happen in this network");
}

bool SocialNetwork::Make(FactKind kind, Draws& draws, Fact* out) {
  switch (kind) {
    case FactKind::kFollow:
      return MakeFollow(draws, out);
    case FactKind::kUnfollow:
      return MakeUnfollow(draws, out);
    case FactKind::kPost:
      return MakePost(draws, out);
    case FactKind::kEditPost:
      return EditPost(draws, out);
    case FactKind::kDeletePost:
      return DeletePost(draws, out);
    case FactKind::kLike:
      return MakeLike(draws, out);
    case FactKind::kChangeReaction:
      return ChangeReaction(draws, out);
    case FactKind::kUnlike:
      return Unlike(draws, out);
    case FactKind::kComment:
      return MakeComment(draws, out);
    case FactKind::kDeleteComment:
      return DeleteComment(draws, out);
    case FactKind::kShare:
    case FactKind::kImpression:
      return MakeEvent(kind, draws, out);
    case FactKind::kRead:
      return Read(draws, out);
    case FactKind::kErase:
      return false;  // its number is given, not its rate
  }
  return false;
}

void SocialNetwork::Plan(std::chrono::microseconds after, FactKind kind, uint32_t user,
                         uint32_t about) {
  sequels_.push({now_ + after, planned_++, kind, user, about});
}

bool SocialNetwork::MakeSequel(Fact* out) {
  while (!sequels_.empty() && sequels_.top().due <= now_) {
    const Sequel next = sequels_.top();
    sequels_.pop();
    if (erased_[next.user]) continue;
    if (next.kind == FactKind::kLike) {
      if (!PostOf(next.about).gone && LikeAs(next.user, next.about, now_, 0, out)) return true;
    } else if (erased_[next.about]) {
      continue;
    } else if (next.kind == FactKind::kUnfollow) {
      if (Unfollow(next.user, next.about, out)) return true;
    } else if (graph_.Add(next.user, next.about)) {
      Follow(next.user, next.about, now_, out);
      return true;
    }
  }
  return false;
}

bool SocialNetwork::MakeFollow(Draws& draws, Fact* out) {
  for (int i = 0; i < kTries; ++i) {
    const auto author = static_cast<uint32_t>(1 + popularity_.Draw(draws));
    const auto follower = static_cast<uint32_t>(1 + draws.Below(options_.users));
    if (erased_[author] || erased_[follower] || !graph_.Add(follower, author)) continue;
    Follow(follower, author, now_, out);
    if (draws.Below(1'000'000) < options_.mishaps.flaps) {
      ++counts_.flaps;
      Plan(std::chrono::seconds(1 + draws.Below(5)), FactKind::kUnfollow, follower, author);
      Plan(std::chrono::seconds(7 + draws.Below(5)), FactKind::kFollow, follower, author);
    }
    return true;
  }
  return false;
}

void SocialNetwork::Follow(uint32_t follower, uint32_t author, RowTime created_at, Fact* out) {
  follow_times_[Pair(follower, author)] = created_at;
  out->kind = FactKind::kFollow;
  out->user = follower;
  out->author = author;
  out->created_at = created_at;
}

bool SocialNetwork::MakeUnfollow(Draws& draws, Fact* out) {
  for (int i = 0; i < kTries; ++i) {
    const auto author = static_cast<uint32_t>(1 + popularity_.Draw(draws));
    const std::vector<uint32_t>& followers = graph_.FollowersOf(author);
    if (erased_[author] || followers.empty()) continue;
    const uint32_t follower = followers[draws.Below(followers.size())];
    if (erased_[follower]) continue;
    return Unfollow(follower, author, out);
  }
  return false;
}

bool SocialNetwork::Unfollow(uint32_t follower, uint32_t author, Fact* out) {
  const RowTime created_at = TimeOfFollow(follower, author);
  if (!graph_.Remove(follower, author)) return false;
  follow_times_.erase(Pair(follower, author));
  out->kind = FactKind::kUnfollow;
  out->user = follower;
  out->author = author;
  out->created_at = created_at;
  return true;
}

bool SocialNetwork::Erase(Draws& draws, Fact* out) {
  for (int i = 0; i < kTries; ++i) {
    const auto user = static_cast<uint32_t>(1 + draws.Below(options_.users - 1));
    if (!MayErase(user)) continue;
    erased_[user] = true;
    for (const uint32_t post : posts_of_[user]) PostOf(post).gone = true;
    out->kind = FactKind::kErase;
    out->user = user;
    out->created_at = now_;
    return true;
  }
  return false;
}

bool SocialNetwork::MayErase(uint32_t user) {
  const auto posts = posts_of_.find(user);
  if (erased_[user]) return false;
  return posts == posts_of_.end() ||
         std::all_of(posts->second.begin(), posts->second.end(),
                     [this](uint32_t post) { return IsQuiet(PostOf(post)); });
}

// Everybody in turn likes what there is.
bool SocialNetwork::NextOfCoda(Fact* out) {
  while (snapshot_rows_ < kCodaLikes) {
    Draws draws(RandomKey(options_.seed, kCodaStream, snapshot_rows_));
    now_ = last_change_ + kCodaPause + kCodaSpan / kCodaLikes * snapshot_rows_++;
    for (int i = 0; i < kTries; ++i) {
      const auto user = static_cast<uint32_t>(1 + draws.Below(options_.users));
      const uint32_t post = PickPost(draws);
      if (post == 0 || erased_[user]) continue;
      if (!LikeAs(user, post, now_, 0, out)) continue;
      out->on_time = true;
      return true;
    }
  }
  return false;
}

// Posts

bool SocialNetwork::MayPost(uint32_t author, RowTime at) {
  if (erased_[author]) return false;
  if (options_.posts_per_author == 0) return true;
  const std::vector<uint32_t>& posts = posts_of_[author];
  if (posts.size() < options_.posts_per_author) return true;
  return PostOf(posts[posts.size() - options_.posts_per_author]).created_at <= at - kAuthorSpan;
}

std::optional<uint32_t> SocialNetwork::PickAuthor(Draws& draws, RowTime at) {
  for (int i = 0; i < kAuthorTries; ++i) {
    const auto author = static_cast<uint32_t>(1 + activity_.Draw(draws));
    if (MayPost(author, at)) return author;
  }
  return std::nullopt;
}

bool SocialNetwork::AddPost(uint32_t author, RowTime created_at, Draws& draws, Fact* out) {
  Post post{.author = author,
            .has_big = draws.OneIn(64),
            .audience = draws.OneIn(16) ? Audience::kFollowers : Audience::kPublic,
            .created_at = created_at,
            .touched_at = created_at};
  posts_.push_back(std::move(post));
  const auto id = static_cast<uint32_t>(posts_.size());
  posts_of_[author].push_back(id);
  TellPost(FactKind::kPost, id, out);
  return true;
}

void SocialNetwork::TellPost(FactKind kind, uint32_t id, Fact* out) {
  Post& post = PostOf(id);
  post.touched_at = std::max(post.touched_at, now_);
  out->kind = kind;
  out->post = id;
  out->user = post.author;
  out->created_at = post.created_at;
  out->audience = out->audience_before = post.audience;
  out->edits = post.edits;
  out->has_big = post.has_big;
}

bool SocialNetwork::MakePost(Draws& draws, Fact* out) {
  const std::optional<uint32_t> author = PickAuthor(draws, now_);
  if (!author.has_value() || !AddPost(*author, now_, draws, out)) return false;
  // Per post there are some twenty likes, and two overtake it.
  if (draws.Below(100'000) >= options_.mishaps.early_likes) return true;
  out->after_likes = true;
  for (int i = 0; i < 2; ++i) {
    const auto user = static_cast<uint32_t>(1 + draws.Below(options_.users));
    Plan(std::chrono::seconds(1 + i), FactKind::kLike, user, static_cast<uint32_t>(out->post));
  }
  return true;
}

bool SocialNetwork::EditPost(Draws& draws, Fact* out) {
  const uint32_t id = PickPost(draws);
  if (id == 0) return false;
  Post& post = PostOf(id);
  const Audience before = post.audience;
  ++post.edits;
  if (options_.lifelike && draws.OneIn(3)) {
    // Who hides a post does not show it again.
    const bool hides = before != Audience::kPrivate && IsQuiet(post) && draws.OneIn(2);
    if (hides) post.audience = Audience::kPrivate;
    if (before == Audience::kPublic && !hides) post.audience = Audience::kFollowers;
    if (before == Audience::kFollowers && !hides) post.audience = Audience::kPublic;
  }
  TellPost(FactKind::kEditPost, id, out);
  out->audience_before = before;
  return true;
}

bool SocialNetwork::DeletePost(Draws& draws, Fact* out) {
  for (int i = 0; i < 4 * kTries; ++i) {
    if (posts_.empty()) return false;
    const auto id = static_cast<uint32_t>(1 + draws.Below(posts_.size()));
    Post& post = PostOf(id);
    // The foreign key of comments holds the others back.
    if (post.gone || post.comments > 0 || !IsQuiet(post)) continue;
    TellPost(FactKind::kDeletePost, id, out);
    post.gone = true;
    return true;
  }
  return false;
}

uint32_t SocialNetwork::PickPost(Draws& draws) {
  if (posts_.empty()) return 0;
  const uint64_t reach = std::min<uint64_t>(kPostsInReach, posts_.size());
  for (int i = 0; i < kTries; ++i) {
    const auto id = static_cast<uint32_t>(posts_.size() - draws.HeavyTailedRank(reach));
    if (!PostOf(id).gone) return id;
  }
  return 0;
}

}  // namespace millrace::gen
