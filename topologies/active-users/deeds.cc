#include "topologies/active-users/deeds.h"

#include "absl/strings/str_cat.h"
#include "topologies/common/event_id.h"
#include "topologies/common/normalise/event_time.h"

namespace millrace::topologies::active {
namespace {

using Context = ProcessorContext<schemas::UserId, Deed>;

Counter* ClockAhead(Context& context) {
  return context.metrics()->counter(
      "event_clock_ahead_total",
      {{"topology", context.application_id()}, {"task", context.task().ToString()}});
}

struct UserDeed {
  int64_t user;
  Deed deed;
  Timestamp at;
};

void Tell(UserDeed what, Timestamp arrived, Counter* clock_ahead, Context& context) {
  const TimeVerdict verdict = Judge(arrived, &what.at);
  if (verdict == TimeVerdict::kImpossible) {
    context.Refuse("a time before 1970 or more than a day ahead", PoisonClass::kRange);
  }
  if (verdict == TimeVerdict::kClamped) clock_ahead->Add();
  const schemas::UserId key{what.user};
  context.Forward({.key = &key, .value = &what.deed, .timestamp = what.at});
}

}  // namespace

void EventDeeds::Init(Context& context) { clock_ahead_ = ClockAhead(context); }

void EventDeeds::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  if (record.value == nullptr) return;
  const schemas::ClientEvent& event = *record.value;
  Tell({event.user, {HashOfEvent(event.id)}, event.at}, record.timestamp, clock_ahead_, context);
}

void ReadDeeds::Init(Context& context) { clock_ahead_ = ClockAhead(context); }

void ReadDeeds::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  if (record.value == nullptr) return;
  const schemas::FeedRead& read = *record.value;
  const std::string id = absl::StrCat("read ", read.user, " ", read.post);
  Tell({read.user, {HashOfEvent(id)}, read.read_at}, record.timestamp, clock_ahead_, context);
}

}  // namespace millrace::topologies::active
