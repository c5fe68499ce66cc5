#include "topologies/post-metrics/hours.h"

namespace millrace::topologies::metrics {

void Hours::Init(Context& context) {
  hours_ = context.Store<HourOfPost, Counts>("hours");
  uncounted_ = context.Store<Uncounted, Nothing>("uncounted");
  late_ = context.metrics()->counter("late_dropped_total", {{"topology", context.application_id()},
                                                            {"task", context.task().ToString()}});
  context.Schedule(kHour, {}, [this](Timestamp now) { Forget(now); });
}

void Hours::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  const Fact& fact = *record.value;
  if (fact.what == Fact::What::kPostIsGone || fact.at == kNoTimestamp) return;
  const HourOfPost key{.hour = HourOf(fact.at), .post = record.key->value};
  if (key.hour < context.StreamTime() - kKept) return;
  const Uncounted reaction{.hour = key.hour, .post = key.post, .kind = fact.kind, .id = fact.id};
  if (!Takes(reaction, fact)) {
    if (fact.what == Fact::What::kAdds) TellLate(record, context);
    return;
  }
  Counts counts;
  if (const auto row = hours_.Get(key)) counts = *row;
  CountOf(fact.kind, &counts) += fact.what == Fact::What::kAdds ? 1 : -1;
  if (counts == Counts()) {
    hours_.Delete(key);
  } else {
    hours_.Put(key, counts, record.timestamp);
  }
  const schemas::PostHour hour{.post = key.post, .hour = key.hour};
  const HourChange change{.row = {.post = key.post,
                                  .hour = key.hour,
                                  .likes = counts.likes,
                                  .comments = counts.comments,
                                  .shares = counts.shares,
                                  .impressions = counts.impressions}};
  context.Forward({.key = &hour, .value = &change, .timestamp = record.timestamp});
}

bool Hours::Takes(const Uncounted& reaction, const Fact& fact) {
  if (fact.what == Fact::What::kTakesBack) {
    if (!uncounted_.Get(reaction)) return true;
    uncounted_.Delete(reaction);
    return false;
  }
  if (!fact.is_late) return true;
  // Shares and impressions are not taken back.
  if (fact.kind == ReactionKind::kLike || fact.kind == ReactionKind::kComment) {
    uncounted_.Put(reaction, Nothing(), fact.at);
  }
  return false;
}

void Hours::TellLate(const Record<KeyIn, ValueIn>& record, Context& context) {
  late_->Add();
  HourChange change{.is_late = true};
  change.late = {.post = record.key->value, .kind = record.value->kind, .at = record.value->at};
  const schemas::PostHour hour{.post = record.key->value, .hour = HourOf(record.value->at)};
  context.Forward({.key = &hour, .value = &change, .timestamp = record.timestamp});
}

void Hours::Forget(Timestamp now) {
  const Timestamp before = now - kKept;
  for (auto row = hours_.All(); row.Valid() && row.key().hour < before; row.Next()) {
    hours_.Delete(row.key());
  }
  for (auto row = uncounted_.All(); row.Valid() && row.key().hour < before; row.Next()) {
    uncounted_.Delete(row.key());
  }
}

}  // namespace millrace::topologies::metrics
