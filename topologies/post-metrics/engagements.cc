#include "topologies/post-metrics/engagements.h"

#include <bit>
#include <chrono>
#include <cmath>
#include <vector>

namespace millrace::topologies::metrics {
namespace {

using std::chrono::minutes;

// The first reactions of a post are told one by one: they move it most.
constexpr int64_t kFirstReactions = 10;

Timestamp MinuteOf(Timestamp time) { return std::chrono::floor<minutes>(time); }

double ToldOf(const Totals& totals) { return std::bit_cast<double>(totals.told_e_bits); }

}  // namespace

void Engagements::Init(Context& context) {
  totals_ = context.Store<int64_t, Totals>("totals");
  waiting_ = context.Store<int64_t, Nothing>("waiting");
  const auto tell = [this, &context](Timestamp) { TellWaiting(context); };
  context.Schedule(minutes(1), {}, tell);
  // In a quiet night stream time stands.
  context.Schedule(minutes(1), {.type = PunctuationType::kWallClock}, tell);
}

void Engagements::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  if (record.value->what == Fact::What::kPostIsGone) {
    OnGonePost(record, context);
  } else {
    OnReaction(record, context);
  }
}

void Engagements::OnReaction(const Record<KeyIn, ValueIn>& record, Context& context) {
  const int64_t post = record.key->value;
  const Fact& fact = *record.value;
  Totals totals;
  if (const auto row = totals_.Get(post)) totals = *row;
  CountOf(fact.kind, &totals) += fact.what == Fact::What::kAdds ? 1 : -1;
  const double e = EngagementOf(totals);
  if (IsNews(totals, fact, e)) {
    const bool may_tell =
        options_.e_quantum == 0 || MinuteOf(context.StreamTime()) > totals.told_at;
    if (may_tell) {
      Tell(post, e, record.timestamp, &totals, context);
    } else {
      waiting_.Put(post, Nothing(), record.timestamp);
    }
  }
  totals_.Put(post, totals, record.timestamp);
}

void Engagements::OnGonePost(const Record<KeyIn, ValueIn>& record, Context& context) {
  const int64_t post = record.key->value;
  const auto row = totals_.Get(post);
  if (!row) return;
  const bool was_told = row->told_at != kNoTimestamp;
  totals_.Delete(post);
  waiting_.Delete(post);
  if (was_told) context.Forward({.key = record.key, .timestamp = record.timestamp});
}

bool Engagements::IsNews(const Totals& totals, const Fact& fact, double e) const {
  if (options_.e_quantum == 0) return true;
  const int64_t reactions = totals.likes + totals.comments + totals.shares;
  if (fact.kind != ReactionKind::kImpression && reactions <= kFirstReactions) return true;
  return std::abs(e - ToldOf(totals)) >= options_.e_quantum;
}

void Engagements::Tell(int64_t post, double e, Timestamp now, Totals* totals, Context& context) {
  totals->told_e_bits = std::bit_cast<int64_t>(e);
  totals->told_at = MinuteOf(context.StreamTime());
  const schemas::PostId key{post};
  const schemas::PostEngagement value{.post = post,
                                      .likes = totals->likes,
                                      .comments = totals->comments,
                                      .shares = totals->shares,
                                      .impressions = totals->impressions,
                                      .e = e};
  context.Forward({.key = &key, .value = &value, .timestamp = now});
}

void Engagements::TellWaiting(Context& context) {
  std::vector<int64_t> posts;
  for (auto row = waiting_.All(); row.Valid(); row.Next()) posts.push_back(row.key());
  for (const int64_t post : posts) {
    waiting_.Delete(post);
    const auto row = totals_.Get(post);
    if (!row) continue;
    Totals totals = *row;
    const double e = EngagementOf(totals);
    if (e == ToldOf(totals)) continue;
    Tell(post, e, context.StreamTime(), &totals, context);
    totals_.Put(post, totals, context.StreamTime());
  }
}

double Engagements::EngagementOf(const Totals& totals) const {
  return Engagement({.likes = totals.likes,
                     .comments = totals.comments,
                     .shares = totals.shares,
                     .impressions = totals.impressions},
                    options_.profile);
}

}  // namespace millrace::topologies::metrics
