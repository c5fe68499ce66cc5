// First step of outbox-router: rows of the outbox table become announcements.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "connectors/debezium/change.h"
#include "millrace/metrics.h"
#include "millrace/processor.h"
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

  void Init(Context& context) override;
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  // Refuses what cannot be, and sets back a time that is ahead.
  void Check(Timestamp arrived, Context& context);
  void CheckTime(Timestamp arrived, Timestamp* time, Context& context);

  // Remembers the event; true when it was known.
  bool IsRepeated(const std::string& id, Timestamp arrived);

  WindowStore<std::string, int32_t> ids_;
  Announcement out_;
  Counter* ignored_ = nullptr;
  Counter* repeated_ = nullptr;
  Counter* clock_ahead_ = nullptr;
};

}  // namespace millrace::topologies
