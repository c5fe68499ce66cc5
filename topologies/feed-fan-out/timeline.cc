#include "topologies/feed-fan-out/timeline.h"

#include <algorithm>
#include <limits>

namespace millrace::topologies::feed {
namespace {

constexpr PostAt kNewest = {Timestamp::max(), std::numeric_limits<int64_t>::max()};
constexpr PostAt kOldest = {Timestamp::min(), std::numeric_limits<int64_t>::min()};

}  // namespace

PostAt PostsFor::start() const {
  if (!before_.has_value()) return kNewest;
  // Those between `before` and the follow count among the hundred.
  const PostAt follow = {followed_at_, std::numeric_limits<int64_t>::min()};
  return std::max(*before_, follow);
}

bool PostsFor::See(PostAt at, std::vector<PostRef>* out) {
  if (at.created_at < followed_at_) {
    if (at.created_at < followed_at_ - kBackfill || backfilled_ == kBackfillPosts) return false;
    ++backfilled_;
  }
  if (before_.has_value() && at >= *before_) return true;
  if (found_ == limit_) {
    is_all_ = false;
    return false;
  }
  ++found_;
  out->push_back({at.created_at, at.post});
  return true;
}

bool Timeline::Read(int64_t author, PostsFor wanted, std::vector<PostRef>* out,
                    std::vector<PostRef>* unpushed) const {
  auto row = rows_.Range(Key(author, wanted.start()), Key(author, kOldest));
  for (; row.Valid(); row.Next()) {
    const size_t before = out->size();
    if (!wanted.See(row.key().at(), out)) break;
    if (out->size() > before && !row.value().is_pushed) unpushed->push_back(out->back());
  }
  return wanted.is_all();
}

std::vector<Timestamp> Timeline::NewerThan(int64_t author, PostAt at) const {
  std::vector<Timestamp> times;
  auto row = rows_.Range(Key(author, kNewest), Key(author, at), Order::kReverse);
  for (; row.Valid() && times.size() < kBackfillPosts; row.Next()) {
    if (row.key().at() > at) times.push_back(row.key().created_at);
  }
  return times;
}

Timestamp Timeline::Hundredth(int64_t author, PostAt at) const {
  const std::vector<Timestamp> newer = NewerThan(author, at);
  return newer.size() == kBackfillPosts ? newer.back() : kNever;
}

// The i-th post behind the one at `at`, counted from 0, has i others and perhaps that one between
// itself and the newer ones: its hundredth is the (99 - i)-th of these without it, and the (98 -
// i)-th with it, where the -1st is the post itself.
void Timeline::ForEachShifted(int64_t author, PostAt at, bool has_come, Timestamp latest_follow,
                              const std::function<void(PostAt, Timestamp)>& visit) const {
  if (at.created_at >= latest_follow) return;
  const std::vector<Timestamp> newer = NewerThan(author, at);
  const auto hundredth = [&newer](size_t index) {
    return index < newer.size() ? newer[index] : kNever;
  };
  auto row = rows_.Range(Key(author, at), Key(author, kOldest));
  if (row.Valid() && row.key().at() == at) row.Next();
  for (size_t i = 0; row.Valid() && i < kBackfillPosts; ++i, row.Next()) {
    const PostAt older = row.key().at();
    if (older.created_at + kBackfill <= at.created_at) return;  // no follow is near enough to both
    const Timestamp without = hundredth(kBackfillPosts - 1 - i);
    const Timestamp with =
        i + 1 == kBackfillPosts ? at.created_at : hundredth(kBackfillPosts - 2 - i);
    if (with >= std::min(latest_follow, older.created_at + kBackfill)) continue;
    if (row.value().is_pushed) visit(older, has_come ? with : without);
  }
}

}  // namespace millrace::topologies::feed
