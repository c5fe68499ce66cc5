// First step of outbox-router: rows of the outbox table become announcements.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "connectors/debezium/change.h"
#include "millrace/metrics.h"
#include "millrace/processor.h"
#include "schemas/ids.h"
#include "schemas/user_events.h"
#include "topologies/common/erased_users.h"
#include "topologies/common/event_clock.h"
#include "topologies/outbox-router/announcement.h"

namespace millrace::topologies {

// A row is announced when it comes: services insert it, and may delete it at once. What is not an
// insertion, nor of a snapshot, is counted only. An event counts once in seven days: its id is kept
// for so long.
class ReadOutbox final : public Processor<std::string, debezium::Change<schemas::OutboxRow>,
                                          std::string, Announcement> {
 public:
  static constexpr Duration kRemembered = std::chrono::hours(24 * 7);
  static constexpr const char* kStore = "outbox-ids";
  static constexpr const char* kErased = "erased-users";

  void Init(Context& context) override;
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  // Refuses what cannot be, and sets back a time that is ahead.
  void Check(Timestamp arrived, Context& context);

  // Whether it is about somebody who was erased.
  bool IsAboutErased() const;
  // Remembers the event; true when it was known.
  bool IsRepeated(const std::string& id, Timestamp arrived);

  WindowStore<std::string, int32_t> ids_;
  ErasedUsers erased_;
  Announcement out_;
  Counter* ignored_ = nullptr;
  Counter* repeated_ = nullptr;
  EventClock clock_;
  Counter* erased_late_ = nullptr;
};

// Remembers whom nobody may hear of any more, in the tasks of ReadOutbox. Forwards nothing.
class RememberErased final
    : public Processor<schemas::UserId, schemas::UserErased, schemas::UserId, schemas::UserErased> {
 public:
  void Init(Context& context) override;
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  ErasedUsers erased_;
};

}  // namespace millrace::topologies
