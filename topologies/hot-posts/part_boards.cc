#include "topologies/hot-posts/part_boards.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "topologies/hot-posts/event_time.h"
#include "topologies/hot-posts/score.h"

namespace millrace::topologies::hot {
namespace {

constexpr int64_t kFirstPost = std::numeric_limits<int64_t>::min();

// What a fact of that kind is counted in.
int32_t& CountOf(FactKind kind, Counts* counts) {
  switch (kind) {
    case FactKind::kLike:
      return counts->likes;
    case FactKind::kComment:
      return counts->comments;
    case FactKind::kShare:
      return counts->shares;
    default:
      return counts->impressions;
  }
}

}  // namespace

void PartBoards::Init(Context& context) {
  posts_ = context.Store<int64_t, PostLife>(window_.posts);
  counts_ = context.Store<PostBucket, Counts>(window_.counts);
  removals_ = context.Store<Removal, int32_t>(window_.removals);
  progress_ = context.Store<int32_t, Progress>(window_.progress);
  if (const auto row = progress_.Get(kBoardMade)) made_ = row->time;
  const MetricLabels labels = {{"topology", context.application_id()},
                               {"window", window_.counts},
                               {"task", context.task().ToString()}};
  late_ = context.metrics()->counter("hot_late_corrections_total", labels);
  active_ = context.metrics()->gauge("hot_active_posts", labels);
}

void PartBoards::Process(const Record<int64_t, Fact>& record, Context& context) {
  const Fact& fact = *record.value;
  switch (fact.kind) {
    case FactKind::kPost:
      return OnPost(*record.key, fact, record.timestamp);
    case FactKind::kLike:
    case FactKind::kComment:
    case FactKind::kShare:
    case FactKind::kImpression:
      return OnReaction(*record.key, fact, record.timestamp);
    case FactKind::kTick:
    case FactKind::kIdle:
      return OnTick(fact, context);
  }
  context.Refuse("a fact of an unknown kind");
}

void PartBoards::OnPost(int64_t post, const Fact& fact, Timestamp time) {
  const auto row = posts_.Get(post);
  const bool exists = row && row->gone_at == Timestamp::max();
  if (exists == fact.exists) return;
  if (fact.exists) {
    posts_.Put(post, {.created_at = fact.at}, time);
  } else {
    posts_.Put(post, {.created_at = row->created_at, .gone_at = time}, time);
    removals_.Put({.time = time, .kind = FactKind::kPost, .post = post}, 1, time);
  }
}

void PartBoards::OnReaction(int64_t post, const Fact& fact, Timestamp time) {
  const PostBucket bucket{.start = FloorBucket(fact.at, window_.bucket), .post = post};
  // No board to come has it.
  if (made_ != kNoTimestamp && bucket.start < made_ - window_.length()) return;
  if (fact.exists) {
    if (fact.at < made_) late_->Add();
    return Count(fact.kind, bucket, 1);
  }
  const Removal removal{.time = time, .kind = fact.kind, .post = post, .bucket = bucket.start};
  const auto row = removals_.Get(removal);
  removals_.Put(removal, row ? *row + 1 : 1, time);
}

void PartBoards::Count(FactKind kind, const PostBucket& bucket, int32_t by) {
  Counts counts;
  if (const auto row = counts_.Get(bucket)) counts = *row;
  CountOf(kind, &counts) += by;
  if (counts == Counts()) {
    counts_.Delete(bucket);
  } else {
    counts_.Put(bucket, counts, bucket.start);
  }
}

void PartBoards::OnTick(const Fact& tick, Context& context) {
  Progress source{.time = tick.at, .idle = tick.kind == FactKind::kIdle};
  // A source that was started again does not know yet how far it had come.
  if (const auto row = progress_.Get(tick.source)) source.time = std::max(source.time, row->time);
  progress_.Put(tick.source, source, source.time);
  const std::optional<Timestamp> minute = TimeOfAll(tick.sources);
  if (!minute.has_value() || *minute < Timestamp()) return;
  const Timestamp time = FloorBucket(*minute, window_.bucket);
  if (time <= made_) return;
  MakeBoard(time, tick.sources, context);
  made_ = time;
  progress_.Put(kBoardMade, {.time = made_}, made_);
}

std::optional<Timestamp> PartBoards::TimeOfAll(int32_t sources) const {
  Timestamp slowest = Timestamp::max();
  Timestamp fastest = kNoTimestamp;
  for (int32_t source = 0; source < sources; ++source) {
    const auto row = progress_.Get(source);
    if (!row) return std::nullopt;
    fastest = std::max(fastest, row->time);
    if (!row->idle) slowest = std::min(slowest, row->time);
  }
  return slowest == Timestamp::max() ? fastest : slowest;
}

void PartBoards::MakeBoard(Timestamp time, int32_t partitions, Context& context) {
  ApplyRemovals(time);
  DropBuckets(time - window_.length());
  Sum(time - window_.length(), time);
  active_->Set(static_cast<double>(totals_.size()));
  board_.time = time;
  board_.posts.clear();
  for (const auto& [post, counts] : totals_) AddCandidate(post, counts, time);
  KeepHottest(&board_.posts);
  const PartKey key{.partition = context.task().partition.value(), .partitions = partitions};
  context.Forward({.key = &key, .value = &board_, .timestamp = time});
}

void PartBoards::ApplyRemovals(Timestamp before) {
  for (auto row = removals_.All(); row.Valid() && row.key().time < before; row.Next()) {
    Apply(row.key(), row.value());
    removals_.Delete(row.key());
  }
}

void PartBoards::Apply(const Removal& removal, int32_t count) {
  if (removal.kind != FactKind::kPost) {
    const PostBucket bucket{.start = removal.bucket, .post = removal.post};
    if (counts_.Get(bucket)) Count(removal.kind, bucket, -count);
    return;
  }
  // The post may have come back since.
  const auto row = posts_.Get(removal.post);
  if (row && row->gone_at == removal.time) posts_.Delete(removal.post);
}

void PartBoards::DropBuckets(Timestamp before) {
  for (auto row = counts_.All(); row.Valid() && row.key().start < before; row.Next()) {
    counts_.Delete(row.key());
  }
}

void PartBoards::Sum(Timestamp from, Timestamp to) {
  totals_.clear();
  const PostBucket first{.start = from, .post = kFirstPost};
  const PostBucket end{.start = to, .post = kFirstPost};
  for (auto row = counts_.Range(first, end); row.Valid() && row.key().start < to; row.Next()) {
    Counts& total = totals_[row.key().post];
    total.likes += row.value().likes;
    total.comments += row.value().comments;
    total.shares += row.value().shares;
    total.impressions += row.value().impressions;
  }
}

void PartBoards::AddCandidate(int64_t post, const Counts& counts, Timestamp time) {
  const auto row = posts_.Get(post);
  const bool exists = row && row->created_at < time && row->gone_at >= time;
  if (!exists || counts.likes + counts.comments + counts.shares <= 0) return;
  const Engagement engagement{.likes = counts.likes,
                              .comments = counts.comments,
                              .shares = counts.shares,
                              .impressions = counts.impressions};
  board_.posts.push_back({.post = post,
                          .score = Rounded(Score(engagement, time - row->created_at)),
                          .likes = counts.likes,
                          .comments = counts.comments,
                          .shares = counts.shares,
                          .impressions = counts.impressions});
}

}  // namespace millrace::topologies::hot
