#include "topologies/hot-posts/part_boards.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "topologies/hot-posts/event_time.h"
#include "topologies/hot-posts/score.h"

namespace millrace::topologies::hot {
namespace {

constexpr Duration kWindow = std::chrono::minutes(60);
constexpr int64_t kFirstPost = std::numeric_limits<int64_t>::min();

}  // namespace

void PartBoards::Init(Context& context) {
  posts_ = context.Store<int64_t, PostLife>("posts");
  minutes_ = context.Store<PostMinute, Counts>("minutes");
  removals_ = context.Store<Removal, int32_t>("removals");
  progress_ = context.Store<int32_t, Progress>("progress");
  if (const auto row = progress_.Get(kBoardMade)) made_ = row->time;
}

void PartBoards::Process(const Record<int64_t, Fact>& record, Context& context) {
  const Fact& fact = *record.value;
  switch (fact.kind) {
    case FactKind::kPost:
      return OnPost(*record.key, fact, record.timestamp);
    case FactKind::kLike:
    case FactKind::kComment:
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
  const Timestamp minute = FloorMinute(fact.at);
  if (made_ != kNoTimestamp && minute < made_ - kWindow) return;  // no board to come has it
  if (fact.exists) return Count(fact.kind, post, minute, 1);
  const Removal removal{.time = time, .kind = fact.kind, .post = post, .minute = minute};
  const auto row = removals_.Get(removal);
  removals_.Put(removal, row ? *row + 1 : 1, time);
}

void PartBoards::Count(FactKind kind, int64_t post, Timestamp minute, int32_t by) {
  const PostMinute key{.minute = minute, .post = post};
  Counts counts;
  if (const auto row = minutes_.Get(key)) counts = *row;
  (kind == FactKind::kLike ? counts.likes : counts.comments) += by;
  if (counts.likes == 0 && counts.comments == 0) {
    minutes_.Delete(key);
  } else {
    minutes_.Put(key, counts, minute);
  }
}

void PartBoards::OnTick(const Fact& tick, Context& context) {
  Progress source{.time = tick.at, .idle = tick.kind == FactKind::kIdle};
  // A source that was started again does not know yet how far it had come.
  if (const auto row = progress_.Get(tick.source)) source.time = std::max(source.time, row->time);
  progress_.Put(tick.source, source, source.time);
  const std::optional<Timestamp> time = TimeOfAll(tick.sources);
  if (!time.has_value() || *time <= made_) return;
  MakeBoard(*time, tick.sources, context);
  made_ = *time;
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
  DropMinutes(time - kWindow);
  Sum(time - kWindow, time);
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
    if (minutes_.Get({.minute = removal.minute, .post = removal.post})) {
      Count(removal.kind, removal.post, removal.minute, -count);
    }
    return;
  }
  // The post may have come back since.
  const auto row = posts_.Get(removal.post);
  if (row && row->gone_at == removal.time) posts_.Delete(removal.post);
}

void PartBoards::DropMinutes(Timestamp before) {
  for (auto row = minutes_.All(); row.Valid() && row.key().minute < before; row.Next()) {
    minutes_.Delete(row.key());
  }
}

void PartBoards::Sum(Timestamp from, Timestamp to) {
  totals_.clear();
  const PostMinute first{.minute = from, .post = kFirstPost};
  const PostMinute end{.minute = to, .post = kFirstPost};
  for (auto row = minutes_.Range(first, end); row.Valid() && row.key().minute < to; row.Next()) {
    Counts& total = totals_[row.key().post];
    total.likes += row.value().likes;
    total.comments += row.value().comments;
  }
}

void PartBoards::AddCandidate(int64_t post, const Counts& counts, Timestamp time) {
  const auto row = posts_.Get(post);
  const bool exists = row && row->created_at < time && row->gone_at >= time;
  if (!exists || counts.likes + counts.comments <= 0) return;
  const Engagement engagement{.likes = counts.likes, .comments = counts.comments};
  board_.posts.push_back({.post = post,
                          .score = Rounded(Score(engagement, time - row->created_at)),
                          .likes = counts.likes,
                          .comments = counts.comments});
}

}  // namespace millrace::topologies::hot
