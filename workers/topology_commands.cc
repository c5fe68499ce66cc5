#include "topology_commands.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/json_text.h"
#include "millrace/detail/topology_data.h"
#include "topic_commands.h"

namespace millrace::worker {
namespace {

struct Edges {
  std::set<std::string> reads;
  std::set<std::string> writes;
};

Edges EdgesOf(const Topology& topology) {
  Edges edges;
  for (const detail::NodeSpec& node : topology.data().nodes) {
    for (const detail::TopicRef& topic : node.topics) {
      if (!topic.internal) edges.reads.insert(topic.name);
    }
    const bool writes = node.kind == detail::NodeSpec::Kind::kSink && !node.sink_topic.internal;
    if (writes)
      edges.writes.insert(node.topic_chooser ? "(chosen per record)" : node.sink_topic.name);
  }
  return edges;
}

std::string JsonList(const std::set<std::string>& names) {
  std::string out = "[";
  for (const std::string& name : names) {
    if (out.size() > 1) out.push_back(',');
    AppendJsonString(name, &out);
  }
  return out + "]";
}

// A line per topic: what a topology reads and what it writes stand beside each other.
void WriteEdges(const std::string& name, const Edges& edges, int name_width, int topic_width,
                CommandIo& io) {
  auto reads = edges.reads.begin();
  auto writes = edges.writes.begin();
  for (bool first = true; first || reads != edges.reads.end() || writes != edges.writes.end();
       first = false) {
    std::string line = absl::StrFormat("%-*s  %-*s  %s", name_width, first ? name : "", topic_width,
                                       reads == edges.reads.end() ? "" : *reads++,
                                       writes == edges.writes.end() ? "" : *writes++);
    line.erase(line.find_last_not_of(' ') + 1);
    io.Write(line + "\n");
  }
}

}  // namespace

absl::StatusOr<const Topology*> FindTopology(const std::vector<Topology>& topologies,
                                             const std::string& name) {
  std::string names;
  for (const Topology& topology : topologies) {
    if (topology.name() == name) return &topology;
    absl::StrAppend(&names, names.empty() ? "" : ", ", topology.name());
  }
  return absl::NotFoundError(
      absl::StrCat("there is no topology '", name, "' in this binary; it has ", names));
}

int ListTopologies(const TopologyListCommand& command, const std::vector<Topology>& topologies,
                   CommandIo& io) {
  if (command.json) {
    for (const Topology& topology : topologies) {
      const Edges edges = EdgesOf(topology);
      std::string line = "{\"topology\":";
      AppendJsonString(topology.name(), &line);
      io.Write(absl::StrCat(line, ",\"reads\":", JsonList(edges.reads),
                            ",\"writes\":", JsonList(edges.writes), "}\n"));
    }
    return 0;
  }
  int name_width = 8;
  int topic_width = 5;
  for (const Topology& topology : topologies) {
    name_width = std::max(name_width, static_cast<int>(topology.name().size()));
    for (const std::string& topic : EdgesOf(topology).reads) {
      topic_width = std::max(topic_width, static_cast<int>(topic.size()));
    }
  }
  io.Write(
      absl::StrFormat("%-*s  %-*s  %s\n", name_width, "TOPOLOGY", topic_width, "READS", "WRITES"));
  for (const Topology& topology : topologies) {
    WriteEdges(topology.name(), EdgesOf(topology), name_width, topic_width, io);
  }
  return 0;
}

int DescribeTopology(const TopologyDescribeCommand& command,
                     const std::vector<Topology>& topologies, CommandIo& io) {
  absl::StatusOr<const Topology*> topology = FindTopology(topologies, command.topology);
  if (!topology.ok()) return Fail(io, topology.status());
  if (command.format == "json") {
    io.Write((*topology)->DescribeJson());
  } else if (command.format == "dot") {
    io.Write((*topology)->DescribeDot());
  } else {
    io.Write((*topology)->Describe());
  }
  return 0;
}

}  // namespace millrace::worker
