// SortedChanges: the changes of a batch by table and key; of several to one key the last. Sorted
// runs are what RocksDB takes best: into files in bulk, and into a memtable with each key next to
// the place of the one before. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "store/store_backend.h"

namespace millrace::store {

// Indexes into the batch. Nullopt for a batch that deletes ranges, whose changes must stay in
// order.
std::optional<std::vector<uint32_t>> SortedChanges(const BackendBatch& batch);

}  // namespace millrace::store
