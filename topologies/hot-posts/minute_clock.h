// The clock of hot-posts: tells every partition behind it how far this one has come.
#pragma once

#include <cstdint>

#include "millrace/ids.h"
#include "millrace/processor.h"
#include "topologies/hot-posts/facts.h"

namespace millrace::topologies::hot {

// A partition without reactions of its own would never learn that a minute is over, and one that is
// fed by several tasks cannot tell from what it gets which of them is behind. So each task sends a
// tick to all partitions when its event time enters a new minute, before the record that did it:
// what stands in front of the tick happened earlier, but for late records. A task that has had no
// record for a while says that it is idle, lest everybody waits for it.
class MinuteClock final : public Processor<int64_t, Fact, int64_t, Fact> {
 public:
  void Init(Context& context) override;
  void Process(const Record<int64_t, Fact>& record, Context& context) override;

 private:
  void CheckIdle(Context& context);
  void Tell(FactKind kind, Context& context);

  Timestamp minute_ = kNoTimestamp;  // told last
  bool busy_ = false;                // since the last check
  bool idle_ = false;                // told last
};

// Ticks go to the partition that their key names, facts to that of their post.
PartitionId PartitionOfFact(int64_t key, const Fact& fact, int32_t partitions);

}  // namespace millrace::topologies::hot
