// The half of feed-rank by post: engagement goes to those partitions of users that hold the post.
// Both steps share their stores.
#pragma once

#include <cstdint>

#include "millrace/metrics.h"
#include "millrace/processor.h"
#include "schemas/engagement.h"
#include "schemas/ids.h"
#include "topologies/feed-rank/facts.h"

namespace millrace::topologies::rank {

// A post's engagement has changed: all that hold it are told.
class PostEngagements final
    : public Processor<schemas::PostId, schemas::PostEngagement, schemas::PostId, HolderNews> {
 public:
  void Init(Context& context) override;
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  KeyValueStore<int64_t, Fixed> engagement_;
  KeyValueStore<int64_t, PartitionBits> interested_;
  Counter* updates_ = nullptr;
};

// A partition has got the post: it is told its engagement. Or it has it no more.
class Interests final : public Processor<schemas::PostId, Interest, schemas::PostId, HolderNews> {
 public:
  void Init(Context& context) override;
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  KeyValueStore<int64_t, Fixed> engagement_;
  KeyValueStore<int64_t, PartitionBits> interested_;
};

}  // namespace millrace::topologies::rank
