#include "millrace/detail/graph_builder.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace millrace::detail {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Codec* Text() { return CodecOf<std::string>(); }
const Codec* Number() { return CodecOf<int64_t>(); }

NodeId From(GraphBuilder& builder, const std::string& topic, const Codec* value = Text()) {
  NodeSpec source;
  source.topics = {{topic, false}};
  source.key = Text();
  source.value = value;
  return builder.AddSource(std::move(source));
}

NodeId Step(GraphBuilder& builder, const std::string& name, std::vector<NodeId> parents) {
  NodeSpec step;
  step.name = name;
  step.parents = std::move(parents);
  return builder.AddProcessor(std::move(step));
}

NodeId To(GraphBuilder& builder, const std::string& topic, NodeId parent) {
  NodeSpec sink;
  sink.sink_topic.name = topic;
  sink.parents = {parent};
  return builder.AddSink(std::move(sink));
}

void AddStore(GraphBuilder& builder, const std::string& name, std::vector<NodeId> users) {
  StoreSpec store;
  store.name = name;
  builder.AddStore(store);
  for (const NodeId user : users) builder.ConnectStore(user, name);
}

// The message of the refusal; fails the test when there is none.
std::string Refusal(GraphBuilder& builder) {
  const absl::StatusOr<Topology> topology = builder.Build();
  EXPECT_EQ(topology.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(topology.status().message());
}

TopologyData Built(GraphBuilder& builder) {
  absl::StatusOr<Topology> topology = builder.Build();
  EXPECT_TRUE(topology.ok()) << topology.status();
  return topology.ok() ? topology->data() : TopologyData{};
}

TEST(GraphBuilder, DerivesNamesForUnnamedNodesFromKindOrStem) {
  GraphBuilder builder("names");
  const NodeId source = From(builder, "in");
  const NodeId filter = Step(builder, "filter-", {source});
  const NodeId step = Step(builder, "", {filter});
  const NodeId sink = To(builder, "out", step);
  EXPECT_EQ(builder.node(source).name, "source-0");
  EXPECT_EQ(builder.node(filter).name, "filter-1");
  EXPECT_EQ(builder.node(step).name, "processor-2");
  EXPECT_EQ(builder.node(sink).name, "sink-3");
}

TEST(GraphBuilder, DerivedNamesKeepClearOfWrittenOnes) {
  GraphBuilder builder("names");
  const NodeId source = From(builder, "in");
  const NodeId written = Step(builder, "map-2", {source});
  const NodeId derived = Step(builder, "map-", {written});
  EXPECT_NE(builder.node(derived).name, "map-2");
  EXPECT_TRUE(builder.Build().ok());
}

TEST(GraphBuilder, ReadingATopicAgainIsTheSameSource) {
  GraphBuilder builder("again");
  EXPECT_EQ(From(builder, "in"), From(builder, "in"));
}

TEST(GraphBuilder, AParentNamedTwiceGivesOneEdge) {
  GraphBuilder builder("self-merge");
  const NodeId source = From(builder, "in");
  const NodeId merged = Step(builder, "merged", {source, source});
  EXPECT_THAT(builder.node(source).children, ElementsAre(merged));
  EXPECT_THAT(builder.node(merged).parents, ElementsAre(source));
}

TEST(GraphBuilder, CutsAtRepartitionTopicsAndNumbersInOrderOfInsertion) {
  GraphBuilder builder("cut");
  const NodeId words = From(builder, "words");
  const NodeId other = From(builder, "other");
  const NodeId below = builder.AddRepartition(words, {"by-word", 4}, Text(), Text());
  const NodeId count = Step(builder, "count", {below});
  AddStore(builder, "counts", {count});
  const TopologyData data = Built(builder);
  ASSERT_EQ(data.subtopologies.size(), 3u);
  EXPECT_EQ(data.subtopologies[0].nodes.front(), words);
  EXPECT_THAT(data.subtopologies[1].nodes, ElementsAre(other));
  EXPECT_THAT(data.subtopologies[2].nodes, ElementsAre(below, count));
  EXPECT_THAT(data.subtopologies[2].stores, ElementsAre("counts"));
  EXPECT_THAT(data.subtopologies[2].source_topics, ElementsAre(TopicRef{"by-word", true}));
}

TEST(GraphBuilder, ASharedStoreJoinsSubtopologies) {
  GraphBuilder builder("shared");
  const NodeId a = Step(builder, "a", {From(builder, "in-a")});
  const NodeId b = Step(builder, "b", {From(builder, "in-b")});
  AddStore(builder, "rows", {a, b});
  const TopologyData data = Built(builder);
  ASSERT_EQ(data.subtopologies.size(), 1u);
  EXPECT_EQ(data.subtopologies[0].nodes.size(), 4u);
}

TEST(GraphBuilder, ARepartitionDropsNullKeysUnlessToldToKeepThem) {
  GraphBuilder builder("nulls");
  const NodeId source = From(builder, "in");
  builder.AddRepartition(source, {"strict", std::nullopt}, Text(), Text());
  builder.AddRepartition(source, {"lenient", std::nullopt}, Text(), Text(), nullptr, true);
  const TopologyData data = Built(builder);
  std::vector<std::string> names;
  for (const NodeId child : data.node(source).children) names.push_back(data.node(child).name);
  EXPECT_THAT(names, ElementsAre("strict-repartition-filter", "lenient-repartition-sink"));
}

TEST(GraphBuilder, TracesCopartitionedStepsBackToTheirTopics) {
  GraphBuilder builder("join");
  const NodeId left = Step(builder, "left", {From(builder, "clicks")});
  const NodeId right =
      builder.AddRepartition(From(builder, "users"), {"by-user", std::nullopt}, Text(), Text());
  builder.RequireCopartition({left, right}, "join \"enrich\"");
  builder.RequireCopartition({left, left}, "a step that reads one topic");
  const TopologyData data = Built(builder);
  ASSERT_EQ(data.copartitions.size(), 1u);
  EXPECT_EQ(data.copartitions[0].reason, "join \"enrich\"");
  EXPECT_THAT(data.copartitions[0].topics,
              ElementsAre(TopicRef{"clicks", false}, TopicRef{"by-user", true}));
}

TEST(GraphBuilder, RefusesAnEmptyTopology) {
  GraphBuilder builder("empty");
  EXPECT_THAT(Refusal(builder), HasSubstr("the topology is empty"));
}

TEST(GraphBuilder, NamesEveryMistakeOnALineOfItsOwn) {
  GraphBuilder builder("Wrong Name");
  const NodeId source = From(builder, "in");
  Step(builder, "twice", {source});
  Step(builder, "twice", {source});
  To(builder, "", source);
  AddStore(builder, "idle", {});
  builder.ConnectStore(source, "missing");
  builder.AddError("said by the DSL");
  const std::string message = Refusal(builder);
  EXPECT_THAT(message, HasSubstr("has 6 mistakes:\n- "));
  EXPECT_THAT(message, HasSubstr("topology \"Wrong Name\" has a name that cannot be kept on disk"));
  EXPECT_THAT(message, HasSubstr("\n- step \"twice\" exists 2 times; give each a name of its own"));
  EXPECT_THAT(message, HasSubstr("\n- sink \"sink-3\" has no topic; name one"));
  EXPECT_THAT(message, HasSubstr("\n- store \"idle\" is used by no step; connect it or remove it"));
  EXPECT_THAT(message,
              HasSubstr("\n- step \"source-0\" uses the store \"missing\", which does not"));
  EXPECT_THAT(message, HasSubstr("\n- said by the DSL"));
}

TEST(GraphBuilder, RefusesATopicReadWithTwoTypes) {
  GraphBuilder builder("types");
  From(builder, "in", Text());
  From(builder, "in", Number());
  EXPECT_THAT(Refusal(builder),
              AllOf(HasSubstr("topic \"in\" is read twice"), HasSubstr("with different types")));
}

TEST(GraphBuilder, RefusesDurableNamesThatOccurTwice) {
  GraphBuilder builder("duplicates");
  const NodeId source = From(builder, "in");
  const NodeId step = Step(builder, "step", {source});
  AddStore(builder, "state", {step});
  AddStore(builder, "state", {step});
  AddStore(builder, "by-word", {step});
  builder.AddRepartition(source, {"by-word", std::nullopt}, Text(), Text());
  const std::string message = Refusal(builder);
  EXPECT_THAT(message, HasSubstr("store \"state\" exists 2 times"));
  EXPECT_THAT(message,
              HasSubstr("repartition \"by-word\" has the name of a store that it does not"));
}

TEST(GraphBuilder, ARepartitionMayTakeTheNameOfTheStoreThatItFeeds) {
  GraphBuilder builder("fed");
  const NodeId counts =
      builder.AddRepartition(From(builder, "in"), {"counts", std::nullopt}, Text(), Text());
  AddStore(builder, "counts", {Step(builder, "count", {counts})});
  EXPECT_TRUE(builder.Build().ok());
}

TEST(GraphBuilder, RefusesDurableNamesWithCharactersThatDiskOrKafkaRefuse) {
  for (const std::string name : {"", "Counts", "a b", "a/b", ".", "..", "ä"}) {
    GraphBuilder builder("names");
    AddStore(builder, name, {Step(builder, "step", {From(builder, "in")})});
    EXPECT_THAT(Refusal(builder), HasSubstr("cannot be kept on disk")) << name;
  }
}

TEST(GraphBuilder, RefusesAStoreOnASourceAndAStepBelowASink) {
  GraphBuilder builder("shape");
  const NodeId source = From(builder, "in");
  AddStore(builder, "rows", {source});
  Step(builder, "below", {To(builder, "out", source)});
  Step(builder, "orphan", {});
  const std::string message = Refusal(builder);
  EXPECT_THAT(message, HasSubstr("store \"rows\" is connected to \"source-0\", which is no"));
  EXPECT_THAT(message, HasSubstr("step \"below\" hangs below the sink \"sink-1\""));
  EXPECT_THAT(message, HasSubstr("step \"orphan\" has no parent"));
}

TEST(GraphBuilder, RefusesRepartitionsOfOneJoinWithDifferentCounts) {
  GraphBuilder builder("counts");
  const NodeId a = builder.AddRepartition(From(builder, "a"), {"a-by-id", 4}, Text(), Text());
  const NodeId b = builder.AddRepartition(From(builder, "b"), {"b-by-id", 8}, Text(), Text());
  builder.RequireCopartition({a, b}, "join \"ab\"");
  EXPECT_THAT(Refusal(builder), HasSubstr("join \"ab\" needs equal partition counts, but"));
}

TEST(GraphBuilder, RefusesAWindowStoreThatForgetsWindowsBeforeTheyClose) {
  GraphBuilder builder("windows");
  StoreSpec store;
  store.name = "windows";
  store.kind = StoreKind::kWindow;
  store.window_size = Duration(60'000);
  store.retention = Duration(1'000);
  builder.AddStore(store);
  builder.ConnectStore(Step(builder, "step", {From(builder, "in")}), "windows");
  EXPECT_THAT(Refusal(builder), HasSubstr("raise its retention"));
}

TEST(GraphBuilder, KeepsSourcesWithDifferentTopicListsApart) {
  GraphBuilder builder("lists");
  EXPECT_NE(From(builder, "a"), From(builder, "b"));
  EXPECT_THAT(Built(builder).copartitions, IsEmpty());
}

}  // namespace
}  // namespace millrace::detail
