// Last step of feed-fan-out: the feeds themselves.
#pragma once

#include <cstdint>
#include <string>

#include "millrace/processor.h"
#include "schemas/feed_entry.h"
#include "topologies/feed-fan-out/facts.h"

namespace millrace::topologies {

// Keeps every feed in the order in which it is read, and passes on each entry that comes or goes.
class Feeds final : public Processor<int64_t, FeedChange, schemas::FeedKey, schemas::FeedEntry> {
 public:
  void Init(Context& context) override;
  void Process(const Record<int64_t, FeedChange>& record, Context& context) override;

 private:
  void Remove(const FeedPosition& position, const schemas::FeedKey& key, Timestamp now,
              Context& context);

  KeyValueStore<FeedPosition, schemas::FeedEntry> feeds_;
  std::string prefix_;
};

}  // namespace millrace::topologies
