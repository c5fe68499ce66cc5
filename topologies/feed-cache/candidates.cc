#include "topologies/feed-cache/candidates.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"

namespace millrace::topologies::cache {
namespace {

class Collector {
 public:
  Collector(const FeedView& view, int64_t user, Timestamp at)
      : view_(view), user_(user), at_(at), oldest_(at - kFresh) {
    view.Affinities(user, [this](int64_t author, int64_t count) {
      affinity_[author] = ToFixed(Affinity(count));
      liked_.emplace_back(count, author);
    });
    std::sort(liked_.begin(), liked_.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
  }

  void AddFollowed() {
    std::vector<Candidate> followed;
    view_.Entries(user_, [&](const Entry& entry, int64_t author) {
      if (entry.created_at < oldest_) return false;
      Collect({.author = author, .created_at = entry.created_at}, entry.post, &followed);
      return followed.size() < kMostFollowed;
    });
    view_.PulledAuthors(user_, [&](int64_t author) {
      view_.PostsOf(author, [&](int64_t post, const PostFact& fact) {
        if (fact.created_at < oldest_) return false;
        Collect(fact, post, &followed);
        return true;
      });
    });
    std::sort(followed.begin(), followed.end(), [](const Candidate& a, const Candidate& b) {
      return IsFirstOfEqual(a.post, b.post);
    });
    for (const Candidate& candidate : followed) {
      if (found_.size() == kMostFollowed) return;
      Keep(candidate.post, FeedLabel::kFollowed);
    }
  }
  void AddTrending() {
    size_t kept = 0;
    view_.HotPosts([&](int64_t post) {
      const auto fact = view_.Post(post);
      if (fact.has_value()) AddOfStranger(post, *fact, FeedLabel::kTrending);
      return ++kept < kMostTrending;
    });
  }
  void AddAffinity() {
    size_t kept = 0;
    for (const auto& [count, author] : liked_) {
      if (kept == kMostAffinity) return;
      view_.PostsOf(author, [&](int64_t post, const PostFact& fact) {
        if (fact.created_at < oldest_) return false;
        kept += AddOfStranger(post, fact, FeedLabel::kAffinity);
        return kept < kMostAffinity;
      });
    }
  }
  std::vector<Candidate> Take() { return std::move(found_); }

 private:
  bool IsShown(const PostFact& fact) const {
    return fact.author != user_ && fact.created_at <= at_;
  }
  void Collect(const PostFact& fact, int64_t post, std::vector<Candidate>* out) {
    if (IsShown(fact)) out->push_back({.post = RankedOf(post, fact)});
  }
  // Whether it is a candidate of its source, if only under the label of another one.
  bool AddOfStranger(int64_t post, const PostFact& fact, FeedLabel label) {
    if (!IsShown(fact) || fact.visibility != schemas::Visibility::kPublic) return false;
    Keep(RankedOf(post, fact), label);
    return true;
  }
  RankedPost RankedOf(int64_t post, const PostFact& fact) const {
    return {.post = post, .author = fact.author, .created_at = fact.created_at};
  }
  void Keep(RankedPost post, FeedLabel label) {
    if (!seen_.insert(post.post).second) return;
    post.engagement = view_.EngagementOf(post.post);
    const auto affinity = affinity_.find(post.author);
    if (affinity != affinity_.end()) post.affinity = affinity->second;
    found_.push_back({.post = post, .label = label});
  }

  const FeedView& view_;
  const int64_t user_;
  const Timestamp at_;
  const Timestamp oldest_;
  absl::flat_hash_map<int64_t, Fixed> affinity_;
  std::vector<std::pair<int64_t, int64_t>> liked_;  // count, author: most first
  absl::flat_hash_set<int64_t> seen_;
  std::vector<Candidate> found_;
};

}  // namespace

std::vector<Candidate> CandidatesOf(const FeedView& view, int64_t user, Timestamp at) {
  Collector collector(view, user, at);
  collector.AddFollowed();
  collector.AddTrending();
  collector.AddAffinity();
  return collector.Take();
}

}  // namespace millrace::topologies::cache
