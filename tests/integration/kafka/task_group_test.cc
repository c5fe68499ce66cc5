// Task groups on real brokers: who has which task, and whose commits count.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "integration/kafka/kafka_testing.h"

namespace millrace {
namespace {

using Kind = TaskGroupEvent::Kind;
using log_testing::Must;
using testing::ElementsAre;

constexpr int kTasks = 6;

class KafkaTaskGroupTest : public kafka_testing::KafkaTest {
 protected:
  TaskGroupOptions Options(const std::string& instance) const {
    return {.group = prefix_ + "app",
            .tasks = kTasks,
            .plan = "0a1b2c3d",
            .instance_id = instance,
            .heartbeat_interval = Duration(100)};
  }
  std::unique_ptr<TaskGroup> Join(const std::string& instance) {
    return Must(kafka_->JoinTaskGroup(Options(instance)));
  }

  // Answers every step of all these members until each has had an assignment that it still has and
  // their sizes are as expected.
  void Settle(const std::vector<TaskGroup*>& members, const std::vector<size_t>& sizes) {
    std::vector<std::vector<int32_t>> now(members.size());
    std::vector<bool> assigned(members.size(), false);
    const auto settled = [&] {
      for (size_t i = 0; i < members.size(); ++i) {
        if (!assigned[i] || now[i].size() != sizes[i]) return false;
      }
      return true;
    };
    for (int round = 0; round < 2000 && !settled(); ++round) {
      for (size_t i = 0; i < members.size(); ++i) {
        const TaskGroupEvent event = Must(members[i]->Poll(Duration(10)));
        if (event.kind == Kind::kNone) continue;
        assigned[i] = event.kind == Kind::kAssigned;
        if (event.kind == Kind::kAssigned) now[i] = event.tasks;
        ASSERT_TRUE(members[i]->Acknowledge().ok());
      }
    }
    ASSERT_TRUE(settled());
    tasks_ = now;
  }

  absl::Status CommitAs(const std::string& identity, int64_t offset) {
    auto producer = Must(kafka_->NewProducer({}));
    CommitRequest request{.group = prefix_ + "app", .consumed = {}, .member = identity};
    request.consumed[{prefix_ + "in", PartitionId(0)}] = {Offset(offset), ""};
    return producer->Commit(request).status();
  }

  void SetUp() override { log_testing::MustBeOk(kafka_->CreateTopic(prefix_ + "in", {})); }

  std::unique_ptr<Log> kafka_ = Must(kafka::OpenKafkaLog(kafka_testing::BrokersUrl(), {}));
  std::vector<std::vector<int32_t>> tasks_;
};

TEST_F(KafkaTaskGroupTest, TheFirstMemberHasAllTasksAndASecondOneHalfOfThem) {
  const auto a = Join("a");
  Settle({a.get()}, {6});
  EXPECT_THAT(tasks_[0], ElementsAre(0, 1, 2, 3, 4, 5));
  const auto b = Join("b");
  Settle({a.get(), b.get()}, {3, 3});
}

TEST_F(KafkaTaskGroupTest, CommitsOfAMemberCountUntilTheGroupGoesOnWithoutIt) {
  const auto a = Join("a");
  Settle({a.get()}, {6});
  const std::string old = Must(a->Identity());
  EXPECT_TRUE(CommitAs(old, 1).ok());
  const auto b = Join("b");
  Settle({a.get(), b.get()}, {3, 3});
  const absl::Status refused = CommitAs(old, 2);
  EXPECT_TRUE(absl::IsUnavailable(refused)) << refused;
  EXPECT_TRUE(CommitAs(Must(a->Identity()), 3).ok());
  const GroupOffsets offsets = Must(kafka_->CommittedOffsets(prefix_ + "app"));
  EXPECT_EQ(offsets.begin()->second.next, Offset(3));
}

TEST_F(KafkaTaskGroupTest, WhoHasNotJoinedHasNoIdentity) {
  const auto a = Join("a");
  EXPECT_TRUE(absl::IsUnavailable(a->Identity().status()));
}

TEST_F(KafkaTaskGroupTest, AnInstanceThatComesBackGetsItsTasksAndTheOthersAreNotDisturbed) {
  const auto a = Join("a");
  auto b = Join("b");
  Settle({a.get(), b.get()}, {3, 3});
  const std::vector<int32_t> had = tasks_[1];
  b.reset();
  b = Join("b");
  Settle({b.get()}, {3});
  EXPECT_EQ(tasks_[0], had);
  EXPECT_EQ(Must(a->Poll(Duration(0))).kind, Kind::kNone);
}

TEST_F(KafkaTaskGroupTest, AStaticMemberThatLeavesHandsOverAtOnce) {
  const auto a = Join("a");
  const auto b = Join("b");
  Settle({a.get(), b.get()}, {3, 3});
  std::thread others([&] { Settle({a.get()}, {6}); });
  EXPECT_TRUE(b->Leave().ok());
  others.join();
}

TEST_F(KafkaTaskGroupTest, ASecondProcessOfTheSameInstanceTakesThePlaceOfTheFirst) {
  const auto a = Join("a");
  Settle({a.get()}, {6});
  const std::string old = Must(a->Identity());
  const auto twin = Join("a");
  Settle({twin.get()}, {6});
  EXPECT_FALSE(CommitAs(old, 1).ok());
  // It does not believe it at once.
  absl::Status fenced;
  for (int i = 0; i < 1500 && fenced.ok(); ++i) {
    log_testing::MustBeOk(twin->Poll(Duration(10)).status());
    log_testing::MustBeOk(twin->Acknowledge());
    fenced = a->Poll(Duration(10)).status();
    if (fenced.ok()) log_testing::MustBeOk(a->Acknowledge());
  }
  EXPECT_TRUE(absl::IsAborted(fenced)) << fenced;
  EXPECT_THAT(std::string(fenced.message()), testing::HasSubstr("its own state directory"));
}

TEST_F(KafkaTaskGroupTest, TheBrokersKnowTheMembersAndTheirTasks) {
  const auto a = Join("a");
  const auto b = Join("b");
  Settle({a.get(), b.get()}, {3, 3});
  const std::vector<TaskGroupMember> members = Must(b->Members());
  ASSERT_EQ(members.size(), 2u);
  for (const TaskGroupMember& member : members) {
    EXPECT_EQ(member.is_this, member.instance_id == "b");
    EXPECT_EQ(member.tasks.size(), 3u);
  }
  EXPECT_EQ(Must(kafka_->DescribeGroup(prefix_ + "app")).state, "Stable");
}

}  // namespace
}  // namespace millrace
