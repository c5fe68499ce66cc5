// Second half of affinity, by user: counts per author with exact expiry.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "millrace/metrics.h"
#include "millrace/processor.h"
#include "schemas/affinity.h"
#include "schemas/ids.h"
#include "schemas/user_events.h"
#include "topologies/affinity/facts.h"
#include "topologies/common/erased_users.h"

namespace millrace::topologies::affinity {

// An interaction of UTC day D counts on the days D … D + kDays - 1.
inline constexpr int64_t kDays = 90;

inline int64_t DayOf(Timestamp time) {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}
inline Timestamp StartOfDay(int64_t day) { return Timestamp(std::chrono::days(day)); }

// The totals and what each day adds to them. `days` is the wheel: what expires at a midnight is
// its first range.
class Affinities final
    : public Processor<schemas::UserId, Fact, schemas::AffinityKey, schemas::Affinity> {
 public:
  void Init(Context& context) override;
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  // Takes out the days before `first`, each at the midnight at which it left.
  void ExpireBefore(int64_t first, Context& context);
  void Add(const Pair& pair, int64_t by, Timestamp at, Timestamp now, Context& context);

  KeyValueStore<Pair, Total> totals_;
  KeyValueStore<DayOfPair, int32_t> days_;
  ErasedUsers erased_;
  Counter* late_ = nullptr;         // of a day that is over
  Counter* erased_late_ = nullptr;  // of an erased user
  int64_t first_day_ = 0;           // that may still be there
};

// Says how many rows an erased user has, before EraseAffinities takes them.
class ErasureReports final : public Processor<schemas::UserId, schemas::UserErased, schemas::UserId,
                                              schemas::ErasureDone> {
 public:
  void Init(Context& context) override { totals_ = context.Store<Pair, Total>("affinity"); }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  KeyValueStore<Pair, Total> totals_;
};

// Takes the pairs of an erased user out, on both sides: whom they reacted to, who reacted to them.
class EraseAffinities final : public Processor<schemas::UserId, schemas::UserErased,
                                               schemas::AffinityKey, schemas::Affinity> {
 public:
  void Init(Context& context) override;
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  KeyValueStore<Pair, Total> totals_;
  KeyValueStore<DayOfPair, int32_t> days_;
  ErasedUsers erased_;
};

}  // namespace millrace::topologies::affinity
