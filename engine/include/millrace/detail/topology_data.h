// TopologyData: a built topology as plain data. Made by GraphBuilder, read by Describe and by the
// runtime; nothing in it executes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "millrace/detail/codec.h"
#include "millrace/detail/erased_processor.h"
#include "millrace/detail/erased_store.h"
#include "millrace/error_policy.h"

namespace millrace::detail {

using NodeId = StrongId<struct NodeTag, int32_t>;  // index into TopologyData::nodes

// A topic as a topology names it. Internal ones get their real name from the application id:
// "<app>-<name>-repartition".
struct TopicRef {
  std::string name;
  bool internal = false;
  bool pattern = false;  // `name` is a regular expression for topics; there are none at runtime
  auto operator<=>(const TopicRef&) const = default;
};

// The event time of a decoded record; may be negative (InvalidTimestamp).
// `record.timestamp` is the log's timestamp, `partition_time` the highest one seen so far there.
using TimestampExtractor =
    std::function<Timestamp(const ErasedRecord& record, Timestamp partition_time)>;

// The partitions that a record goes to: mostly one.
class PartitionSet {
 public:
  PartitionSet(PartitionId one) : one_(one) {}    // NOLINT(google-explicit-constructor)
  PartitionSet(std::vector<PartitionId> several)  // NOLINT(google-explicit-constructor)
      : several_(std::move(several)), is_one_(false) {}
  const PartitionId* begin() const { return is_one_ ? &one_ : several_.data(); }
  const PartitionId* end() const { return begin() + (is_one_ ? 1 : several_.size()); }

 private:
  PartitionId one_;
  std::vector<PartitionId> several_;
  bool is_one_ = true;
};

// Chooses where an outgoing record goes; null = murmur2 of the key bytes as Kafka does, and for a
// null key the partition of the task.
using Partitioner = std::function<PartitionSet(const ErasedRecord& record, int32_t partitions)>;

// Chooses the topic of an outgoing record.
using TopicChooser = std::function<std::string(const ErasedRecord& record)>;

struct NodeSpec {
  enum class Kind { kSource, kProcessor, kSink };
  Kind kind = Kind::kProcessor;
  std::string name;
  std::vector<NodeId> parents;
  std::vector<NodeId> children;  // in the order in which they were added: the order of visits
  bool by_name_only = false;     // its parents reach it with ForwardTo(), not with Forward()
  // Feeds a global store: runs once in every engine, on all partitions, and never in a task.
  bool global = false;

  // Sources.
  std::vector<TopicRef> topics;
  TimestampExtractor timestamp;  // null: the log's
  bool wall_clock_time = false;  // the clock's instead
  InvalidTimestamp invalid_timestamp = InvalidTimestamp::kDrop;
  bool passes_on = false;  // its records are those of its parents, which may not know their types
  // Of the records that come out, or go into a sink. Processors: for tools only, null if the type
  // has no Serde.
  const Codec* key = nullptr;
  const Codec* value = nullptr;
  // Processors.
  ProcessorFactory factory;
  std::vector<std::string> stores;  // names, connected to this node
  // Names of global stores that it reads. Filled in by Build(), taken out of `stores`.
  std::vector<std::string> global_stores;
  // The store that it fills, and that is restored by running it again on its source's topic.
  std::string refills;
  // Sinks.
  TopicRef sink_topic;
  TopicChooser topic_chooser;  // null: sink_topic
  Partitioner partitioner;
};

// A topic between two sub-topologies.
struct RepartitionSpec {
  std::string name;                   // durable; without the application's prefix
  std::optional<int32_t> partitions;  // nullopt: as many as the widest source upstream
};

// Topics that a step reads side by side by key: they need equal partition counts.
struct CopartitionGroup {
  std::vector<TopicRef> topics;
  std::string reason;  // the step that needs it, for messages
};

struct SubtopologySpec {
  std::vector<NodeId> nodes;        // in the order of insertion
  std::vector<std::string> stores;  // in the order of insertion
  std::vector<TopicRef> source_topics;
  bool global = false;  // it has no tasks
};

struct TopologyData {
  std::string name;  // default application id
  std::vector<NodeSpec> nodes;
  std::vector<StoreSpec> stores;
  std::vector<RepartitionSpec> repartitions;
  std::vector<CopartitionGroup> copartitions;
  std::vector<SubtopologySpec> subtopologies;  // index = number, as Kafka Streams counts them
  ErrorPolicy errors = ErrorPolicy::DeadLetter();
  std::optional<Duration> advance_when_idle;  // see TopologyOptions

  const NodeSpec& node(NodeId id) const { return nodes[static_cast<size_t>(id.value())]; }
  const StoreSpec* FindStore(std::string_view store) const {
    for (const StoreSpec& spec : stores) {
      if (spec.name == store) return &spec;
    }
    return nullptr;
  }
};

}  // namespace millrace::detail
