// What Build() refuses, and how it says so.
#include <chrono>
#include <optional>
#include <string>

#include "dsl_types.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace millrace::dsl_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string Refusal(TopologyBuilder flow) {
  const absl::StatusOr<Topology> topology = std::move(flow).Build();
  EXPECT_EQ(topology.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(topology.status().message());
}

TEST(DslBuild, NamesAllMistakesAtOnce) {
  TopologyBuilder flow("Likes");
  flow.AddStore(Store<std::string, int64_t>("idle"));
  const auto likes = flow.From(kLikes).GroupByKey();
  likes.Count("counts");
  likes.Count("counts");
  likes.Window(Tumbling{.size = Duration(0)}).Count("windows");
  const std::string message = Refusal(std::move(flow));
  EXPECT_THAT(message, HasSubstr("topology \"Likes\" has a name that cannot be kept on disk"));
  EXPECT_THAT(message, HasSubstr("store \"idle\" is used by no step"));
  EXPECT_THAT(message, HasSubstr("store \"counts\" exists 2 times"));
  EXPECT_THAT(message, HasSubstr("step \"windows\" has windows with a size of 0 ms"));
}

TEST(DslBuild, RefusesAStatefulStepWithAnEmptyName) {
  TopologyBuilder flow("empty-names");
  flow.From(kLikes).GroupByKey().Count("");
  flow.TableFrom(kPosts, "").Filter("", [](const std::string& post) { return post.empty(); });
  const std::string message = Refusal(std::move(flow));
  EXPECT_THAT(message, HasSubstr("store \"\" has a name that cannot be kept on disk"));
  EXPECT_THAT(message, HasSubstr("store \"\" exists 3 times"));
}

TEST(DslBuild, RefusesWindowsThatCannotBe) {
  TopologyBuilder flow("windows");
  const auto likes = flow.From(kLikes).GroupByKey();
  likes.Window(Hopping{.size = Duration(10), .advance = Duration(11)}).Count("gaps");
  likes.Window(Hopping{.size = Duration(10), .advance = Duration(0)}).Count("still");
  likes.Window(Tumbling{.size = Duration(10), .grace = Duration(-1)}).Count("grace");
  likes.Window(Tumbling{.size = Duration(10), .grace = Duration(5)})
      .Count("forgets", {.retention = Duration(14)});
  const std::string message = Refusal(std::move(flow));
  EXPECT_THAT(message, HasSubstr("step \"gaps\" has windows with an advance of 11 ms"));
  EXPECT_THAT(message, HasSubstr("step \"still\" has windows with an advance of 0 ms"));
  EXPECT_THAT(message, HasSubstr("step \"grace\" has windows with a grace of -1 ms"));
  EXPECT_THAT(message, HasSubstr("store \"forgets\" keeps windows for 14 ms, less than their size "
                                 "and grace, 15 ms; raise its retention"));
}

TEST(DslBuild, RefusesAJoinWhoseRepartitionTopicHasNoName) {
  TopologyBuilder flow("joins");
  const auto posts = flow.TableFrom(kPosts, "posts-by-id");
  flow.From(kLikes)
      .SelectKey(&Like::post)
      .Join(posts, [](const Like&, const std::string& post) { return post; })
      .To(kPosts);
  EXPECT_THAT(Refusal(std::move(flow)), AllOf(HasSubstr("Join follows a step that changes the key"),
                                              HasSubstr("Join(\"name\", table, function)")));
}

TEST(DslBuild, RefusesAJoinWithATableThatIsKeptNowhere) {
  TopologyBuilder flow("joins");
  const auto posts = flow.TableFrom(kPosts);
  flow.From(kCounts).Join(posts, [](int64_t, const std::string& post) { return post; }).To(kPosts);
  EXPECT_THAT(Refusal(std::move(flow)), HasSubstr("Join looks into the table \"table-1\", which is "
                                                  "kept in no store; give the table a store"));
}

TEST(DslBuild, RefusesToGroupATableThatIsKeptNowhere) {
  TopologyBuilder flow("groups");
  flow.TableFrom(kPosts)
      .GroupBy("by-text",
               [](const std::string& post) {
                 return KeyValue{post, post};
               })
      .Count("counts");
  EXPECT_THAT(Refusal(std::move(flow)),
              HasSubstr("GroupBy \"by-text\" needs the rows before the updates of the table "
                        "\"table-1\", which is kept in no store; give the table a store"));
}

TEST(DslBuild, RefusesAJoinOfTablesThatAreKeptNowhere) {
  TopologyBuilder flow("joins");
  const auto posts = flow.TableFrom(kPosts);
  const auto counts = flow.TableFrom(kCounts);
  posts.Join(counts, [](const std::string& post, int64_t) { return post; });
  EXPECT_THAT(Refusal(std::move(flow)), AllOf(HasSubstr("Join looks into the table \"table-1\""),
                                              HasSubstr("Join looks into the table \"table-3\"")));
}

TEST(DslBuild, RefusesToRepartitionWhatHasNoSerde) {
  TopologyBuilder flow("no-serde");
  flow.From(kLikes)
      .SelectKey(&Like::post)
      .MapValues([](const Like& like) { return NoSerde{like.weight}; })
      .GroupByKey()
      .Count("counts");
  EXPECT_THAT(Refusal(std::move(flow)), HasSubstr("repartition \"counts\" writes records whose "
                                                  "value type has no Serde"));
}

TEST(DslBuild, WhatOnlyPassesBetweenStepsNeedsNoSerde) {
  TopologyBuilder flow("passing");
  flow.From(kLikes)
      .MapValues([](const Like& like) { return NoSerde{like.weight}; })
      .GroupByKey()
      .Count("counts");
  EXPECT_TRUE(std::move(flow).Build().ok());
}

TEST(DslBuild, RefusesStreamsOfTwoBuildersInBoth) {
  TopologyBuilder one("one");
  TopologyBuilder two("two");
  one.From(kLikes).Merge(two.From(kLikes)).To(kMoreLikes);
  EXPECT_THAT(Refusal(std::move(one)), HasSubstr("Merge combines streams of two builders"));
  EXPECT_THAT(Refusal(std::move(two)), HasSubstr("Merge combines streams of two builders"));
}

TEST(DslBuild, RefusesATopicReadTwiceWithTimesThatMayDiffer) {
  TopologyBuilder flow("times");
  flow.From(kLikes, {.timestamp = &Like::liked_at}).ForEach([](const Like&) {});
  flow.From(kLikes, {.timestamp = &Like::liked_at}).ForEach([](const Like&) {});
  EXPECT_THAT(Refusal(std::move(flow)),
              HasSubstr("topic \"likes\" is read twice with a timestamp function"));
}

TEST(DslBuild, RefusesProcessorsWithoutNameOrStore) {
  struct Drop : Processor<std::string, Like, std::string, Like> {
    void Process(const Record<std::string, Like>&, Context&) override {}
  };
  TopologyBuilder flow("processors");
  flow.From(kLikes).Process<Drop>("", {"missing"});
  EXPECT_THAT(Refusal(std::move(flow)), AllOf(HasSubstr("Process has an empty name"),
                                              HasSubstr("uses the store \"missing\"")));
}

TEST(DslBuild, KeepsTheErrorPolicy) {
  TopologyBuilder flow("policy", {.errors = ErrorPolicy::Skip()});
  flow.From(kLikes).ForEach([](const Like&) {});
  const absl::StatusOr<Topology> topology = std::move(flow).Build();
  ASSERT_TRUE(topology.ok()) << topology.status();
  EXPECT_EQ(topology->data().errors.action(), ErrorPolicy::Action::kSkip);
}

TEST(DslBuildDeathTest, ExtendingABuiltTopologyIsABug) {
  TopologyBuilder flow("late");
  const auto likes = flow.From(kLikes);
  likes.ForEach([](const Like&) {});
  ASSERT_TRUE(std::move(flow).Build().ok());
  EXPECT_DEATH(likes.ForEach([](const Like&) {}), "extended after its topology was built");
}

}  // namespace
}  // namespace millrace::dsl_test
