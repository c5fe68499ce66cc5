// Walks over the entries of a window store.
#pragma once

#include <memory>
#include <string>

#include "store/buffered_table.h"

namespace millrace::store {

// The windows of one key with start in [from, to].
std::unique_ptr<detail::StoreIterator> NewKeyWindows(BufferedTable* table, Duration interval,
                                                     std::string escaped_key, Timestamp from,
                                                     Timestamp to, detail::Order order);

// The windows of all keys between two escaped keys (inclusive, empty = open) with start in
// [from, to].
std::unique_ptr<detail::StoreIterator> NewAllWindows(BufferedTable* table, Duration interval,
                                                     std::string from_key, std::string to_key,
                                                     Timestamp from, Timestamp to,
                                                     detail::Order order);

}  // namespace millrace::store
