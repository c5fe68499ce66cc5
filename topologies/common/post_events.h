// PostEvents: the shares and impressions among the events of clients.
//
//   void Init(Context& context) override { events_.Open(context); }
//   void Process(const Record<std::string, schemas::ClientEvent>& record, Context& context)
//   override {
//     const std::optional<PostEvent> event = events_.Read(record, context);
//     if (!event.has_value()) return;
//     …
//
// Task thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "millrace/processor.h"
#include "schemas/client_event.h"
#include "topologies/common/event_clock.h"
#include "topologies/common/event_id.h"

namespace millrace::topologies {

// A share or an impression.
struct PostEvent {
  bool is_share = false;
  int64_t post = 0;
  int64_t user = 0;
  int64_t id = 0;  // HashOfEvent
  Timestamp at;
};

class PostEvents {
 public:
  template <class Context>
  void Open(Context& context) {
    clock_.Open(context);
  }
  // Nullopt: an event of another type. Refuses (SCHEMA) one that does not say of which post.
  template <class Context>
  std::optional<PostEvent> Read(const Record<std::string, schemas::ClientEvent>& record,
                                Context& context) {
    using Type = schemas::ClientEventType;
    if (record.value == nullptr) return std::nullopt;
    const schemas::ClientEvent& event = *record.value;
    const bool is_share = event.type == Type::kShare;
    if (!is_share && event.type != Type::kImpression) return std::nullopt;
    if (!event.post.has_value()) context.Refuse("post_id: missing", PoisonClass::kSchema);
    return PostEvent{.is_share = is_share,
                     .post = *event.post,
                     .user = event.user,
                     .id = HashOfEvent(event.id),
                     .at = clock_.Believe(event.at, record.timestamp, context)};
  }

 private:
  EventClock clock_;
};

}  // namespace millrace::topologies
