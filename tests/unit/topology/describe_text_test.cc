// Golden descriptions. Each file under golden/ holds a topology, one element per line, and below
// the dashes what Kafka Streams 4.3.1 prints for it (Topology.describe().toString()).
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "millrace/detail/graph_builder.h"

namespace millrace::detail {
namespace {

struct Golden {
  std::vector<std::string> elements;
  std::string expected;
};

Golden ReadGolden(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream content;
  content << file.rdbuf();
  const std::string text = content.str();
  const size_t cut = text.find("----\n");
  EXPECT_NE(cut, std::string::npos) << path;
  return {absl::StrSplit(text.substr(0, cut), '\n', absl::SkipEmpty()), text.substr(cut + 5)};
}

// Adds what the golden files can say: source, processor and sink with parents, store with users.
class SpecReader {
 public:
  void Add(const std::string& element) {
    const std::vector<std::string> words = absl::StrSplit(element, ' ');
    ASSERT_GE(words.size(), 3u) << element;
    const std::vector<std::string> rest(words.begin() + 2, words.end());
    NodeSpec spec;
    spec.name = words[1];
    if (words[0] == "source") {
      for (const std::string& topic : rest) spec.topics.push_back({topic, false});
      nodes_[words[1]] = builder_.AddSource(std::move(spec));
    } else if (words[0] == "processor") {
      for (const std::string& parent : rest) spec.parents.push_back(nodes_.at(parent));
      nodes_[words[1]] = builder_.AddProcessor(std::move(spec));
    } else if (words[0] == "sink") {
      spec.sink_topic.name = rest[0];
      for (size_t i = 1; i < rest.size(); ++i) spec.parents.push_back(nodes_.at(rest[i]));
      builder_.AddSink(std::move(spec));
    } else if (words[0] == "store") {
      StoreSpec store;
      store.name = words[1];
      builder_.AddStore(store);
      for (const std::string& user : rest) builder_.ConnectStore(nodes_.at(user), words[1]);
    } else {
      FAIL() << element;
    }
  }
  absl::StatusOr<Topology> Build() { return builder_.Build(); }

 private:
  GraphBuilder builder_{"golden"};
  std::map<std::string, NodeId> nodes_;
};

TEST(DescribeText, PrintsWhatKafkaStreamsPrintsForTheSameTopology) {
  const std::filesystem::path folder =
      std::filesystem::path(MILLRACE_SOURCE_DIR) / "tests/unit/topology/golden";
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().filename().string());
    const Golden golden = ReadGolden(entry.path());
    SpecReader reader;
    for (const std::string& element : golden.elements) reader.Add(element);
    const absl::StatusOr<Topology> topology = reader.Build();
    ASSERT_TRUE(topology.ok()) << topology.status();
    EXPECT_EQ(topology->Describe(), golden.expected);
    ++files;
  }
  EXPECT_GE(files, 7);
}

TEST(DescribeText, ShowsARepartitionTopicWithoutTheApplicationsPrefix) {
  GraphBuilder builder("word-count");
  NodeSpec source;
  source.topics = {{"sentences", false}};
  const NodeId words = builder.AddSource(source);
  NodeSpec count;
  count.name = "count";
  count.parents = {builder.AddRepartition(words, {"words", std::nullopt}, nullptr, nullptr)};
  builder.AddProcessor(count);
  const absl::StatusOr<Topology> topology = builder.Build();
  ASSERT_TRUE(topology.ok()) << topology.status();
  EXPECT_EQ(topology->Describe(),
            "Topologies:\n"
            "   Sub-topology: 0\n"
            "    Source: source-0 (topics: [sentences])\n"
            "      --> words-repartition-filter\n"
            "    Processor: words-repartition-filter (stores: [])\n"
            "      --> words-repartition-sink\n"
            "      <-- source-0\n"
            "    Sink: words-repartition-sink (topic: words-repartition)\n"
            "      <-- words-repartition-filter\n"
            "\n"
            "  Sub-topology: 1\n"
            "    Source: words-repartition-source (topics: [words-repartition])\n"
            "      --> count\n"
            "    Processor: count (stores: [])\n"
            "      --> none\n"
            "      <-- words-repartition-source\n"
            "\n");
}

TEST(DescribeText, ShowsThatASinkChoosesItsTopicPerRecord) {
  GraphBuilder builder("route");
  NodeSpec source;
  source.topics = {{"in", false}};
  NodeSpec sink;
  sink.parents = {builder.AddSource(source)};
  sink.topic_chooser = [](const ErasedRecord&) { return std::string("anywhere"); };
  builder.AddSink(sink);
  const absl::StatusOr<Topology> topology = builder.Build();
  ASSERT_TRUE(topology.ok()) << topology.status();
  EXPECT_THAT(topology->Describe(),
              testing::HasSubstr("    Sink: sink-1 (extractor class: TopicChooser)\n"));
}

}  // namespace
}  // namespace millrace::detail
