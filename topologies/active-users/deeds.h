// First steps of active-users: events of clients and reads of feeds become deeds of users.
#pragma once

#include <string>

#include "millrace/processor.h"
#include "schemas/client_event.h"
#include "schemas/ids.h"
#include "schemas/user_events.h"
#include "topologies/active-users/facts.h"
#include "topologies/common/event_clock.h"

namespace millrace::topologies::active {

// Every event counts, whatever its type. Times are judged by their arrival: see event_time.h.
class EventDeeds final
    : public Processor<std::string, schemas::ClientEvent, schemas::UserId, Deed> {
 public:
  void Init(Context& context) override { clock_.Open(context); }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  EventClock clock_;
};

class ReadDeeds final
    : public Processor<schemas::UserId, schemas::FeedRead, schemas::UserId, Deed> {
 public:
  void Init(Context& context) override { clock_.Open(context); }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  EventClock clock_;
};

}  // namespace millrace::topologies::active
