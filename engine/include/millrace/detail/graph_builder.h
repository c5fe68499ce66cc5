// GraphBuilder: adds nodes and stores one by one, checks them, cuts the graph into sub-topologies.
// The DSL lowers into it. One thread. Mistakes are remembered and returned by Build(), all at once.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "millrace/detail/topology_data.h"
#include "millrace/topology.h"

namespace millrace::detail {

class GraphBuilder {
 public:
  explicit GraphBuilder(std::string topology_name, ErrorPolicy errors = ErrorPolicy::DeadLetter());
  ~GraphBuilder();

  // See TopologyOptions.
  void SetAdvanceWhenIdle(std::optional<Duration> after);

  // Each returns the new node's id. Names are unique within the topology; an empty one is derived
  // ("filter-3"). Only source, sink and processor fields that belong to the kind are read.
  NodeId AddSource(NodeSpec source);
  NodeId AddProcessor(NodeSpec processor);
  NodeId AddSink(NodeSpec sink);

  // Adds a store. Names are durable and unique, kebab-case ([a-z0-9._-]).
  void AddStore(StoreSpec store);
  // Lets a node use a store; nodes that share a store share a sub-topology.
  void ConnectStore(NodeId node, const std::string& store);

  // Adds sink -> "<app>-<name>-repartition" -> source below `parent`; returns the source.
  // Records with a null key are dropped on the way unless `keep_null_keys`.
  NodeId AddRepartition(NodeId parent, RepartitionSpec spec, const Codec* key, const Codec* value,
                        Partitioner partitioner = nullptr, bool keep_null_keys = false);

  // Requires that the sources upstream of these nodes are co-partitioned (Build finds the topics).
  void RequireCopartition(std::vector<NodeId> nodes, std::string reason);

  // Remembers a mistake that the DSL found; Build() returns it.
  void AddError(std::string message);

  const NodeSpec& node(NodeId id) const;
  NodeSpec& mutable_node(NodeId id);

  // InvalidArgument lists every mistake: duplicate names, missing stores, a topic read twice with
  // different types, a store connected to no node, an empty topology. Moves the content out.
  absl::StatusOr<Topology> Build();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace millrace::detail
