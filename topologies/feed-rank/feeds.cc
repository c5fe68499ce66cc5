#include "topologies/feed-rank/feeds.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "topologies/common/ranking/exact_math.h"

namespace millrace::topologies::rank {
namespace {

using schemas::FeedEntry;
using schemas::FeedKey;
using schemas::UserFeedRow;

constexpr Duration kTick = std::chrono::seconds(1);

std::string PrefixOfUser(int64_t user) { return KeyPrefix<1, FeedPost>({.user = user}); }

std::string PrefixOfPost(int64_t post) { return KeyPrefix<1, Holder>({.post = post}); }

RankedPost RankedOf(int64_t post, const FeedRow& row) {
  return {.post = post,
          .author = row.author,
          .created_at = row.created_at,
          .engagement = row.engagement,
          .affinity = row.affinity};
}

// When the published relevance will be a step too high because the post has grown older.
Timestamp DriftsAt(const FeedRow& row) {
  const double relevance = FromFixed(row.relevance) - kRelevanceStep;
  const double raw = relevance / (1 - relevance);
  const double freshness = (raw - kEngagementWeight * FromFixed(row.engagement) -
                            kAffinityWeight * FromFixed(row.affinity)) /
                           kFreshnessWeight;
  if (relevance <= 0 || freshness <= 1e-9) return kNever;
  const double hours = -ExactLog(std::min(freshness, 1.0)) / kDecayPerHour;
  return row.created_at + Duration(static_cast<int64_t>(std::ceil(hours * 3'600'000)) + 1);
}

}  // namespace

void FeedBook::Touch(int64_t user, Timestamp now, int64_t rows) {
  Reader reader;
  const auto row = readers.Get(user);
  if (row) reader = *row;
  reader.rows += rows;
  if (reader.rows == 0) {
    if (row) wakes.Delete({.at = row->wake_at, .user = user});
    return readers.Delete(user);
  }
  const bool published = row && reader.published_at != kNoTimestamp;
  const Timestamp at = published ? std::max(now, reader.published_at + kPublishEvery) : now;
  const bool wakes_in_time = row && reader.wake_at <= at;
  if (wakes_in_time && rows == 0) return;
  if (!wakes_in_time) reader.wake_at = at;
  SetReader(user, reader);
}

void FeedBook::SetReader(int64_t user, const Reader& reader) {
  const auto row = readers.Get(user);
  const bool wakes_then = row && row->wake_at == reader.wake_at;
  if (row && !wakes_then) wakes.Delete({.at = row->wake_at, .user = user});
  readers.Put(user, reader);
  if (!wakes_then) wakes.Put({.at = reader.wake_at, .user = user}, {});
}

void Holders::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  if (record.key == nullptr) return;  // FeedRows refuses it
  const Holder holder{.post = record.key->post, .user = record.key->user};
  const bool holds = record.value != nullptr;
  if (holds == static_cast<bool>(book_.holders.Get(holder))) return;
  HeldPost held;
  if (const auto row = book_.held_posts.Get(holder.post)) held = *row;
  if (holds) {
    book_.holders.Put(holder, {}, record.timestamp);
    book_.held_posts.Put(holder.post, {++held.holders, held.engagement}, record.timestamp);
    if (held.holders > 1) return;
  } else {
    book_.holders.Delete(holder);
    if (--held.holders > 0) return book_.held_posts.Put(holder.post, held, record.timestamp);
    book_.held_posts.Delete(holder.post);
  }
  const schemas::PostId post{holder.post};
  const Interest interest{.partition = context.task().partition.value(), .holds = holds};
  context.Forward({.key = &post, .value = &interest, .timestamp = record.timestamp});
}

void FeedRows::Init(Context& context) {
  book_.Open(context);
  sent_ = context.metrics()->counter("rank_emit_total");
  context.Schedule(kTick, {}, [this, &context](Timestamp now) { PublishDue(now, context); });
}

void FeedRows::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  if (record.key == nullptr) context.Refuse("a feed entry of nobody", PoisonClass::kSchema);
  const FeedPost key{.user = record.key->user, .post = record.key->post};
  if (record.value == nullptr) return Remove(key, record.timestamp, context);
  Put(key, *record.value, context);
}

void FeedRows::Put(const FeedPost& key, const FeedEntry& entry, Context& context) {
  const Timestamp now = context.StreamTime();
  FeedRow row;
  const auto before = book_.feed.Get(key);
  if (before) row = *before;
  const bool same = before && row.author == entry.author && row.created_at == entry.created_at;
  const Timestamp read_at = entry.read_at.value_or(kNoTimestamp);
  if (same && row.is_read == entry.is_read && row.read_at == read_at) return;
  row.is_read = entry.is_read;
  row.read_at = read_at;
  if (!same) {
    row.author = entry.author;
    row.created_at = entry.created_at;
    const auto held = book_.held_posts.Get(key.post);
    row.engagement = held ? held->engagement : 0;
    const auto affinity = book_.affinity.Get({.user = key.user, .author = entry.author});
    row.affinity = affinity ? *affinity : 0;
    row.relevance = ToFixed(Relevance(RawScoreOf(RankedOf(key.post, row), now)));
    row.scored_at = now;
    row.position = 0;
    book_.Touch(key.user, now, before ? 0 : 1);
  }
  book_.feed.Put(key, row, now);
  Send(key, row, now, context);
}

void FeedRows::Remove(const FeedPost& key, Timestamp now, Context& context) {
  if (!book_.feed.Get(key)) return;
  book_.feed.Delete(key);
  sent_->Add();
  const FeedKey topic_key{.user = key.user, .post = key.post};
  context.Forward({.key = &topic_key, .timestamp = now});
  book_.Touch(key.user, context.StreamTime(), -1);
}

void FeedRows::PublishDue(Timestamp now, Context& context) {
  std::vector<int64_t> due;
  for (auto row = book_.wakes.All(); row.Valid() && row.key().at <= now; row.Next()) {
    due.push_back(row.key().user);
  }
  for (const int64_t user : due) Publish(user, now, context);
}

void FeedRows::Publish(int64_t user, Timestamp now, Context& context) {
  ranked_.clear();
  rows_.clear();
  for (auto row = book_.feed.Prefix(PrefixOfUser(user)); row.Valid(); row.Next()) {
    ranked_.push_back(RankedOf(row.key().post, row.value()));
    rows_.push_back(row.value());
  }
  KineticRanking ranking(now);
  ranking.PutAll(ranked_);
  Timestamp next = ranking.NextChange(0, kRanked);
  for (size_t i = 0; i < rows_.size(); ++i) {
    FeedRow& row = rows_[i];
    const size_t place = *ranking.PositionOf(ranked_[i].post);
    const int32_t position = place < kRanked ? static_cast<int32_t>(place) + 1 : 0;
    const double relevance = Relevance(RawScoreOf(ranked_[i], now));
    const bool drifted = std::abs(relevance - FromFixed(row.relevance)) >= kRelevanceStep;
    if (drifted || position != row.position) {
      row.position = position;
      row.relevance = ToFixed(relevance);
      row.scored_at = now;
      const FeedPost key{.user = user, .post = ranked_[i].post};
      book_.feed.Put(key, row, now);
      Send(key, row, now, context);
    }
    next = std::min(next, DriftsAt(row));
  }
  book_.SetReader(user, {.rows = static_cast<int64_t>(rows_.size()),
                         .published_at = now,
                         .wake_at = std::max(next, now + kPublishEvery)});
}

void FeedRows::Send(const FeedPost& key, const FeedRow& row, Timestamp now, Context& context) {
  UserFeedRow out{.user = key.user,
                  .post = key.post,
                  .relevance = FromFixed(row.relevance),
                  .scored_at = row.scored_at,
                  .is_read = row.is_read,
                  .created_at = row.created_at};
  if (row.read_at != kNoTimestamp) out.read_at = row.read_at;
  if (row.position > 0) out.position = row.position;
  sent_->Add();
  const FeedKey topic_key{.user = key.user, .post = key.post};
  context.Forward({.key = &topic_key, .value = &out, .timestamp = now});
}

void ReaderAffinities::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  if (record.key == nullptr) context.Refuse("an affinity of nobody", PoisonClass::kSchema);
  const int64_t interactions = record.value == nullptr ? 0 : record.value->interactions;
  if (interactions < 0) context.Refuse("less than no interactions", PoisonClass::kRange);
  const ReaderAuthor key{.user = record.key->user, .author = record.key->author};
  const Fixed now = ToFixed(Affinity(interactions));
  const auto before = book_.affinity.Get(key);
  if ((before ? *before : 0) == now) return;
  if (now == 0) {
    book_.affinity.Delete(key);
  } else {
    book_.affinity.Put(key, now, record.timestamp);
  }
  std::vector<std::pair<FeedPost, FeedRow>> changed;
  for (auto row = book_.feed.Prefix(PrefixOfUser(key.user)); row.Valid(); row.Next()) {
    if (row.value().author == key.author) changed.emplace_back(row.key(), row.value());
  }
  for (auto& [post, row] : changed) {
    row.affinity = now;
    book_.feed.Put(post, row, record.timestamp);
  }
  if (!changed.empty()) book_.Touch(key.user, context.StreamTime());
}

void HeldEngagements::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  const int64_t post = record.key->value;
  const Fixed now = record.value->engagement;
  const auto held = book_.held_posts.Get(post);
  if (!held) return;  // it has gone since it was asked for
  book_.held_posts.Put(post, {held->holders, now}, record.timestamp);
  for (auto holder = book_.holders.Prefix(PrefixOfPost(post)); holder.Valid(); holder.Next()) {
    const FeedPost key{.user = holder.key().user, .post = post};
    const auto stored = book_.feed.Get(key);
    if (!stored || stored->engagement == now) continue;
    FeedRow row = *stored;
    row.engagement = now;
    book_.feed.Put(key, row, record.timestamp);
    book_.Touch(key.user, context.StreamTime());
  }
}

}  // namespace millrace::topologies::rank
