// The untyped half of the DSL: handles to the graph under construction, and the functions that add
// to it. Typed verbs check and wrap the user's lambda, then call one of these
// (engine/src/dsl/*.cc). Mistakes are remembered in the graph; Build() reports them all.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "millrace/detail/codec.h"
#include "millrace/detail/operators.h"
#include "millrace/detail/table_node.h"
#include "millrace/detail/topology_data.h"
#include "millrace/topic.h"

namespace millrace::detail {

class Flow;  // flow.h of engine/src/dsl: the GraphBuilder and the sources it has

// A stream: the node that its records come from. Cheap to copy; all handles share the flow.
struct StreamHandle {
  std::shared_ptr<Flow> flow;
  NodeId node;
  bool key_changed = false;  // the records may lie in a partition that is not their key's
};

struct TableHandle {
  std::shared_ptr<Flow> flow;
  NodeId node;
  std::shared_ptr<TableNode> table;
};

// A stream on its way into an aggregation; repartitioned at most once, however many there are.
struct GroupedNode {
  StreamHandle stream;
  std::string repartition;  // name of the topic, should one be needed; may be empty
  const Codec* key = nullptr;
  const Codec* value = nullptr;
};

// The bytes of a type, for steps that may turn out to need them; null: it has no Serde.
template <class T>
const Codec* CodecIfAny() {
  if constexpr (HasSerde<T>) {
    return CodecOf<T>();
  } else {
    return nullptr;
  }
}

// Says of which types a step's records are, for tools; `codec`s may be null. The first call counts.
void NoteTypes(const std::shared_ptr<Flow>& flow, NodeId node, const Codec* key,
               const Codec* value);

struct SourceSpec {
  std::vector<std::string> topics;
  bool pattern = false;  // `topics` is one regular expression
  const Codec* key = nullptr;
  const Codec* value = nullptr;
  TimestampExtractor timestamp;
  bool timestamp_has_data = false;  // two extractors of its type may differ
  bool wall_clock_time = false;     // instead of the log's or the extractor's
  InvalidTimestamp invalid_timestamp = InvalidTimestamp::kDrop;
  bool global = false;
};
StreamHandle AddSource(const std::shared_ptr<Flow>& flow, SourceSpec source);

// Stateless steps; their names are derived from the verb: "filter-3".
StreamHandle AddStep(const StreamHandle& parent, std::string_view verb, ProcessorFactory factory);
StreamHandle AddRekeyingStep(const StreamHandle& parent, std::string_view verb,
                             ProcessorFactory factory);
StreamHandle AddMerge(const StreamHandle& first, const StreamHandle& second);
std::vector<StreamHandle> AddSplit(const StreamHandle& parent, std::vector<Predicate> predicates);
// A step named by the user, with the stores that it uses.
StreamHandle AddProcess(const StreamHandle& parent, std::string name,
                        const std::vector<std::string>& stores, ProcessorFactory factory,
                        bool changes_key);

struct SinkSpec {
  std::string topic;
  TopicChooser chooser;
  Partitioner partitioner;
  const Codec* key = nullptr;
  const Codec* value = nullptr;
};
void AddSink(const StreamHandle& parent, SinkSpec sink);

struct RepartitionStep {
  std::string name;
  std::optional<int32_t> partitions;
  Partitioner partitioner;
  const Codec* key = nullptr;
  const Codec* value = nullptr;
  bool keep_null_keys = false;
};
StreamHandle AddRepartition(const StreamHandle& parent, RepartitionStep step);

// A table that holds what `stream` brings; without a store it is not kept.
TableHandle AddTable(const StreamHandle& stream, std::optional<StoreSpec> store);
// The same, through a repartition topic of the store's name if the key has changed.
TableHandle AddToTable(const StreamHandle& stream, StoreSpec store);
// A table of one topic, which is the changelog of its store; and a store that is filled from one.
TableHandle AddCompactedTable(const StreamHandle& source, StoreSpec store);
void AddReadOnlyStore(const StreamHandle& source, StoreSpec store, ProcessorFactory factory);
// Views of a table; a store keeps the view.
TableHandle AddTableFilter(const TableHandle& parent, Predicate matches, bool negate,
                           std::optional<StoreSpec> store);
TableHandle AddTableMapValues(const TableHandle& parent, ValueMapper map,
                              std::optional<StoreSpec> store);
StreamHandle AddToStream(const TableHandle& table);
TableHandle AddEmitOnCommit(const TableHandle& parent, const Codec* key, const Codec* value);
TableHandle AddSuppress(const TableHandle& parent, Suppression what);

// Where a step's late records go; an empty topic: nowhere.
struct LateTopic {
  std::string topic;
  const Codec* key = nullptr;
  const Codec* value = nullptr;
};
template <class K, class V>
LateTopic LateTopicOf(const Topic<K, V>& topic) {
  return {topic.name(), CodecOf<K>(), CodecOf<V>()};
}

TableHandle AddAggregate(GroupedNode* grouped, StoreSpec store, Aggregation aggregation);
using AnyWindows = std::variant<TimeWindows, SlidingWindows, SessionWindows>;
struct WindowedAggregate {
  StoreSpec store;  // of (key, aggregate); the rest is filled in from the windows
  std::optional<Duration> retention;
  Aggregation fold;  // of the only stream
  AnyWindows windows;
  const WindowedCodec* windowed = nullptr;
  bool emit_on_close = false;
  bool kafka_streams_rules = false;  // of emission on close
  LateTopic late;
};
TableHandle AddWindowedAggregate(GroupedNode* grouped, WindowedAggregate step);

// Aggregations of several streams into one table. REQUIRES: at least one member.
struct Cogrouped {
  std::shared_ptr<GroupedNode> group;
  Aggregation fold;
  LateTopic late;  // windows only
};
TableHandle AddCogroup(const std::vector<Cogrouped>& members, StoreSpec store);
TableHandle AddWindowedCogroup(const std::vector<Cogrouped>& members, WindowedAggregate step);

struct StreamTableJoin {
  std::string name;  // of the repartition topic, should one be needed; may be empty
  Joiner join;
  bool left = false;
  const Codec* key = nullptr;  // of the stream; null: no Serde
  const Codec* value = nullptr;
  std::optional<Duration> grace;
  bool in_memory = false;  // the records that wait
};
StreamHandle AddStreamTableJoin(const StreamHandle& stream, const TableHandle& table,
                                StreamTableJoin join);

// A table of all partitions of a topic, whole in every engine.
struct GlobalHandle {
  std::shared_ptr<Flow> flow;
  std::string store;
};
// The processor keeps what the source brings in the store.
GlobalHandle AddGlobalStore(const std::shared_ptr<Flow>& flow, SourceSpec source, StoreSpec store,
                            ProcessorFactory factory);
GlobalHandle AddGlobalTable(const std::shared_ptr<Flow>& flow, SourceSpec source, StoreSpec store);
StreamHandle AddGlobalJoin(const StreamHandle& stream, const GlobalHandle& table,
                           ValueMapper select_key, Joiner join, bool left);

struct StreamStreamJoin {
  std::string name;  // durable: stores and repartition topics begin with it
  StreamJoin join;   // stores are filled in
  StoreSpec store;   // what the stores have in common: backend, changelog, key
  bool one_store = false;
  LateTopic late;
  LateTopic other_late;
};
StreamHandle AddStreamStreamJoin(const StreamHandle& left, const StreamHandle& right,
                                 StreamStreamJoin step);

}  // namespace millrace::detail
