#include "source/partition_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "millrace/memory_log.h"
#include "millrace/status.h"

namespace millrace {
namespace {

using testing::ElementsAre;

class PartitionGroupTest : public testing::Test {
 protected:
  void SetUp() override {
    source_.name = "source";
    source_.key = detail::CodecOf<std::string>();
    source_.value = detail::CodecOf<int32_t>();
  }

  void MakeGroup(std::vector<std::string> topics, PartitionGroup::Options options = {}) {
    group_ = std::make_unique<PartitionGroup>(reader_.get(), options);
    for (const std::string& topic : topics) {
      ASSERT_TRUE(log_->CreateTopic(topic, {}).ok());
      ASSERT_TRUE(reader_->Assign({topic, PartitionId(0)}, Offset(0)).ok());
      group_->Add(std::make_unique<RecordQueue>(TopicPartition{topic, PartitionId(0)}, &source_,
                                                Offset(0), kNoTimestamp, &dropped_, &clock_));
    }
  }

  void Append(const std::string& topic, std::vector<int64_t> timestamps,
              std::string_view value = std::string_view("\0\0\0\1", 4)) {
    for (int64_t timestamp : timestamps) {
      const TopicHandle handle = *producer_->OpenTopic(topic);
      ASSERT_TRUE(producer_
                      ->Produce(handle, PartitionId(0),
                                {.value = value, .timestamp = TimestampFromMillis(timestamp)})
                      .ok());
    }
    ASSERT_TRUE(producer_->Commit({}).ok());
  }

  // Takes everything; "topic@time" in the order of the choice.
  std::vector<std::string> TakeAll(std::chrono::nanoseconds now = {}) {
    std::vector<std::string> taken;
    EXPECT_TRUE(group_->Refill().ok());
    while (RecordQueue* queue = group_->Next(now)) {
      taken.push_back(queue->partition().topic + "@" +
                      std::to_string(ToMillis(queue->head_timestamp())) +
                      (queue->error().ok() ? "" : "!"));
      EXPECT_TRUE(group_->Pop(queue).ok());
    }
    return taken;
  }

  std::unique_ptr<Log> log_ = NewMemoryLog();
  std::unique_ptr<LogProducer> producer_ = *log_->NewProducer({});
  std::unique_ptr<LogReader> reader_ = *log_->NewReader();
  detail::NodeSpec source_;
  Counter dropped_;
  ManualClock clock_;
  std::unique_ptr<PartitionGroup> group_;
};

TEST_F(PartitionGroupTest, TakesTheSmallestTimestampFirst) {
  MakeGroup({"a", "b"});
  Append("a", {10, 40});
  Append("b", {20, 30});
  EXPECT_THAT(TakeAll(), ElementsAre("a@10", "b@20", "b@30", "a@40"));
}

TEST_F(PartitionGroupTest, CallsARecordTooFarInTheFuturePoisonInItsPlace) {
  const ManualClock clock(TimestampFromMillis(1000));
  ASSERT_TRUE(log_->CreateTopic("a", {}).ok());
  ASSERT_TRUE(reader_->Assign({"a", PartitionId(0)}, Offset(0)).ok());
  group_ = std::make_unique<PartitionGroup>(reader_.get(), PartitionGroup::Options());
  group_->Add(std::make_unique<RecordQueue>(TopicPartition{"a", PartitionId(0)}, &source_,
                                            Offset(0), kNoTimestamp, &dropped_, &clock,
                                            FutureLimit(&clock, Duration(500))));
  constexpr int64_t kYear9999 = 253'370'764'800'000;
  Append("a", {1, kYear9999, 1500, 1501});
  EXPECT_THAT(TakeAll(), ElementsAre("a@1", "a@1!", "a@1500", "a@1500!"));
  EXPECT_EQ(group_->stream_time(), TimestampFromMillis(1500));
}

TEST_F(PartitionGroupTest, TreatsNegativeTimesAsTheSourceSays) {
  source_.invalid_timestamp = InvalidTimestamp::kPartitionTime;
  MakeGroup({"a"});
  Append("a", {-5, 7, -3});
  EXPECT_THAT(TakeAll(), ElementsAre("a@0!", "a@7", "a@7"));
  source_.invalid_timestamp = InvalidTimestamp::kPoison;
  MakeGroup({"b"});
  Append("b", {-5, 7, -3});
  EXPECT_THAT(TakeAll(), ElementsAre("b@0!", "b@7", "b@7!"));
  EXPECT_EQ(dropped_.value(), 0);
}

TEST_F(PartitionGroupTest, TakesTurnsAmongEqualTimestamps) {
  MakeGroup({"a", "b"});
  Append("a", {1, 1});
  Append("b", {1, 1});
  const auto taken = TakeAll();
  ASSERT_EQ(taken.size(), 4u);
  EXPECT_NE(taken[0], taken[1]);
  EXPECT_NE(taken[1], taken[2]);
}

TEST_F(PartitionGroupTest, KeepsTheOrderOfAPartitionWhateverItsTimestamps) {
  MakeGroup({"a"});
  Append("a", {30, 10, 20});
  EXPECT_THAT(TakeAll(), ElementsAre("a@30", "a@10", "a@20"));
  EXPECT_EQ(group_->stream_time(), TimestampFromMillis(30));
}

TEST_F(PartitionGroupTest, DropsAndCountsNegativeTimestamps) {
  MakeGroup({"a"});
  Append("a", {-5, 10});
  EXPECT_THAT(TakeAll(), ElementsAre("a@10"));
  EXPECT_EQ(dropped_.value(), 1);
}

TEST_F(PartitionGroupTest, ARecordThatDoesNotDecodeKeepsItsPlace) {
  MakeGroup({"a"});
  Append("a", {10});
  Append("a", {20}, "not four bytes");
  Append("a", {30});
  EXPECT_THAT(TakeAll(), ElementsAre("a@10", "a@20!", "a@30"));
}

TEST_F(PartitionGroupTest, TakesTheClocksTimeWhereTheSourceSaysSo) {
  source_.wall_clock_time = true;
  MakeGroup({"a"});
  clock_.Advance(Duration(500));
  Append("a", {10, -5, 9'000'000});
  EXPECT_THAT(TakeAll(), ElementsAre("a@500", "a@500", "a@500"));
}

TEST_F(PartitionGroupTest, WaitsForAnEmptyPartitionAsLongAsItWasTold) {
  MakeGroup({"a", "b"}, {.max_idle = Duration(100)});
  Append("a", {10});
  EXPECT_THAT(TakeAll(std::chrono::milliseconds(0)), ElementsAre());
  EXPECT_THAT(TakeAll(std::chrono::milliseconds(99)), ElementsAre());
  EXPECT_THAT(TakeAll(std::chrono::milliseconds(100)), ElementsAre("a@10"));
}

// A reader whose records come later than they are asked for, as over a network.
class SlowReader : public LogReader {
 public:
  explicit SlowReader(LogReader* inner) : inner_(inner) {}
  absl::Status Assign(const TopicPartition& partition, Offset start) override {
    return inner_->Assign(partition, start);
  }
  void Unassign(const TopicPartition& partition) override { inner_->Unassign(partition); }
  absl::StatusOr<RecordBatch> Fetch(const TopicPartition& partition, size_t max_bytes) override {
    if (partition.topic != slow_) return inner_->Fetch(partition, max_bytes);
    RecordBatch nothing;
    nothing.at_end = false;
    return nothing;
  }
  void Wait(Duration timeout) override { inner_->Wait(timeout); }
  void Wake() override { inner_->Wake(); }

  std::string slow_;

 private:
  LogReader* const inner_;
};

TEST_F(PartitionGroupTest, WaitsForWhatIsOnItsWayHoweverShortTheIdleTime) {
  auto inner = *log_->NewReader();
  auto owned = std::make_unique<SlowReader>(inner.get());
  SlowReader* slow = owned.get();
  reader_ = std::move(owned);
  slow->slow_ = "b";
  MakeGroup({"a", "b"});
  Append("a", {10, 40});
  Append("b", {20, 30});
  EXPECT_THAT(TakeAll(), ElementsAre());
  slow->slow_.clear();
  EXPECT_THAT(TakeAll(), ElementsAre("a@10", "b@20", "b@30", "a@40"));
}

TEST_F(PartitionGroupTest, DoesNotWaitForWhatIsOnItsWayWhenItIsNotToLook) {
  auto inner = *log_->NewReader();
  auto owned = std::make_unique<SlowReader>(inner.get());
  owned->slow_ = "b";
  reader_ = std::move(owned);
  MakeGroup({"a", "b"}, {.max_idle = Duration(-1)});
  Append("a", {10});
  Append("b", {5});
  EXPECT_THAT(TakeAll(), ElementsAre("a@10"));
}

TEST_F(PartitionGroupTest, DoesNotWaitOnceEveryPartitionHasRecords) {
  MakeGroup({"a", "b"}, {.max_idle = Duration(100)});
  Append("a", {10});
  EXPECT_THAT(TakeAll(std::chrono::milliseconds(0)), ElementsAre());
  Append("b", {5});
  EXPECT_THAT(TakeAll(std::chrono::milliseconds(1)), ElementsAre("b@5"));
}

TEST_F(PartitionGroupTest, APositionIsTheFirstOffsetThatIsNotDone) {
  MakeGroup({"a"});
  Append("a", {1, 2});
  ASSERT_TRUE(group_->Refill().ok());
  const RecordQueue& queue = *group_->queues()[0];
  EXPECT_EQ(queue.position(), Offset(0));
  ASSERT_TRUE(group_->Pop(group_->Next({})).ok());
  EXPECT_EQ(queue.position(), Offset(1));
  ASSERT_TRUE(group_->Pop(group_->Next({})).ok());
  EXPECT_EQ(queue.position(), Offset(2));
}

}  // namespace
}  // namespace millrace
