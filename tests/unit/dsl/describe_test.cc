// What topologies written with the DSL look like: steps, names, repartition topics, stores.
#include <chrono>
#include <memory>
#include <string>

#include "dsl_types.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace millrace::dsl_test {
namespace {

using std::chrono_literals::operator""min;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr char kHead[] = "Topologies:\n   Sub-topology: 0\n";

int64_t AddWeight(int64_t sum, const Like& like) { return sum + like.weight; }

TEST(DslDescribe, AWindowedAggregationReadsFromTheTopicOfItsGroup) {
  TopologyBuilder flow("hot-posts");
  flow.From(kLikes, {.timestamp = &Like::liked_at})
      .GroupBy("likes-by-post", &Like::post)
      .Window(Hopping{.size = 60min, .advance = 1min, .grace = 5min})
      .Aggregate("post-heat", int64_t{0}, AddWeight)
      .ToStream()
      .To(kWindowCounts);
  EXPECT_EQ(Described(std::move(flow).Build()),
            std::string(kHead) +
                "    Source: source-0 (topics: [likes])\n"
                "      --> select-key-1\n"
                "    Processor: select-key-1 (stores: [])\n"
                "      --> likes-by-post-repartition-filter\n"
                "      <-- source-0\n"
                "    Processor: likes-by-post-repartition-filter (stores: [])\n"
                "      --> likes-by-post-repartition-sink\n"
                "      <-- select-key-1\n"
                "    Sink: likes-by-post-repartition-sink (topic: likes-by-post-repartition)\n"
                "      <-- likes-by-post-repartition-filter\n"
                "\n"
                "  Sub-topology: 1\n"
                "    Source: likes-by-post-repartition-source (topics: "
                "[likes-by-post-repartition])\n"
                "      --> post-heat\n"
                "    Processor: post-heat (stores: [post-heat])\n"
                "      --> to-stream-6\n"
                "      <-- likes-by-post-repartition-source\n"
                "    Processor: to-stream-6 (stores: [])\n"
                "      --> sink-7\n"
                "      <-- post-heat\n"
                "    Sink: sink-7 (topic: window-counts)\n"
                "      <-- to-stream-6\n"
                "\n");
}

TEST(DslDescribe, AWindowStoreKeepsSizePlusGraceUnlessToldMore) {
  TopologyBuilder flow("windows");
  const auto likes = flow.From(kLikes).GroupByKey().Window(Tumbling{.size = 2min, .grace = 1min});
  likes.Count("short");
  likes.Count("long", {.retention = 9min, .in_memory = true});
  const absl::StatusOr<Topology> topology = std::move(flow).Build();
  ASSERT_TRUE(topology.ok()) << topology.status();
  const detail::StoreSpec* least = topology->data().FindStore("short");
  ASSERT_NE(least, nullptr);
  EXPECT_EQ(least->kind, detail::StoreKind::kWindow);
  EXPECT_EQ(least->window_size, 2min);
  EXPECT_EQ(least->retention, 3min);
  EXPECT_EQ(topology->data().FindStore("long")->retention, 9min);
  EXPECT_EQ(topology->data().FindStore("long")->backend, detail::StoreBackendKind::kMemory);
}

TEST(DslDescribe, GroupingByTheKeyThatIsThereNeedsNoTopic) {
  TopologyBuilder flow("plain");
  flow.From(kLikes)
      .Filter([](const Like& like) { return like.weight > 0; })
      .GroupByKey("unused")
      .Count("counts");
  EXPECT_EQ(Described(std::move(flow).Build()), std::string(kHead) +
                                                    "    Source: source-0 (topics: [likes])\n"
                                                    "      --> filter-1\n"
                                                    "    Processor: filter-1 (stores: [])\n"
                                                    "      --> counts\n"
                                                    "      <-- source-0\n"
                                                    "    Processor: counts (stores: [counts])\n"
                                                    "      --> none\n"
                                                    "      <-- filter-1\n"
                                                    "\n");
}

TEST(DslDescribe, ATopicWithoutANameTakesThatOfTheFirstStoreThatItFeeds) {
  TopologyBuilder flow("unnamed");
  const auto by_post = flow.From(kLikes).SelectKey(&Like::post).GroupByKey();
  by_post.Count("counts");
  by_post.Aggregate("weights", int64_t{0}, AddWeight);
  const absl::StatusOr<Topology> topology = std::move(flow).Build();
  ASSERT_TRUE(topology.ok()) << topology.status();
  ASSERT_EQ(topology->data().repartitions.size(), 1u);  // both read it
  EXPECT_EQ(topology->data().repartitions[0].name, "counts");
  EXPECT_THAT(topology->Describe(), HasSubstr("      --> counts, weights\n"));
}

TEST(DslDescribe, OnlyStepsThatMayChangeTheKeyAskForARepartition) {
  TopologyBuilder flow("keys");
  const auto likes = flow.From(kLikes);
  likes.MapValues(&Like::weight)
      .Peek([](int64_t) {})
      .FlatMapValues([](int64_t weight, Emit<int64_t>& emit) { emit(weight); })
      .FilterNot([](int64_t weight) { return weight < 0; })
      .GroupByKey()
      .Count("kept");
  likes.Map([](const Like& like) {
         return KeyValue{like.post, like.weight};
       })
      .GroupByKey()
      .Count("mapped");
  likes.FlatMap([](const Like& like, Emit<int64_t, int64_t>& emit) { emit(like.post, 1); })
      .GroupByKey()
      .Count("flat-mapped");
  const absl::StatusOr<Topology> topology = std::move(flow).Build();
  ASSERT_TRUE(topology.ok()) << topology.status();
  std::vector<std::string> names;
  for (const auto& repartition : topology->data().repartitions) names.push_back(repartition.name);
  EXPECT_THAT(names, ElementsAre("mapped", "flat-mapped"));
}

TEST(DslDescribe, BranchesAreStepsBelowTheirSplit) {
  TopologyBuilder flow("branches");
  auto [heavy, rest] =
      flow.From(kLikes).Split().Branch([](const Like& like) { return like.weight > 9; }).Default();
  heavy.Merge(rest).To(kMoreLikes);
  EXPECT_EQ(Described(std::move(flow).Build()), std::string(kHead) +
                                                    "    Source: source-0 (topics: [likes])\n"
                                                    "      --> split-1\n"
                                                    "    Processor: split-1 (stores: [])\n"
                                                    "      --> split-1-branch-1, split-1-default\n"
                                                    "      <-- source-0\n"
                                                    "    Processor: split-1-branch-1 (stores: [])\n"
                                                    "      --> merge-4\n"
                                                    "      <-- split-1\n"
                                                    "    Processor: split-1-default (stores: [])\n"
                                                    "      --> merge-4\n"
                                                    "      <-- split-1\n"
                                                    "    Processor: merge-4 (stores: [])\n"
                                                    "      --> sink-5\n"
                                                    "      <-- split-1-branch-1, split-1-default\n"
                                                    "    Sink: sink-5 (topic: more-likes)\n"
                                                    "      <-- merge-4\n"
                                                    "\n");
}

TEST(DslDescribe, AJoinUsesTheTablesStoreAndNeedsEqualPartitionCounts) {
  TopologyBuilder flow("enrich");
  const auto posts = flow.TableFrom(kPosts, "posts-by-id");
  flow.From(kLikes)
      .SelectKey(&Like::post)
      .Join("likes-with-posts", posts,
            [](const Like& like, const std::string& post) { return post + like.channel; })
      .To(kPosts);
  const absl::StatusOr<Topology> topology = std::move(flow).Build();
  ASSERT_TRUE(topology.ok()) << topology.status();
  EXPECT_THAT(topology->Describe(),
              HasSubstr("    Processor: likes-with-posts (stores: [posts-by-id])\n"));
  ASSERT_EQ(topology->data().copartitions.size(), 1u);
  EXPECT_EQ(topology->data().copartitions[0].topics.size(), 2u);
  EXPECT_THAT(topology->data().copartitions[0].reason, HasSubstr("likes-with-posts"));
}

TEST(DslDescribe, ALeftJoinKeepsRecordsWithoutAKeyOnTheWayToIt) {
  TopologyBuilder flow("enrich");
  const auto posts = flow.TableFrom(kPosts, "posts-by-id");
  flow.From(kLikes)
      .SelectKey(&Like::post)
      .LeftJoin(
          "likes-with-posts", posts,
          [](const int64_t*, const Like&, const std::string* post) { return post != nullptr; })
      .ForEach([](bool) {});
  const std::string described = Described(std::move(flow).Build());
  EXPECT_THAT(described, HasSubstr("likes-with-posts-repartition-sink"));
  EXPECT_THAT(described, Not(HasSubstr("likes-with-posts-repartition-filter")));
}

TEST(DslDescribe, AJoinWithAViewReadsTheStoreBehindIt) {
  TopologyBuilder flow("views");
  const auto long_posts =
      flow.TableFrom(kPosts, "posts-by-id")
          .MapValues([](const std::string& post) { return static_cast<int64_t>(post.size()); })
          .FilterNot([](int64_t size) { return size < 9; });
  flow.From(kCounts)
      .Join(long_posts, [](int64_t count, int64_t size) { return count * size; })
      .To(kCounts);
  const std::string described = Described(std::move(flow).Build());
  EXPECT_THAT(described, HasSubstr("Processor: join-5 (stores: [posts-by-id])\n"));
  EXPECT_THAT(described, HasSubstr("Processor: table-map-values-2 (stores: [])\n"));
  EXPECT_THAT(described, HasSubstr("Processor: table-filter-not-3 (stores: [])\n"));
}

TEST(DslDescribe, AViewWithANameHasAStoreOfItsOwn) {
  TopologyBuilder flow("views");
  flow.TableFrom(kPosts)
      .Filter("long-posts", [](const std::string& post) { return post.size() > 9; })
      .MapValues("post-sizes",
                 [](const std::string& post) { return static_cast<int64_t>(post.size()); });
  const std::string described = Described(std::move(flow).Build());
  EXPECT_THAT(described, HasSubstr("Processor: table-1 (stores: [])\n"));
  EXPECT_THAT(described, HasSubstr("Processor: long-posts (stores: [long-posts])\n"));
  EXPECT_THAT(described, HasSubstr("Processor: post-sizes (stores: [post-sizes])\n"));
}

TEST(DslDescribe, ToTableAndRepartitionGoThroughTopicsOfTheirNames) {
  TopologyBuilder flow("topics");
  const auto by_post = flow.From(kLikes).SelectKey(&Like::post);
  by_post.ToTable("latest-like");
  by_post.Repartition("likes-by-post", {.partitions = 8}).ToTable("latest-again");
  const absl::StatusOr<Topology> topology = std::move(flow).Build();
  ASSERT_TRUE(topology.ok()) << topology.status();
  ASSERT_EQ(topology->data().repartitions.size(), 2u);
  EXPECT_EQ(topology->data().repartitions[0].name, "latest-like");
  EXPECT_EQ(topology->data().repartitions[1].name, "likes-by-post");
  EXPECT_EQ(topology->data().repartitions[1].partitions, 8);
}

struct Counter : Processor<std::string, Like, std::string, int64_t> {
  explicit Counter(int64_t step = 1) : step_(step) {}
  void Process(const Record<std::string, Like>& record, Context& context) override {
    total_ += step_;
    context.Forward(record.WithValue(&total_));
  }
  int64_t step_;
  int64_t total_ = 0;
};

TEST(DslDescribe, ProcessorsUseTheStoresThatTheyName) {
  TopologyBuilder flow("processors");
  flow.AddStore(Store<std::string, int64_t>("seen"));
  flow.AddStore(WindowedStore<std::string, int64_t>(
      "recent", {.window_size = Duration(10), .retention = Duration(20)}));
  const auto likes = flow.From(kLikes);
  likes.Process<Counter>("count-all", {"seen", "recent"}).GroupByKey().Count("all");
  likes.ProcessValues("count-more", {"seen"}, [] { return std::make_unique<Counter>(2); })
      .GroupByKey()
      .Count("more");
  const std::string described = Described(std::move(flow).Build());
  EXPECT_THAT(described, HasSubstr("Processor: count-all (stores: [recent, seen])\n"));
  EXPECT_THAT(described, HasSubstr("Processor: count-more (stores: [seen])\n"));
  EXPECT_THAT(described, HasSubstr("(topic: all-repartition)"));  // Process may change the key
  EXPECT_THAT(described, Not(HasSubstr("more-repartition")));     // ProcessValues does not
}

TEST(DslDescribe, SeveralTopicsAreOneSourceAndATopicReadTwiceIsOneToo) {
  TopologyBuilder flow("sources");
  flow.From({kLikes, kMoreLikes}).ForEach([](const Like&) {});
  flow.From(kCounts).ForEach([](int64_t) {});
  flow.From(kCounts).ForEach([](int64_t) {});
  const std::string described = Described(std::move(flow).Build());
  EXPECT_THAT(described, HasSubstr("Source: source-0 (topics: [more-likes, likes])\n"));
  EXPECT_THAT(described, HasSubstr("(topics: [counts])\n      --> for-each-3, for-each-4\n"));
}

TEST(DslDescribe, ViaFitsAFunctionIntoTheChain) {
  const auto heavy = [](const Stream<std::string, Like>& likes) {
    return likes.Filter([](const Like& like) { return like.weight > 9; }).MapValues(&Like::weight);
  };
  TopologyBuilder flow("via");
  flow.From(kLikes).Via(heavy).GroupByKey().Count("heavy");
  EXPECT_THAT(Described(std::move(flow).Build()), HasSubstr("Processor: map-values-2"));
}

TEST(DslDescribe, ASinkMayChooseItsTopicPerRecord) {
  TopologyBuilder flow("route");
  flow.From(kLikes).To(&Like::channel, {.partitioner = [](const Like& like, int32_t partitions) {
    return PartitionId(static_cast<int32_t>(like.post % partitions));
  }});
  const absl::StatusOr<Topology> topology = std::move(flow).Build();
  ASSERT_TRUE(topology.ok()) << topology.status();
  const detail::NodeSpec& sink = topology->data().nodes.back();
  const std::string key = "a";
  const Like like{.post = 7, .channel = "likes-of-friends"};
  const detail::ErasedRecord record{&key, &like};
  EXPECT_EQ(sink.topic_chooser(record), "likes-of-friends");
  EXPECT_EQ(*sink.partitioner(record, 4).begin(), PartitionId(3));
}

}  // namespace
}  // namespace millrace::dsl_test
