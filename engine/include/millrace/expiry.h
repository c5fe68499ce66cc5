// Options of Table::ExpireAfter.
#pragma once

#include <optional>

#include "millrace/processor.h"
#include "millrace/time.h"

namespace millrace {

struct ExpiryOptions {
  // Stream time: that of the table's updates, so that a run over the same input gives the same
  // result, and nothing expires while nothing comes in. Wall-clock time: rows also expire then, and
  // their age counts from the moment at which they were processed.
  PunctuationType clock = PunctuationType::kStreamTime;
  // How often the wall clock is looked at; nullopt: every tenth of the time to live.
  std::optional<Duration> check_every;
  bool in_memory = false;  // RocksDB otherwise; both restore from the changelog
  bool changelog = true;   // false: the state is lost with the state directory
};

}  // namespace millrace
