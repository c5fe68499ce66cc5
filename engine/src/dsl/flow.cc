#include "dsl/flow.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "millrace/status.h"

namespace millrace::detail {

GraphBuilder& Flow::graph() {
  MR_CHECK(!built_, "a stream or table was extended after its topology was built");
  return graph_;
}

absl::StatusOr<Topology> Flow::Build() {
  absl::StatusOr<Topology> topology = graph().Build();
  built_ = true;
  return topology;
}

NodeId Flow::AddSource(SourceSpec source) {
  const std::string topics = absl::StrJoin(source.topics, "\", \"");
  NodeSpec node;
  for (std::string& topic : source.topics)
    node.topics.push_back({std::move(topic), false, source.pattern});
  node.key = source.key;
  node.value = source.value;
  node.timestamp = std::move(source.timestamp);
  node.wall_clock_time = source.wall_clock_time;
  node.global = source.global;
  node.invalid_timestamp = source.invalid_timestamp;
  const NodeId id = graph().AddSource(std::move(node));
  const bool found = !sources_.insert(id).second;
  if (found && source.timestamp_has_data) {
    // Member pointers and captures cannot be compared: the second one might be another.
    graph().AddError(absl::StrCat("topic \"", topics,
                                  "\" is read twice with a timestamp function that carries data; "
                                  "read it once and use that stream in both places"));
  }
  return id;
}

NodeId AddNode(const std::shared_ptr<Flow>& flow, NodeId parent, std::string name,
               ProcessorFactory factory) {
  NodeSpec node;
  node.name = std::move(name);
  node.parents = {parent};
  node.factory = std::move(factory);
  return flow->graph().AddProcessor(std::move(node));
}

NodeId AddNode(const StreamHandle& parent, std::string name, ProcessorFactory factory) {
  return AddNode(parent.flow, parent.node, std::move(name), std::move(factory));
}

std::string LateSinkName(const std::string& step, const LateTopic& late) {
  return late.topic.empty() ? "" : step + "-late";
}

void AddLateSink(const std::shared_ptr<Flow>& flow, NodeId step, const LateTopic& late) {
  if (late.topic.empty()) return;
  NodeSpec sink;
  sink.name = LateSinkName(flow->graph().node(step).name, late);
  sink.parents = {step};
  sink.by_name_only = true;
  sink.sink_topic = {late.topic, /*internal=*/false};
  sink.key = late.key;
  sink.value = late.value;
  flow->graph().AddSink(std::move(sink));
}

bool FromTwoBuilders(const std::shared_ptr<Flow>& a, const std::shared_ptr<Flow>& b,
                     const char* step) {
  if (a == b) return false;
  const std::string mistake =
      absl::StrCat(step, " combines streams of two builders; declare both on one");
  a->graph().AddError(mistake);
  b->graph().AddError(mistake);
  return true;
}

}  // namespace millrace::detail
