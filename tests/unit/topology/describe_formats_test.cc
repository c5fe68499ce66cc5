#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "millrace/detail/graph_builder.h"

namespace millrace::detail {
namespace {

// sentences -> split -> (repartition "words") -> count with a store and a window store -> sink
Topology WordCount() {
  GraphBuilder builder("word-count");
  NodeSpec source;
  source.topics = {{"sentences", false}};
  NodeSpec split;
  split.name = "split";
  split.parents = {builder.AddSource(source)};
  const NodeId words = builder.AddProcessor(split);
  NodeSpec count;
  count.name = "count";
  count.parents = {
      builder.AddRepartition(words, {"words", std::nullopt}, nullptr, nullptr, nullptr, true)};
  const NodeId counter = builder.AddProcessor(count);
  StoreSpec totals;
  totals.name = "totals";
  builder.AddStore(totals);
  builder.ConnectStore(counter, "totals");
  NodeSpec sink;
  sink.parents = {counter};
  sink.sink_topic.name = "counts";
  builder.AddSink(sink);
  return builder.Build().value();
}

TEST(DescribeJson, HasStableKeysInStableOrder) {
  EXPECT_EQ(
      WordCount().DescribeJson(),
      R"({"name":"word-count","subtopologies":[)"
      R"({"id":0,"sources":[{"name":"source-0","topics":["sentences"],"children":["split"]}],)"
      R"("processors":[{"name":"split","stores":[],"parents":["source-0"],)"
      R"("children":["words-repartition-sink"]}],)"
      R"("sinks":[{"name":"words-repartition-sink","topic":"words-repartition",)"
      R"("parents":["split"]}],"stores":[]},)"
      R"({"id":1,"sources":[{"name":"words-repartition-source","topics":["words-repartition"],)"
      R"("children":["count"]}],"processors":[{"name":"count","stores":["totals"],)"
      R"("parents":["words-repartition-source"],"children":["sink-5"]}],)"
      R"("sinks":[{"name":"sink-5","topic":"counts","parents":["count"]}],)"
      R"("stores":["totals"]}],)"
      R"("stores":[{"name":"totals","kind":"key-value","backend":"rocksdb","changelog":true}],)"
      R"("repartitions":[{"name":"words","partitions":null}],"copartitions":[]})");
}

TEST(DescribeDot, DrawsAClusterPerSubtopologyAndCylindersForStoresAndTopics) {
  const std::string dot = WordCount().DescribeDot();
  for (const char* part :
       {"digraph \"word-count\" {", "subgraph cluster_0 {", "subgraph cluster_1 {",
        "\"store:totals\" [label=\"totals\", shape=cylinder",
        "\"topic:words-repartition\" [label=\"words-repartition\", shape=cylinder",
        "\"topic:sentences\" -> \"step:source-0\";", "\"step:source-0\" -> \"step:split\";",
        "\"step:words-repartition-sink\" -> \"topic:words-repartition\";",
        "\"step:count\" -> \"store:totals\" [dir=both", "\"step:sink-5\" -> \"topic:counts\";"}) {
    EXPECT_NE(dot.find(part), std::string::npos) << part << "\n" << dot;
  }
}

}  // namespace
}  // namespace millrace::detail
