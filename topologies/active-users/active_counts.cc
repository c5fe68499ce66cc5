#include "topologies/active-users/active_counts.h"

#include <algorithm>
#include <chrono>
#include <vector>

namespace millrace::topologies::active {
namespace {

using schemas::ListedUser;
using std::chrono::minutes;

constexpr Duration kWindow = minutes(60);

Timestamp MinuteOf(Timestamp time) { return std::chrono::floor<minutes>(time); }

bool IsMoreActive(const ListedUser& a, const ListedUser& b) {
  return a.count != b.count ? a.count > b.count : a.user < b.user;
}

}  // namespace

void KeepMostActive(std::vector<ListedUser>* users) {
  const size_t kept = std::min(users->size(), kListed);
  std::partial_sort(users->begin(), users->begin() + static_cast<ptrdiff_t>(kept), users->end(),
                    IsMoreActive);
  users->resize(kept);
}

void ActiveCounts::Init(Context& context) {
  minutes_ = context.Store<UserMinute, int32_t>("minutes");
  deeds_ = context.Store<DeedMinute, Nothing>("deeds");
  erased_.Open(context.Store<int64_t, int64_t>("erased-users"), context.application_id());
  const MetricLabels labels = {{"topology", context.application_id()},
                               {"task", context.task().ToString()}};
  late_ = context.metrics()->counter("late_dropped_total", labels);
  erased_late_ = context.metrics()->counter("erased_late_total", labels);
  context.Schedule(minutes(1), {},
                   [this, &context](Timestamp now) { MakeList(MinuteOf(now), context); });
}

void ActiveCounts::Process(const Record<schemas::UserId, Deed>& record, Context& context) {
  if (erased_.Contains(record.key->value)) return erased_late_->Add();
  const Timestamp minute = MinuteOf(record.timestamp);
  if (minute < MinuteOf(context.StreamTime()) - kWindow) return late_->Add();
  const DeedMinute deed{.minute = minute, .id = record.value->id};
  if (deeds_.Get(deed)) return;
  deeds_.Put(deed, Nothing(), minute);
  const UserMinute key{.minute = minute, .user = record.key->value};
  const auto row = minutes_.Get(key);
  minutes_.Put(key, row ? *row + 1 : 1, minute);
}

void ActiveCounts::MakeList(Timestamp minute, Context& context) {
  if (minute <= made_) return;
  made_ = minute;
  Forget(minute - kWindow);
  totals_.clear();
  for (auto row = minutes_.All(); row.Valid() && row.key().minute < minute; row.Next()) {
    totals_[row.key().user] += row.value();
  }
  schemas::UserList list{.at = minute};
  for (const auto& [user, count] : totals_) list.users.push_back({.user = user, .count = count});
  KeepMostActive(&list.users);
  const int32_t partition = context.task().partition.value();
  context.Forward({.key = &partition, .value = &list, .timestamp = minute});
}

void ActiveCounts::Forget(Timestamp before) {
  for (auto row = minutes_.All(); row.Valid() && row.key().minute < before; row.Next()) {
    minutes_.Delete(row.key());
  }
  for (auto row = deeds_.All(); row.Valid() && row.key().minute < before; row.Next()) {
    deeds_.Delete(row.key());
  }
}

void EraseCounts::Init(Context& context) {
  minutes_ = context.Store<UserMinute, int32_t>("minutes");
  erased_.Open(context.Store<int64_t, int64_t>("erased-users"), context.application_id());
}

void EraseCounts::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  if (record.value == nullptr) context.Refuse("nobody to erase", PoisonClass::kSchema);
  const schemas::UserErased& request = *record.value;
  erased_.Add(request.user, request.erased_at);
  std::vector<UserMinute> rows;
  for (auto row = minutes_.All(); row.Valid(); row.Next()) {
    if (row.key().user == request.user) rows.push_back(row.key());
  }
  for (const UserMinute& row : rows) minutes_.Delete(row);
  if (rows.empty()) return;
  const schemas::UserId key{request.user};
  const schemas::ErasureDone done{.user = request.user,
                                  .request = request.request,
                                  .topology = context.application_id(),
                                  .store = "minutes",
                                  .rows = static_cast<int64_t>(rows.size())};
  context.Forward({.key = &key, .value = &done, .timestamp = record.timestamp});
}

}  // namespace millrace::topologies::active
