#include "millrace/detail/graph_builder.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "millrace/status.h"
#include "processor/drop_null_keys.h"
#include "topology/graph_checks.h"
#include "topology/subtopologies.h"

namespace millrace::detail {

namespace {

const char* StemOf(NodeSpec::Kind kind) {
  switch (kind) {
    case NodeSpec::Kind::kSource:
      return "source-";
    case NodeSpec::Kind::kProcessor:
      return "processor-";
    case NodeSpec::Kind::kSink:
      return "sink-";
  }
  return "node-";
}

// Two extractors cannot be compared; those of the same type do the same unless they carry data.
bool SameTime(const NodeSpec& a, const NodeSpec& b) {
  return a.timestamp.target_type() == b.timestamp.target_type() &&
         a.wall_clock_time == b.wall_clock_time;
}

}  // namespace

struct GraphBuilder::State {
  explicit State(std::string name, ErrorPolicy policy) {
    data.name = std::move(name);
    data.errors = std::move(policy);
  }

  NodeSpec& node(NodeId id) {
    MR_CHECK(id.value() >= 0 && static_cast<size_t>(id.value()) < data.nodes.size(),
             "a node id that this builder did not give out");
    return data.nodes[static_cast<size_t>(id.value())];
  }

  NodeId Add(NodeSpec spec);
  void NameIfUnnamed(NodeSpec& spec);
  // The source that already reads exactly these topics; none: -1.
  NodeId FindSource(const NodeSpec& spec) const;

  TopologyData data;
  std::vector<CopartitionRequest> copartitions;
  std::vector<std::string> mistakes;
  absl::flat_hash_set<std::string> node_names;
};

// An empty name becomes "<kind>-<index>"; one that ends in '-' is a stem that gets the index.
void GraphBuilder::State::NameIfUnnamed(NodeSpec& spec) {
  if (!spec.name.empty() && spec.name.back() != '-') return;
  if (spec.name.empty()) spec.name = StemOf(spec.kind);
  absl::StrAppend(&spec.name, data.nodes.size());
  while (node_names.contains(spec.name)) spec.name += "x";
}

NodeId GraphBuilder::State::Add(NodeSpec spec) {
  NameIfUnnamed(spec);
  node_names.insert(spec.name);
  const NodeId id(static_cast<int32_t>(data.nodes.size()));
  std::vector<NodeId> parents;
  for (NodeId parent : spec.parents) {
    // A stream merged with itself has one edge, as in Kafka Streams.
    if (std::find(parents.begin(), parents.end(), parent) != parents.end()) continue;
    parents.push_back(parent);
    node(parent).children.push_back(id);
  }
  spec.parents = std::move(parents);
  spec.children.clear();
  data.nodes.push_back(std::move(spec));
  return id;
}

NodeId GraphBuilder::State::FindSource(const NodeSpec& spec) const {
  for (size_t i = 0; i < data.nodes.size(); ++i) {
    const NodeSpec& other = data.nodes[i];
    // A global store has a source of its own.
    if (spec.global || other.global) continue;
    if (other.kind == NodeSpec::Kind::kSource && other.topics == spec.topics &&
        other.key == spec.key && other.value == spec.value && SameTime(other, spec)) {
      return NodeId(static_cast<int32_t>(i));
    }
  }
  return NodeId(-1);
}

GraphBuilder::GraphBuilder(std::string topology_name, ErrorPolicy errors)
    : state_(std::make_unique<State>(std::move(topology_name), std::move(errors))) {}

void GraphBuilder::SetAdvanceWhenIdle(std::optional<Duration> after) {
  if (after.has_value() && *after <= Duration(0)) {
    AddError("advance_when_idle must be more than 0 ms");
  }
  state_->data.advance_when_idle = after;
}

GraphBuilder::~GraphBuilder() = default;

NodeId GraphBuilder::AddSource(NodeSpec source) {
  source.kind = NodeSpec::Kind::kSource;
  // A topic belongs to one source: consumers assign it once. Reading it again is the same source.
  if (const NodeId same = state_->FindSource(source); same.value() >= 0) return same;
  source.parents.clear();
  return state_->Add(std::move(source));
}

NodeId GraphBuilder::AddProcessor(NodeSpec processor) {
  processor.kind = NodeSpec::Kind::kProcessor;
  return state_->Add(std::move(processor));
}

NodeId GraphBuilder::AddSink(NodeSpec sink) {
  sink.kind = NodeSpec::Kind::kSink;
  return state_->Add(std::move(sink));
}

void GraphBuilder::AddStore(StoreSpec store) { state_->data.stores.push_back(std::move(store)); }

void GraphBuilder::ConnectStore(NodeId node, const std::string& store) {
  std::vector<std::string>& stores = state_->node(node).stores;
  if (std::find(stores.begin(), stores.end(), store) == stores.end()) stores.push_back(store);
}

NodeId GraphBuilder::AddRepartition(NodeId parent, RepartitionSpec spec, const Codec* key,
                                    const Codec* value, Partitioner partitioner,
                                    bool keep_null_keys) {
  const TopicRef topic{spec.name, /*internal=*/true};
  const std::string prefix = absl::StrCat(spec.name, "-repartition-");
  state_->data.repartitions.push_back(std::move(spec));
  if (!keep_null_keys) {
    NodeSpec filter;
    filter.name = prefix + "filter";
    filter.parents = {parent};
    filter.key = key;
    filter.value = value;
    filter.factory = DropNullKeysFactory();
    parent = AddProcessor(std::move(filter));
  }
  NodeSpec sink;
  sink.name = prefix + "sink";
  sink.parents = {parent};
  sink.key = key;
  sink.value = value;
  sink.sink_topic = topic;
  sink.partitioner = std::move(partitioner);
  AddSink(std::move(sink));
  NodeSpec source;
  source.kind = NodeSpec::Kind::kSource;
  source.name = prefix + "source";
  source.topics = {topic};
  source.key = key;
  source.value = value;
  return state_->Add(std::move(source));
}

void GraphBuilder::RequireCopartition(std::vector<NodeId> nodes, std::string reason) {
  state_->copartitions.push_back({std::move(nodes), std::move(reason)});
}

void GraphBuilder::AddError(std::string message) { state_->mistakes.push_back(std::move(message)); }

const NodeSpec& GraphBuilder::node(NodeId id) const { return state_->node(id); }

NodeSpec& GraphBuilder::mutable_node(NodeId id) { return state_->node(id); }

absl::StatusOr<Topology> GraphBuilder::Build() {
  TopologyData& data = state_->data;
  std::vector<std::string>& mistakes = state_->mistakes;
  SetGlobalStoresApart(&data);
  CheckGraph(data, &mistakes);
  data.copartitions = ResolveCopartitions(data, state_->copartitions);
  CheckCopartitions(data, &mistakes);
  if (!mistakes.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("topology \"", data.name, "\" has ", mistakes.size(),
                     mistakes.size() == 1 ? " mistake:\n- " : " mistakes:\n- ",
                     absl::StrJoin(mistakes, "\n- ")));
  }
  data.subtopologies = CutIntoSubtopologies(data);
  return Topology(std::make_shared<const TopologyData>(std::move(data)));
}

}  // namespace millrace::detail
