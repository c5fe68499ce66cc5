// Flow: the content of a TopologyBuilder, shared by all handles on it.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "millrace/detail/graph_builder.h"
#include "millrace/detail/lowering.h"

namespace millrace::detail {

class Flow {
 public:
  Flow(std::string name, ErrorPolicy errors) : graph_(std::move(name), std::move(errors)) {}

  // The graph to add to. After Build() there is none (checked).
  GraphBuilder& graph();
  absl::StatusOr<Topology> Build();

  // Adds a source, or finds the one that reads the same topics in the same way.
  NodeId AddSource(SourceSpec source);

 private:
  GraphBuilder graph_;
  bool built_ = false;
  absl::flat_hash_set<NodeId> sources_;
};

// Adds a processor with one parent. A name that ends in '-' gets a number.
NodeId AddNode(const StreamHandle& parent, std::string name, ProcessorFactory factory);
NodeId AddNode(const std::shared_ptr<Flow>& flow, NodeId parent, std::string name,
               ProcessorFactory factory);

// Remembers a mistake of a step that gets handles on two builders. True if there is one.
bool FromTwoBuilders(const std::shared_ptr<Flow>& a, const std::shared_ptr<Flow>& b,
                     const char* step);

// Sends a grouped stream through its repartition topic before its first aggregation; the later ones
// find it there. A topic without a name takes that of the step that it feeds.
void RepartitionOnce(GroupedNode* grouped, const std::string& step);

// What the sink of a step's late records is called; empty if there is none.
std::string LateSinkName(const std::string& step, const LateTopic& late);
// Adds it below the step, which forwards to it by name only; or does nothing.
void AddLateSink(const std::shared_ptr<Flow>& flow, NodeId step, const LateTopic& late);

// Sends a stream whose key has changed through a repartition topic; others are returned as they
// are. A missing codec is a mistake.
StreamHandle RepartitionIfNeeded(const StreamHandle& stream, RepartitionStep step);

}  // namespace millrace::detail
