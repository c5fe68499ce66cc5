// Topology: a frozen stream program. Made by TopologyBuilder::Build(); the same value goes to a
// worker, to the TopologyDriver and to Describe(). Cheap to copy, immutable, thread-safe.
#pragma once

#include <memory>
#include <string>
#include <utility>

namespace millrace {

namespace detail {
struct TopologyData;
}

class Topology {
 public:
  explicit Topology(std::shared_ptr<const detail::TopologyData> data) : data_(std::move(data)) {}

  // The topology's name and default application id.
  const std::string& name() const;

  // Kafka Streams' text format: sub-topologies, sources, processors with stores, sinks.
  std::string Describe() const;
  // The same as a JSON document.
  std::string DescribeJson() const;
  // The same as a Graphviz digraph.
  std::string DescribeDot() const;

  const detail::TopologyData& data() const { return *data_; }

 private:
  std::shared_ptr<const detail::TopologyData> data_;
};

}  // namespace millrace
