// The heart of active-users: counts the deeds of the users of one partition, minute by minute.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "millrace/metrics.h"
#include "millrace/processor.h"
#include "schemas/ids.h"
#include "schemas/user_events.h"
#include "schemas/user_list.h"
#include "topologies/active-users/facts.h"
#include "topologies/common/erased_users.h"

namespace millrace::topologies::active {

inline constexpr size_t kListed = 100;

// More deeds first, of equally many the smaller id; leaves the first hundred.
void KeepMostActive(std::vector<schemas::ListedUser>* users);

// When stream time enters a minute T, lists the users with the most deeds in [T - 60 min, T).
// A deed counts once per id and minute.
class ActiveCounts final : public Processor<schemas::UserId, Deed, int32_t, schemas::UserList> {
 public:
  void Init(Context& context) override;
  void Process(const Record<schemas::UserId, Deed>& record, Context& context) override;

 private:
  void MakeList(Timestamp minute, Context& context);
  void Forget(Timestamp before);

  KeyValueStore<UserMinute, int32_t> minutes_;
  KeyValueStore<DeedMinute, Nothing> deeds_;
  ErasedUsers erased_;
  Timestamp made_ = kNoTimestamp;  // of the last list; a restart may make one again
  Counter* late_ = nullptr;
  Counter* erased_late_ = nullptr;

  absl::flat_hash_map<int64_t, int64_t> totals_;  // scratch
};

// Takes the counts of an erased user away, in the tasks of ActiveCounts; the next list is without
// them.
class EraseCounts final : public Processor<schemas::UserId, schemas::UserErased, schemas::UserId,
                                           schemas::ErasureDone> {
 public:
  void Init(Context& context) override;
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  KeyValueStore<UserMinute, int32_t> minutes_;
  ErasedUsers erased_;
};

}  // namespace millrace::topologies::active
