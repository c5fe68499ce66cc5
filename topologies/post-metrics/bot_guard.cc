#include "topologies/post-metrics/bot_guard.h"

#include <vector>

namespace millrace::topologies::metrics {

void BotGuard::Init(Context& context) {
  rows_ = context.Store<UserHour, int32_t>(kStore);
  hash_ = UserHash(context.application_id());
  capped_ = context.metrics()->counter(
      "post_metrics_capped_total",
      {{"topology", context.application_id()}, {"task", context.task().ToString()}});
  context.Schedule(kHour, {}, [this](Timestamp now) { Forget(now); });
}

void BotGuard::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  const Fact& fact = *record.value;
  const bool has_limit = fact.what != Fact::What::kPostIsGone && fact.at != kNoTimestamp &&
                         (fact.kind == ReactionKind::kComment || fact.kind == ReactionKind::kShare);
  if (!has_limit || Count(*record.key, fact, record.timestamp)) {
    context.Forward(record);
  } else {
    capped_->Add();
  }
}

bool BotGuard::Count(const schemas::PostId& post, const Fact& fact, Timestamp now) {
  const UserHour key{.hour = HourOf(fact.at),
                     .post = post.value,
                     .user_hash = hash_(fact.user),
                     .kind = fact.kind};
  const auto row = rows_.Get(key);
  const int32_t before = row ? *row : 0;
  if (fact.what == Fact::What::kAdds) {
    rows_.Put(key, before + 1, now);
    return before < kLimit;
  }
  if (before > 1) {
    rows_.Put(key, before - 1, now);
  } else {
    rows_.Delete(key);
  }
  return before <= kLimit;  // none: forgotten, because they were not too many
}

// Rows of closed hours that were within the limit: without them, everything that is taken back
// counts, which is right.
void BotGuard::Forget(Timestamp now) {
  std::vector<UserHour> old;
  for (auto row = rows_.All(); row.Valid() && row.key().hour + kHour + kGrace <= now; row.Next()) {
    if (row.value() <= kLimit || row.key().hour < now - kKept) old.push_back(row.key());
  }
  for (const UserHour& key : old) rows_.Delete(key);
}

}  // namespace millrace::topologies::metrics
