// What is checked about topics before an engine starts.
#include "runtime/topic_setup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "millrace/memory_log.h"
#include "millrace/millrace.h"

namespace millrace {
namespace {

using testing::HasSubstr;

const Topic<std::string, std::string> kIn("in");
const Topic<std::string, int64_t> kOut("out");

Topology Counts() {
  TopologyBuilder flow("counts");
  flow.From(kIn)
      .GroupBy("by-value", [](const std::string& value) { return value; })
      .Count("count-of-value")
      .ToStream()
      .To(kOut);
  return *std::move(flow).Build();
}

class TopicSetupTest : public testing::Test {
 protected:
  std::string Refusal() {
    return std::string(SetUpTopics(topology_.data(),
                                   {.application = "counts", .default_partitions = 2}, log_.get())
                           .status()
                           .message());
  }

  const Topology topology_ = Counts();
  const std::unique_ptr<Log> log_ = NewMemoryLog();
};

TEST_F(TopicSetupTest, RefusesAChangelogThatDeletes) {
  ASSERT_TRUE(log_->CreateTopic("counts-count-of-value-changelog", {.partitions = 2}).ok());
  EXPECT_THAT(Refusal(),
              HasSubstr("counts-count-of-value-changelog has cleanup.policy=delete and needs "
                        "compact"));
}

TEST_F(TopicSetupTest, RefusesARepartitionTopicThatForgets) {
  ASSERT_TRUE(log_->CreateTopic("counts-by-value-repartition",
                                {.partitions = 2, .retention = Duration(60'000)})
                  .ok());
  EXPECT_THAT(Refusal(), HasSubstr("counts-by-value-repartition has retention.ms=60000 and needs "
                                   "-1"));
}

TEST_F(TopicSetupTest, RefusesAnInputThatHasGrown) {
  ASSERT_EQ(Refusal(), "");
  ASSERT_TRUE(log_->AddPartitions("in", 3).ok());
  EXPECT_THAT(Refusal(), HasSubstr("it has 2 partitions, the topology's inputs have 3"));
}

}  // namespace
}  // namespace millrace
