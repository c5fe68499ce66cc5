// The partition of a key, as Kafka's Java producer, Connect and Debezium choose it.
#pragma once

#include <cstdint>
#include <string_view>

#include "millrace/ids.h"

namespace millrace {

// Kafka's variant of murmur2 (seed 0x9747b28c). Java's signed result as its bit pattern.
uint32_t Murmur2(std::string_view bytes);

// (murmur2(key) & 0x7fffffff) mod partitions: co-partitions with every Java producer.
// REQUIRES: partitions > 0.
inline PartitionId PartitionForKey(std::string_view key, int32_t partitions) {
  return PartitionId(static_cast<int32_t>((Murmur2(key) & 0x7fffffff) %
                                          static_cast<uint32_t>(partitions)));
}

}  // namespace millrace
