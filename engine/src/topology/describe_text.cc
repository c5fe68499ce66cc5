#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "topology/describe.h"
#include "topology/java_order.h"
#include "topology/topic_names.h"

namespace millrace::detail {

namespace {

// What Kafka Streams weighs a node by: 1 + the weights of its children, a shared child counted once
// per path. Wraps as Java's int does.
using Weights = std::vector<int32_t>;

// Heavier nodes first, names break ties.
struct HeavierFirst {
  const TopologyData* data;
  const Weights* weights;
  bool operator()(size_t a, size_t b) const {
    const int32_t weight_a = (*weights)[a];
    const int32_t weight_b = (*weights)[b];
    if (weight_a != weight_b) return weight_a > weight_b;
    return data->nodes[a].name < data->nodes[b].name;
  }
};

// The links of one sub-topology in the order in which Kafka Streams prints them. It puts neighbours
// into a TreeSet ordered by weight while the weights still grow, so a printed list is sorted by the
// weights at the time of each insertion. std::set is the same red-black tree, descends the same way
// and thus ends in the same order, if nodes are linked in the same order: that of a HashMap.
class Links {
 public:
  Links(const TopologyData& data, const SubtopologySpec& sub)
      : data_(data),
        weights_(data.nodes.size(), 1),
        parents_(data.nodes.size(), Neighbours(HeavierFirst{&data, &weights_})),
        children_(data.nodes.size(), Neighbours(HeavierFirst{&data, &weights_})) {
    std::vector<std::string> names;
    for (const NodeId id : sub.nodes) names.push_back(data.node(id).name);
    for (const size_t i : JavaHashOrder(names)) Link(static_cast<size_t>(sub.nodes[i].value()));
  }
  Links(const Links&) = delete;
  Links& operator=(const Links&) = delete;

  std::string Parents(size_t node) const { return NamesOf(parents_[node]); }
  std::string Children(size_t node) const { return NamesOf(children_[node]); }

  std::vector<size_t> PrintOrder(const SubtopologySpec& sub) const {
    std::vector<size_t> order;
    for (const NodeId id : sub.nodes) order.push_back(static_cast<size_t>(id.value()));
    std::sort(order.begin(), order.end(), HeavierFirst{&data_, &weights_});
    return order;
  }

 private:
  using Neighbours = std::set<size_t, HeavierFirst>;

  void Link(size_t node) {
    for (const NodeId id : data_.nodes[node].parents) {
      const size_t parent = static_cast<size_t>(id.value());
      parents_[node].insert(parent);
      children_[parent].insert(node);
      AddWeight(parent, weights_[node]);
    }
  }

  // Adds to the node and once per path to each ancestor linked so far. Parents have lower indexes.
  void AddWeight(size_t node, int32_t weight) {
    std::vector<uint32_t> added(node + 1, 0);
    added[node] = static_cast<uint32_t>(weight);
    for (size_t i = node + 1; i-- > 0;) {
      if (added[i] == 0) continue;
      weights_[i] = static_cast<int32_t>(static_cast<uint32_t>(weights_[i]) + added[i]);
      for (const size_t parent : parents_[i]) added[parent] += added[i];
    }
  }

  std::string NamesOf(const Neighbours& nodes) const {
    if (nodes.empty()) return "none";
    return absl::StrJoin(nodes, ", ", [this](std::string* out, size_t node) {
      out->append(data_.nodes[node].name);
    });
  }

  const TopologyData& data_;
  Weights weights_;
  std::vector<Neighbours> parents_;
  std::vector<Neighbours> children_;
};

std::vector<std::string> Reordered(const std::vector<std::string>& names,
                                   const std::vector<size_t>& order) {
  std::vector<std::string> reordered;
  for (const size_t i : order) reordered.push_back(names[i]);
  return reordered;
}

// A list as Java prints `new HashSet<>(names)`.
std::string CopiedSet(const std::vector<std::string>& names) {
  return absl::StrCat("[", absl::StrJoin(Reordered(names, JavaCopiedHashOrder(names)), ", "), "]");
}

// Kafka Streams collects a step's stores one by one and prints a copy of that set.
std::string StoreSet(const std::vector<std::string>& stores) {
  return CopiedSet(Reordered(stores, JavaHashOrder(stores)));
}

// A pattern stands as it is, a set of topics in brackets.
std::string TopicSet(const std::vector<TopicRef>& topics) {
  if (topics.size() == 1 && topics.front().pattern) return topics.front().name;
  std::vector<std::string> names;
  for (const TopicRef& topic : topics) names.push_back(DisplayName(topic));
  return CopiedSet(names);
}

std::string SinkText(const NodeSpec& node) {
  if (node.topic_chooser != nullptr) {
    return absl::StrCat("Sink: ", node.name, " (extractor class: TopicChooser)");
  }
  return absl::StrCat("Sink: ", node.name, " (topic: ", DisplayName(node.sink_topic), ")");
}

void AppendNode(const NodeSpec& node, const std::string& children, const std::string& parents,
                std::string* out) {
  const std::string to = "\n      --> " + children;
  const std::string from = "\n      <-- " + parents;
  switch (node.kind) {
    case NodeSpec::Kind::kSource:
      absl::StrAppend(out, "    ", "Source: ", node.name, " (topics: ", TopicSet(node.topics), ")",
                      to, "\n");
      break;
    case NodeSpec::Kind::kProcessor:
      absl::StrAppend(out, "    Processor: ", node.name, " (stores: ", StoreSet(node.stores), ")",
                      to, from, "\n");
      break;
    case NodeSpec::Kind::kSink:
      absl::StrAppend(out, "    ", SinkText(node), from, "\n");
      break;
  }
}

}  // namespace

std::string DescribeText(const TopologyData& data) {
  std::string out = "Topologies:\n ";
  for (size_t number = 0; number < data.subtopologies.size(); ++number) {
    const SubtopologySpec& sub = data.subtopologies[number];
    absl::StrAppend(&out, "  Sub-topology: ", number,
                    sub.global ? " for global store (will not generate tasks)\n" : "\n");
    const Links links(data, sub);
    for (const size_t node : links.PrintOrder(sub)) {
      AppendNode(data.nodes[node], links.Children(node), links.Parents(node), &out);
    }
    if (!sub.global) out += "\n";
  }
  return out;
}

}  // namespace millrace::detail
