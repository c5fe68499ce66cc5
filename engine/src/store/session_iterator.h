// Walks over the entries of a session store.
#pragma once

#include <memory>
#include <string>

#include "store/buffered_table.h"
#include "store/session_key.h"

namespace millrace::store {

// Which sessions a walk shows; both ends of each span are inclusive.
struct SessionRange {
  std::string from_key;  // escaped; empty = open
  std::string to_key;
  Timestamp earliest_end;
  Timestamp latest_end;
  Timestamp latest_start;
};

std::unique_ptr<detail::StoreIterator> NewSessions(BufferedTable* table,
                                                   const SessionLayout& layout, SessionRange range,
                                                   detail::Order order);

}  // namespace millrace::store
