#include "topologies/feed-rank/interests.h"

#include <cmath>

namespace millrace::topologies::rank {
namespace {

// Nothing that a formula of logarithms gives is near that.
constexpr double kMostEngagement = 1000;

}  // namespace

void PostEngagements::Init(Context& context) {
  engagement_ = context.Store<int64_t, Fixed>("engagement-by-post");
  interested_ = context.Store<int64_t, PartitionBits>("interested");
  updates_ = context.metrics()->counter("e_updates_total");
}

void PostEngagements::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  if (record.key == nullptr) context.Refuse("an engagement of no post", PoisonClass::kSchema);
  const int64_t post = record.key->value;
  Fixed now = 0;
  if (record.value != nullptr) {
    const double e = record.value->e;
    if (!(e >= 0 && e <= kMostEngagement)) {
      context.Refuse("an engagement that cannot be", PoisonClass::kRange);
    }
    now = ToFixed(e);
  }
  const auto before = engagement_.Get(post);
  if ((before ? *before : 0) == now) return;
  if (now == 0) {
    engagement_.Delete(post);
  } else {
    engagement_.Put(post, now, record.timestamp);
  }
  const auto row = interested_.Get(post);
  if (!row) return;
  const PartitionBits holders = *row;
  for (int32_t partition = 0; partition < static_cast<int32_t>(holders.bytes.size()) * 8;
       ++partition) {
    if (!holders.Has(partition)) continue;
    updates_->Add();
    const HolderNews news{.partition = partition, .engagement = now};
    context.Forward({.key = record.key, .value = &news, .timestamp = record.timestamp});
  }
}

void Interests::Init(Context& context) {
  engagement_ = context.Store<int64_t, Fixed>("engagement-by-post");
  interested_ = context.Store<int64_t, PartitionBits>("interested");
}

void Interests::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  const int64_t post = record.key->value;
  const Interest& interest = *record.value;
  PartitionBits holders;
  if (const auto row = interested_.Get(post)) holders = *row;
  holders.Set(interest.partition, interest.holds);
  if (holders.bytes.empty()) return interested_.Delete(post);
  interested_.Put(post, holders, record.timestamp);
  if (!interest.holds) return;
  const auto engagement = engagement_.Get(post);
  if (!engagement) return;
  const HolderNews news{.partition = interest.partition, .engagement = *engagement};
  context.Forward({.key = record.key, .value = &news, .timestamp = record.timestamp});
}

}  // namespace millrace::topologies::rank
