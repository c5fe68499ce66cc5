// ErasedHashes: whom nobody may remember, remembered as salted hashes. What still comes about them,
// late or from a replay, is known by that and dropped. A custom store, so that all steps of a task
// see one object. Task thread only; durable with the task's commit.
#pragma once

#include <cstdint>

#include "absl/container/flat_hash_set.h"
#include "millrace/custom_store.h"
#include "topologies/common/normalise/stored_row.h"
#include "topologies/common/user_hash.h"

namespace millrace::topologies {

class ErasedHashes final : public CustomStore<int64_t, ErasedAt> {
 public:
  void Open(KeyValueStore<int64_t, ErasedAt> rows) override;

  bool empty() const { return hashes_.empty(); }
  bool Contains(int64_t hash) const { return hashes_.contains(hash); }
  void Add(int64_t hash, Timestamp at);

 private:
  KeyValueStore<int64_t, ErasedAt> rows_;
  absl::flat_hash_set<int64_t> hashes_;  // of the rows
};

}  // namespace millrace::topologies
