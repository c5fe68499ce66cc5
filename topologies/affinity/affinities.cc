#include "topologies/affinity/affinities.h"

#include <algorithm>
#include <vector>

namespace millrace::topologies::affinity {
namespace {

using schemas::Affinity;
using schemas::AffinityKey;

constexpr Duration kDay = std::chrono::hours(24);

}  // namespace

void Affinities::Init(Context& context) {
  totals_ = context.Store<Pair, Total>("affinity");
  days_ = context.Store<DayOfPair, int32_t>("days");
  erased_.Open(context.Store<int64_t, int64_t>("erased-users"), context.application_id());
  late_ = context.metrics()->counter("late_dropped_total", {{"topology", "affinity"}});
  erased_late_ = context.metrics()->counter("erased_late_total", {{"topology", "affinity"}});
  // For midnights at which nothing comes in. Those that a record passes are Process()'s, which
  // must have expired what is over before it looks at the record.
  context.Schedule(
      kDay, {}, [this, &context](Timestamp now) { ExpireBefore(DayOf(now) - kDays + 1, context); });
}

void Affinities::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  const int64_t first = DayOf(context.StreamTime()) - kDays + 1;
  ExpireBefore(first, context);
  const Pair pair{.user = record.key->value, .author = record.value->author};
  if (erased_.Contains(pair.user) || erased_.Contains(pair.author)) return erased_late_->Add();
  const Fact& fact = *record.value;
  const int64_t day = DayOf(fact.at);
  if (day < first) return late_->Add();
  const DayOfPair key{.day = day, .user = pair.user, .author = pair.author};
  const auto row = days_.Get(key);
  const int32_t count = (row ? *row : 0) + fact.by;
  if (count < 0) return;  // what is taken back was never told of
  if (count == 0) {
    days_.Delete(key);
  } else {
    days_.Put(key, count, fact.at);
  }
  Add(pair, fact.by, fact.at, record.timestamp, context);
}

void Affinities::ExpireBefore(int64_t first, Context& context) {
  if (first <= first_day_) return;
  for (auto row = days_.All(); row.Valid() && row.key().day < first; row.Next()) {
    const DayOfPair day = row.key();
    const int32_t count = row.value();
    days_.Delete(day);
    const Timestamp left = StartOfDay(day.day + kDays);
    Add({.user = day.user, .author = day.author}, -count, kNoTimestamp, left, context);
  }
  first_day_ = first;
}

void Affinities::Add(const Pair& pair, int64_t by, Timestamp at, Timestamp now, Context& context) {
  Total total;
  if (const auto row = totals_.Get(pair)) total = *row;
  total.interactions += by;
  if (by > 0) total.last_at = std::max(total.last_at, at);
  const AffinityKey key{.user = pair.user, .author = pair.author};
  if (total.interactions <= 0) {
    totals_.Delete(pair);
    return context.Forward({.key = &key, .timestamp = now});
  }
  totals_.Put(pair, total, now);
  const Affinity affinity{.user = pair.user,
                          .author = pair.author,
                          .interactions = total.interactions,
                          .last_at = total.last_at};
  context.Forward({.key = &key, .value = &affinity, .timestamp = now});
}

void ErasureReports::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  if (record.value == nullptr) return;
  schemas::ErasureDone done{.user = record.value->user,
                            .request = record.value->request,
                            .topology = "affinity",
                            .store = "affinity"};
  for (auto row = totals_.All(); row.Valid(); row.Next()) {
    done.rows += row.key().user == done.user || row.key().author == done.user;
  }
  if (done.rows > 0) context.Forward(record.WithValue(&done));
}

void EraseAffinities::Init(Context& context) {
  totals_ = context.Store<Pair, Total>("affinity");
  days_ = context.Store<DayOfPair, int32_t>("days");
  erased_.Open(context.Store<int64_t, int64_t>("erased-users"), context.application_id());
}

void EraseAffinities::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  if (record.value == nullptr) return;
  const int64_t user = record.value->user;
  erased_.Add(user, record.timestamp);
  std::vector<DayOfPair> days;
  for (auto row = days_.All(); row.Valid(); row.Next()) {
    if (row.key().user == user || row.key().author == user) days.push_back(row.key());
  }
  for (const DayOfPair& day : days) days_.Delete(day);
  std::vector<Pair> pairs;
  for (auto row = totals_.All(); row.Valid(); row.Next()) {
    if (row.key().user == user || row.key().author == user) pairs.push_back(row.key());
  }
  for (const Pair& pair : pairs) {
    totals_.Delete(pair);
    const AffinityKey key{.user = pair.user, .author = pair.author};
    context.Forward({.key = &key, .timestamp = record.timestamp});
  }
}

}  // namespace millrace::topologies::affinity
