#include "runtime/task_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "millrace/copartition.h"
#include "millrace/millrace.h"
#include "millrace/status.h"

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Topic<std::string, std::string> kLeft("left");
const Topic<std::string, std::string> kRight("right");
const Topic<std::string, int64_t> kOut("out");

std::string Self(const std::string& value) { return value; }
std::string Both(const std::string& a, const std::string& b) { return a + b; }

Topology Built(TopologyBuilder flow) {
  absl::StatusOr<Topology> topology = std::move(flow).Build();
  MR_CHECK(topology.ok(), topology.status().ToString());
  return *std::move(topology);
}

std::function<std::optional<int32_t>(const std::string&)> Counts(
    std::map<std::string, int32_t> counts) {
  return [counts](const std::string& topic) -> std::optional<int32_t> {
    const auto it = counts.find(topic);
    if (it == counts.end()) return std::nullopt;
    return it->second;
  };
}

std::vector<std::string> Names(const TaskPlan& plan) {
  std::vector<std::string> names;
  for (const InternalTopic& topic : plan.internal_topics) {
    names.push_back(topic.name + ":" + std::to_string(topic.config.partitions));
  }
  return names;
}

TEST(TaskPlan, ARepartitionTopicIsAsWideAsTheWidestSourceUpstream) {
  TopologyBuilder flow("app");
  flow.From({kLeft, kRight}).GroupBy("by-value", Self).Count("counts").ToStream().To(kOut);
  const Topology topology = Built(std::move(flow));
  const auto plan = PlanTasks(topology.data(), "app", Counts({{"left", 3}, {"right", 5}}));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(Names(*plan), ElementsAre("app-by-value-repartition:5", "app-counts-changelog:5"));
  EXPECT_EQ(plan->tasks.size(), 10u);
}

TEST(TaskPlan, ARepartitionTopicIsAsWideAsTheTopicThatItIsCoPartitionedWith) {
  TopologyBuilder flow("app");
  const auto left = flow.From(kLeft);
  const auto right = flow.From(kRight).Repartition("requests");
  CoPartition(left, right, "they share a store");
  left.Merge(right).To(Topic<std::string, std::string>("out"));
  const Topology topology = Built(std::move(flow));
  const auto plan = PlanTasks(topology.data(), "app", Counts({{"left", 7}, {"right", 2}}));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(Names(*plan), ElementsAre("app-requests-repartition:7"));
}

TEST(TaskPlan, OutsideTopicsThatAreCoPartitionedMustBeOfOneWidth) {
  TopologyBuilder flow("app");
  const auto left = flow.From(kLeft);
  const auto right = flow.From(kRight);
  CoPartition(left, right, "they share a store");
  left.Merge(right).To(Topic<std::string, std::string>("out"));
  const Topology topology = Built(std::move(flow));
  const auto plan = PlanTasks(topology.data(), "app", Counts({{"left", 7}, {"right", 2}}));
  EXPECT_EQ(plan.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(plan.status().message(), HasSubstr("they share a store"));
}

TEST(TaskPlan, ARepartitionTopicOfAJoinIsAsWideAsTheTopicItIsJoinedWith) {
  TopologyBuilder flow("app");
  const auto table = flow.TableFrom(kRight, "table");
  flow.From(kLeft).SelectKey(Self).Join("left-by-value", table, Both).To(kRight);
  const Topology topology = Built(std::move(flow));
  const auto plan = PlanTasks(topology.data(), "app", Counts({{"left", 2}, {"right", 7}}));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(Names(*plan), testing::Contains("app-left-by-value-repartition:7"));
}

TEST(TaskPlan, RefusesToJoinTopicsOfDifferentWidth) {
  TopologyBuilder flow("app");
  const auto table = flow.TableFrom(kRight, "table");
  flow.From(kLeft).Join(table, Both).To(kRight);
  const Topology topology = Built(std::move(flow));
  const auto plan = PlanTasks(topology.data(), "app", Counts({{"left", 2}, {"right", 7}}));
  EXPECT_EQ(plan.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(plan.status().message()), HasSubstr("left has 2"));
  EXPECT_THAT(std::string(plan.status().message()), HasSubstr("right has 7"));
}

TEST(TaskPlan, NamesEveryMissingSourceTopic) {
  TopologyBuilder flow("app");
  flow.From({kLeft, kRight}).GroupByKey().Count("counts").ToStream().To(kOut);
  const Topology topology = Built(std::move(flow));
  const auto plan = PlanTasks(topology.data(), "app", Counts({}));
  EXPECT_EQ(plan.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(plan.status().message()), HasSubstr("left, right"));
}

TEST(TaskPlan, AWindowStoresChangelogIsKeptADayLongerThanTheWindows) {
  TopologyBuilder flow("app");
  flow.From(kLeft)
      .GroupByKey()
      .Window(Tumbling{.size = Duration(60'000), .grace = Duration(0)})
      .Count("windows")
      .ToStream();
  const Topology topology = Built(std::move(flow));
  const auto plan = PlanTasks(topology.data(), "app", Counts({{"left", 1}}));
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->internal_topics.size(), 1u);
  EXPECT_EQ(plan->internal_topics[0].config.cleanup, Cleanup::kCompactAndDelete);
  EXPECT_GE(plan->internal_topics[0].config.retention, std::chrono::hours(24));
}

}  // namespace
}  // namespace millrace
