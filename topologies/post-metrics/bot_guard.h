// BotGuard: of a user's comments on a post in an hour five count, of their shares as well. So
// nobody makes a post hot alone.
#pragma once

#include "millrace/metrics.h"
#include "millrace/processor.h"
#include "schemas/ids.h"
#include "topologies/common/normalise/erased_hashes.h"
#include "topologies/post-metrics/facts.h"

namespace millrace::topologies::metrics {

// Passes what changes the number that counts, which is the smaller one of five and the number that
// there are: so which five of six they are does not depend on the order in which they come, and
// taking one of six back changes nothing.
class BotGuard final : public Processor<schemas::PostId, Fact, schemas::PostId, Fact> {
 public:
  static constexpr int32_t kLimit = 5;
  static constexpr const char* kStore = "user-hours";

  void Init(Context& context) override;
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  // True when the fact changes what counts.
  bool Count(const schemas::PostId& post, const Fact& fact, Timestamp now);
  void Forget(Timestamp now);

  KeyValueStore<UserHour, int32_t> rows_;
  UserHash hash_;
  Counter* capped_ = nullptr;
};

}  // namespace millrace::topologies::metrics
