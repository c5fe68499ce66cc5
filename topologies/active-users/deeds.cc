#include "topologies/active-users/deeds.h"

#include "absl/strings/str_cat.h"
#include "topologies/common/event_id.h"

namespace millrace::topologies::active {
namespace {

using Context = ProcessorContext<schemas::UserId, Deed>;

void Tell(int64_t user, const Deed& deed, Timestamp at, Context& context) {
  const schemas::UserId key{user};
  context.Forward({.key = &key, .value = &deed, .timestamp = at});
}

}  // namespace

void EventDeeds::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  if (record.value == nullptr) return;
  const schemas::ClientEvent& event = *record.value;
  const Timestamp at = clock_.Believe(event.at, record.timestamp, context);
  Tell(event.user, {HashOfEvent(event.id)}, at, context);
}

void ReadDeeds::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  if (record.value == nullptr) return;
  const schemas::FeedRead& read = *record.value;
  const std::string id = absl::StrCat("read ", read.user, " ", read.post);
  const Timestamp at = clock_.Believe(read.read_at, record.timestamp, context);
  Tell(read.user, {HashOfEvent(id)}, at, context);
}

}  // namespace millrace::topologies::active
