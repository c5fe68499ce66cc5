#include "topologies/common/normalise/erased_hashes.h"

namespace millrace::topologies {
namespace {

// SplitMix64's finaliser: every bit of the input moves every bit of the output.
uint64_t Mixed(uint64_t bits) {
  bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9;
  bits = (bits ^ bits >> 27) * 0x94D049BB133111EB;
  return bits ^ bits >> 31;
}

}  // namespace

UserHash::UserHash(std::string_view salt) : seed_(0x9E3779B97F4A7C15) {
  for (const char c : salt) seed_ = Mixed(seed_ ^ static_cast<unsigned char>(c));
}

int64_t UserHash::operator()(int64_t user) const {
  return static_cast<int64_t>(Mixed(Mixed(seed_ ^ static_cast<uint64_t>(user)) + seed_));
}

void ErasedHashes::Open(KeyValueStore<int64_t, ErasedAt> rows) {
  rows_ = rows;
  hashes_.clear();
  for (auto row = rows_.All(); row.Valid(); row.Next()) hashes_.insert(row.key());
}

void ErasedHashes::Add(int64_t hash, Timestamp at) {
  if (hashes_.insert(hash).second) rows_.Put(hash, {at}, at);
}

}  // namespace millrace::topologies
