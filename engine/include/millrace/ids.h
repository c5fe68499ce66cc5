// Strong ids: a partition is not an offset, and the compiler knows it.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <utility>

namespace millrace {

// An integer with a name. `Tag` only makes the type distinct.
template <class Tag, class Rep>
class StrongId {
 public:
  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep value) : value_(value) {}
  constexpr Rep value() const { return value_; }
  constexpr auto operator<=>(const StrongId&) const = default;
  template <class H>
  friend H AbslHashValue(H state, StrongId id) {
    return H::combine(std::move(state), id.value_);
  }

 private:
  Rep value_{};
};

// A partition of a topic, counted from 0.
using PartitionId = StrongId<struct PartitionTag, int32_t>;

// The place of a record in its partition. Offsets grow; they may have gaps (compaction).
class Offset : public StrongId<struct OffsetTag, int64_t> {
 public:
  using StrongId::StrongId;
  constexpr Offset Next(int64_t count = 1) const { return Offset(value() + count); }
  constexpr int64_t operator-(Offset other) const { return value() - other.value(); }
};

struct TopicPartition {
  std::string topic;
  PartitionId partition;

  auto operator<=>(const TopicPartition&) const = default;
  template <class H>
  friend H AbslHashValue(H state, const TopicPartition& tp) {
    return H::combine(std::move(state), tp.topic, tp.partition);
  }
  // "topic-3", as Kafka's tools print it.
  std::string ToString() const { return topic + "-" + std::to_string(partition.value()); }
};

// A task: one sub-topology of a topology on one partition number. Written "0_3", as in Kafka.
struct TaskId {
  int32_t subtopology = 0;
  PartitionId partition;

  auto operator<=>(const TaskId&) const = default;
  std::string ToString() const {
    return std::to_string(subtopology) + "_" + std::to_string(partition.value());
  }
};

}  // namespace millrace
