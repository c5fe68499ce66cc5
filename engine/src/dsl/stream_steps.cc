// Streams: sources, stateless steps, processors, sinks, repartition topics.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "dsl/flow.h"
#include "millrace/detail/lowering.h"

namespace millrace::detail {

namespace {

std::string Stem(std::string_view verb) { return absl::StrCat(AbslView(verb), "-"); }

}  // namespace

void NoteTypes(const std::shared_ptr<Flow>& flow, NodeId node, const Codec* key,
               const Codec* value) {
  NodeSpec& spec = flow->graph().mutable_node(node);
  if (spec.key == nullptr) spec.key = key;
  if (spec.value == nullptr) spec.value = value;
  if (!spec.passes_on) return;
  for (const NodeId parent : spec.parents) NoteTypes(flow, parent, spec.key, spec.value);
}

StreamHandle AddSource(const std::shared_ptr<Flow>& flow, SourceSpec source) {
  return {flow, flow->AddSource(std::move(source))};
}

StreamHandle AddStep(const StreamHandle& parent, std::string_view verb, ProcessorFactory factory) {
  return {parent.flow, AddNode(parent, Stem(verb), std::move(factory)), parent.key_changed};
}

StreamHandle AddRekeyingStep(const StreamHandle& parent, std::string_view verb,
                             ProcessorFactory factory) {
  return {parent.flow, AddNode(parent, Stem(verb), std::move(factory)), /*key_changed=*/true};
}

StreamHandle AddMerge(const StreamHandle& first, const StreamHandle& second) {
  if (FromTwoBuilders(first.flow, second.flow, "Merge")) return first;
  NodeSpec node;
  node.name = "merge-";
  node.parents = {first.node, second.node};
  node.factory = MakePassThrough();
  const NodeId merged = first.flow->graph().AddProcessor(std::move(node));
  return {first.flow, merged, first.key_changed || second.key_changed};
}

std::vector<StreamHandle> AddSplit(const StreamHandle& parent, std::vector<Predicate> predicates) {
  GraphBuilder& graph = parent.flow->graph();
  const NodeId split = AddNode(parent, "split-", nullptr);
  const std::string name = graph.node(split).name;
  std::vector<StreamHandle> branches;
  std::vector<std::string> names;
  for (const Predicate& predicate : predicates) {
    const std::string suffix =
        predicate == nullptr ? "default" : absl::StrCat("branch-", names.size() + 1);
    names.push_back(absl::StrCat(name, "-", suffix));
    const NodeId branch = AddNode(parent.flow, split, names.back(), MakePassThrough());
    graph.mutable_node(branch).passes_on = true;
    branches.push_back({parent.flow, branch, parent.key_changed});
  }
  // The split forwards to its branches by name, so it is made after them.
  graph.mutable_node(split).factory = MakeSplit(std::move(predicates), std::move(names));
  return branches;
}

StreamHandle AddProcess(const StreamHandle& parent, std::string name,
                        const std::vector<std::string>& stores, ProcessorFactory factory,
                        bool changes_key) {
  GraphBuilder& graph = parent.flow->graph();
  if (name.empty()) {
    graph.AddError("Process has an empty name; name the step, for logs and metrics show it");
  }
  const NodeId node = AddNode(parent, std::move(name), std::move(factory));
  for (const std::string& store : stores) graph.ConnectStore(node, store);
  return {parent.flow, node, parent.key_changed || changes_key};
}

void AddSink(const StreamHandle& parent, SinkSpec sink) {
  NodeSpec node;
  node.parents = {parent.node};
  node.sink_topic = {std::move(sink.topic), /*internal=*/false};
  node.topic_chooser = std::move(sink.chooser);
  node.partitioner = std::move(sink.partitioner);
  node.key = sink.key;
  node.value = sink.value;
  parent.flow->graph().AddSink(std::move(node));
}

StreamHandle AddRepartition(const StreamHandle& parent, RepartitionStep step) {
  GraphBuilder& graph = parent.flow->graph();
  if (step.key == nullptr || step.value == nullptr) {
    graph.AddError(absl::StrCat("repartition \"", step.name, "\" writes records whose ",
                                step.key == nullptr ? "key" : "value",
                                " type has no Serde; specialise millrace::Serde, or map the "
                                "stream to a type that has one"));
  }
  const NodeId node =
      graph.AddRepartition(parent.node, {std::move(step.name), step.partitions}, step.key,
                           step.value, std::move(step.partitioner), step.keep_null_keys);
  return {parent.flow, node};
}

StreamHandle RepartitionIfNeeded(const StreamHandle& stream, RepartitionStep step) {
  return stream.key_changed ? AddRepartition(stream, std::move(step)) : stream;
}

}  // namespace millrace::detail
