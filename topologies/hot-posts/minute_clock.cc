#include "topologies/hot-posts/minute_clock.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "millrace/partitioner.h"
#include "topologies/hot-posts/event_time.h"

namespace millrace::topologies::hot {
namespace {

// Between one and two of these without a record, a task counts as idle.
constexpr Duration kIdleCheck = std::chrono::seconds(5);

}  // namespace

void MinuteClock::Init(Context& context) {
  context.Schedule(kIdleCheck, {.type = PunctuationType::kWallClock},
                   [this, &context](Timestamp) { CheckIdle(context); });
}

// Not a stream-time punctuation: that runs behind the record that makes it due.
void MinuteClock::Process(const Record<int64_t, Fact>& record, Context& context) {
  busy_ = true;
  const Timestamp minute = FloorMinute(record.timestamp);
  if (minute > minute_ || idle_) {
    minute_ = std::max(minute, minute_);
    idle_ = false;
    Tell(FactKind::kTick, context);
  }
  context.Forward(record);
}

void MinuteClock::CheckIdle(Context& context) {
  if (!busy_ && !idle_) {
    idle_ = true;
    Tell(FactKind::kIdle, context);
  }
  busy_ = false;
}

void MinuteClock::Tell(FactKind kind, Context& context) {
  const Fact fact{.kind = kind,
                  .at = minute_,
                  .source = context.task().partition.value(),
                  .sources = context.TaskCount()};
  const Timestamp timestamp = std::max(minute_, TimestampFromMillis(0));
  for (int64_t partition = 0; partition < context.TaskCount(); ++partition) {
    context.Forward({.key = &partition, .value = &fact, .timestamp = timestamp});
  }
}

PartitionId PartitionOfFact(int64_t key, const Fact& fact, int32_t partitions) {
  if (fact.kind == FactKind::kTick || fact.kind == FactKind::kIdle) {
    return PartitionId(static_cast<int32_t>(key % partitions));
  }
  char text[20];
  const auto end = std::to_chars(text, text + sizeof text, key).ptr;
  return PartitionForKey({text, static_cast<size_t>(end - text)}, partitions);
}

}  // namespace millrace::topologies::hot
