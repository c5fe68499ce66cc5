#include "connectors/kafka/src/kafka_task_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/kafka/mock_brokers.h"

namespace millrace::kafka {
namespace {

using testing::ElementsAre;
using Kind = TaskGroupEvent::Kind;

constexpr int16_t kHeartbeat = 12;

class TaskGroupOfMockBrokers : public testing::Test {
 protected:
  void SetUp() override {
    for (const std::string& topic : {TaskTopic(options_), LeaversTopic(options_)}) {
      ASSERT_EQ(rd_kafka_mock_topic_create(brokers_.get(), topic.c_str(), 2, 1),
                RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    CoordinateAt(1);
    auto cluster = Cluster::Connect(brokers_.settings());
    ASSERT_TRUE(cluster.ok()) << cluster.status();
    cluster_ = *std::move(cluster);
    auto group = KafkaTaskGroup::Join(cluster_, options_);
    ASSERT_TRUE(group.ok()) << group.status();
    group_ = *std::move(group);
    const auto event = Next();
    ASSERT_TRUE(event.ok()) << event.status();
    ASSERT_EQ(event->kind, Kind::kAssigned);
  }

  void CoordinateAt(int32_t broker) {
    rd_kafka_mock_coordinator_set(brokers_.get(), "group", options_.group.c_str(), broker);
  }
  // The broker says of the next heartbeat that somebody else is this instance.
  void FenceHeartbeatAt(int32_t broker) {
    rd_kafka_mock_broker_push_request_error_rtts(brokers_.get(), broker, kHeartbeat, 1,
                                                 RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, 0);
  }
  absl::StatusOr<TaskGroupEvent> Next() {
    for (int polls = 0; polls < 300; ++polls) {
      absl::StatusOr<TaskGroupEvent> event = group_->Poll(Duration(100));
      if (!event.ok()) return event;
      if (event->kind == Kind::kNone) continue;
      if (absl::Status status = group_->Acknowledge(); !status.ok()) return status;
      return event;
    }
    return absl::DeadlineExceededError("nothing happens");
  }

  // With the tasks that it had.
  void ExpectToJoinAgain() {
    const auto lost = Next();
    ASSERT_TRUE(lost.ok()) << lost.status();
    EXPECT_EQ(lost->kind, Kind::kLost);
    EXPECT_THAT(lost->tasks, ElementsAre(0, 1));
    const auto assigned = Next();
    ASSERT_TRUE(assigned.ok()) << assigned.status();
    EXPECT_EQ(assigned->kind, Kind::kAssigned);
    EXPECT_THAT(assigned->tasks, ElementsAre(0, 1));
  }

  const TaskGroupOptions options_{.group = "app",
                                  .tasks = 2,
                                  .plan = "p",
                                  .instance_id = "me",
                                  .heartbeat_interval = Duration(100)};
  MockBrokers brokers_{2};
  std::shared_ptr<Cluster> cluster_;
  std::unique_ptr<TaskGroup> group_;
};

TEST_F(TaskGroupOfMockBrokers, AMemberThatANewCoordinatorTakesForAnImpostorJoinsAgain) {
  FenceHeartbeatAt(2);
  CoordinateAt(2);
  ExpectToJoinAgain();
}

TEST_F(TaskGroupOfMockBrokers, AMemberThatIsFencedAgainAndAgainHasATwin) {
  for (int fences = 0; fences < 2; ++fences) {
    FenceHeartbeatAt(1);
    ExpectToJoinAgain();
  }
  FenceHeartbeatAt(1);
  const auto event = Next();
  ASSERT_TRUE(absl::IsAborted(event.status())) << event.status();
  EXPECT_THAT(std::string(event.status().message()), testing::HasSubstr("instance 'me'"));
}

}  // namespace
}  // namespace millrace::kafka
