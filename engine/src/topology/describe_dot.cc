#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "topology/describe.h"
#include "topology/topic_names.h"

namespace millrace::detail {

namespace {

std::string Quoted(const char* prefix, const std::string& text) {
  std::string out = absl::StrCat("\"", prefix);
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

// Ids carry a prefix, for a topic, a store and a step may have the same name.
std::string TopicId(const TopicRef& topic) { return Quoted("topic:", DisplayName(topic)); }
std::string StoreId(const std::string& store) { return Quoted("store:", store); }
std::string StepId(const std::string& step) { return Quoted("step:", step); }

void AppendEdge(const std::string& from, const std::string& to, const char* style,
                std::string* out) {
  absl::StrAppend(out, "  ", from, " -> ", to, style, ";\n");
}

void AppendCluster(const TopologyData& data, size_t number, std::string* out) {
  const SubtopologySpec& sub = data.subtopologies[number];
  absl::StrAppend(out, "  subgraph cluster_", number, " {\n    label=\"sub-topology ", number,
                  "\"; style=\"rounded,filled\"; color=\"#c8d0d8\"; fillcolor=\"#f6f8fa\";\n");
  for (const NodeId id : sub.nodes) {
    const NodeSpec& node = data.node(id);
    const bool edge_of_flow = node.kind != NodeSpec::Kind::kProcessor;
    absl::StrAppend(out, "    ", StepId(node.name), " [label=", Quoted("", node.name),
                    edge_of_flow ? ", style=\"rounded,dashed\"" : "", "];\n");
  }
  for (const std::string& store : sub.stores) {
    absl::StrAppend(out, "    ", StoreId(store), " [label=", Quoted("", store),
                    ", shape=cylinder, fillcolor=\"#fff3d6\", style=filled];\n");
  }
  out->append("  }\n");
}

// Topics stand outside of the clusters: a repartition topic joins two of them.
void AppendTopics(const TopologyData& data, std::string* out) {
  std::set<TopicRef> topics;
  for (const NodeSpec& node : data.nodes) {
    topics.insert(node.topics.begin(), node.topics.end());
    if (node.kind == NodeSpec::Kind::kSink && node.topic_chooser == nullptr) {
      topics.insert(node.sink_topic);
    }
  }
  for (const TopicRef& topic : topics) {
    absl::StrAppend(out, "  ", TopicId(topic), " [label=", Quoted("", DisplayName(topic)),
                    ", shape=cylinder, style=filled, fillcolor=",
                    topic.internal ? "\"#e6e6e6\"" : "\"#dbeafe\"", "];\n");
  }
}

void AppendEdges(const NodeSpec& node, const TopologyData& data, std::string* out) {
  for (const TopicRef& topic : node.topics) {
    AppendEdge(TopicId(topic), StepId(node.name), "", out);
  }
  for (const NodeId child : node.children) {
    AppendEdge(StepId(node.name), StepId(data.node(child).name), "", out);
  }
  for (const std::string& store : node.stores) {
    AppendEdge(StepId(node.name), StoreId(store), " [dir=both, style=dashed, color=\"#b58900\"]",
               out);
  }
  for (const std::string& store : node.global_stores) {
    AppendEdge(StoreId(store), StepId(node.name), " [style=dashed, color=\"#b58900\"]", out);
  }
  if (node.kind == NodeSpec::Kind::kSink && node.topic_chooser == nullptr) {
    AppendEdge(StepId(node.name), TopicId(node.sink_topic), "", out);
  }
}

}  // namespace

std::string DescribeDot(const TopologyData& data) {
  std::string out = absl::StrCat("digraph ", Quoted("", data.name), " {\n");
  out += "  rankdir=LR; fontname=\"Helvetica\";\n";
  out += "  node [fontname=\"Helvetica\", shape=box, style=rounded];\n";
  AppendTopics(data, &out);
  for (size_t i = 0; i < data.subtopologies.size(); ++i) AppendCluster(data, i, &out);
  for (const NodeSpec& node : data.nodes) AppendEdges(node, data, &out);
  return out + "}\n";
}

}  // namespace millrace::detail
