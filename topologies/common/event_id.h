// The id of a client's event as a number, for stores that only ask whether it was seen.
#pragma once

#include <cstdint>
#include <string_view>

namespace millrace::topologies {

// 64 bits of the id: stable, for it is on disk (FNV-1a and a finaliser). Never 0.
inline int64_t HashOfEvent(std::string_view id) {
  uint64_t hash = 0xCBF29CE484222325;
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  hash = (hash ^ hash >> 30) * 0xBF58476D1CE4E5B9;
  hash = (hash ^ hash >> 27) * 0x94D049BB133111EB;
  hash ^= hash >> 31;
  return hash == 0 ? 1 : static_cast<int64_t>(hash);
}

}  // namespace millrace::topologies
