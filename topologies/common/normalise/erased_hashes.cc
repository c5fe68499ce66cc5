#include "topologies/common/normalise/erased_hashes.h"

namespace millrace::topologies {

void ErasedHashes::Open(KeyValueStore<int64_t, ErasedAt> rows) {
  rows_ = rows;
  hashes_.clear();
  for (auto row = rows_.All(); row.Valid(); row.Next()) hashes_.insert(row.key());
}

void ErasedHashes::Add(int64_t hash, Timestamp at) {
  if (hashes_.insert(hash).second) rows_.Put(hash, {at}, at);
}

}  // namespace millrace::topologies
