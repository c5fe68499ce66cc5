// EventClock: the times that clients and services tell, as far as one can believe them. Those that
// it sets back it counts in event_clock_ahead_total. Task thread only.
#pragma once

#include "millrace/metrics.h"
#include "millrace/processor.h"
#include "topologies/common/event_time.h"

namespace millrace::topologies {

class EventClock {
 public:
  EventClock() = default;
  // One that counts in `ahead`.
  explicit EventClock(Counter* ahead) : ahead_(ahead) {}

  template <class Context>
  void Open(Context& context) {
    ahead_ = context.metrics()->counter(
        "event_clock_ahead_total",
        {{"topology", context.application_id()}, {"task", context.task().ToString()}});
  }

  // `told`, or `arrived` if it was somewhat ahead of that. Refuses (RANGE) what cannot be.
  template <class Context>
  Timestamp Believe(Timestamp told, Timestamp arrived, Context& context) {
    switch (Judge(arrived, &told)) {
      case TimeVerdict::kGood:
        return told;
      case TimeVerdict::kClamped:
        ahead_->Add();
        return told;
      case TimeVerdict::kImpossible:
        break;
    }
    context.Refuse("a time before 1970 or more than a day ahead", PoisonClass::kRange);
  }

 private:
  Counter* ahead_ = nullptr;
};

}  // namespace millrace::topologies
