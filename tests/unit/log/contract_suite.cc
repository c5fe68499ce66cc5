// What every Log promises. Offsets may have gaps (a log may write markers of its own), and readers
// may get records in the background: what holds beyond that is in the tests of the single logs.
#include "unit/log/contract_suite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace millrace::log_testing {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_P(LogContract, RecordsComeBackAsTheyWereProduced) {
  MustBeOk(log_->CreateTopic("t", {.partitions = 2}));
  auto producer = Must(log_->NewProducer({}));
  const Headers headers = {{"h", "1"}, {"h", std::nullopt}, {"", ""}};
  MustBeOk(Put(producer.get(), At("t", 1),
               {.key = "", .value = std::nullopt, .timestamp = TimestampFromMillis(INT64_MIN)}));
  MustBeOk(Put(producer.get(), At("t", 1),
               {.value = std::string_view("\0x", 2),
                .timestamp = TimestampFromMillis(INT64_MAX),
                .headers = &headers}));
  MustBeOk(Put(producer.get(), At("t", 1), {.value = "", .timestamp = kNoTimestamp}));
  MustBeOk(producer->Commit({}).status());
  std::string encoded;
  AppendHeaders(headers, &encoded);
  EXPECT_THAT(Records(At("t", 1)),
              ElementsAre(Stored{Offset(0), "", std::nullopt, TimestampFromMillis(INT64_MIN), ""},
                          Stored{Offset(1), std::nullopt, std::string("\0x", 2),
                                 TimestampFromMillis(INT64_MAX), encoded},
                          Stored{Offset(2), std::nullopt, "", kNoTimestamp, ""}));
  EXPECT_THAT(Read(At("t", 0)), IsEmpty());
}

TEST_P(LogContract, NothingIsVisibleBeforeCommitAndAllOfItAfter) {
  MustBeOk(log_->CreateTopic("a", {}));
  MustBeOk(log_->CreateTopic("b", {}));
  auto producer = Must(log_->NewProducer({}));
  MustBeOk(Put(producer.get(), At("a"), {.value = "1"}));
  MustBeOk(Put(producer.get(), At("b"), {.value = "2"}));
  MustBeOk(Put(producer.get(), At("a"), {.value = "3"}));
  EXPECT_GT(producer->PendingBytes(), 0u);
  EXPECT_THAT(Read(At("a")), IsEmpty());
  const auto ranges =
      Must(producer->Commit({.group = "g", .consumed = {{At("b"), {Offset(7), "m"}}}}));
  EXPECT_EQ(producer->PendingBytes(), 0u);
  EXPECT_THAT(Read(At("a")), ElementsAre("1", "3"));
  EXPECT_THAT(Read(At("b")), ElementsAre("2"));
  ASSERT_EQ(ranges.size(), 2u);
  for (const ProducedRange& range : ranges) {
    EXPECT_EQ(range.first, Offset(0));
    EXPECT_EQ(range.end, Offset(range.partition == At("a") ? 2 : 1));
  }
  EXPECT_EQ(Must(log_->CommittedOffsets("g")), (GroupOffsets{{At("b"), {Offset(7), "m"}}}));
}

TEST_P(LogContract, PositionsAreReadForTheWholeGroupOrForSomePartitions) {
  MustBeOk(log_->CreateTopic("t", {.partitions = 3}));
  const GroupOffsets all = {{At("t", 0), {Offset(1), "a"}}, {At("t", 1), {Offset(2), "b"}}};
  MustBeOk(log_->ResetOffsets("g", all));
  EXPECT_EQ(Must(log_->CommittedOffsets("g")), all);
  EXPECT_EQ(Must(log_->CommittedOffsetsOf("g", {At("t", 1), At("t", 2)})),
            (GroupOffsets{{At("t", 1), {Offset(2), "b"}}}));
  EXPECT_THAT(Must(log_->CommittedOffsetsOf("g", {})), IsEmpty());
}

TEST_P(LogContract, AnAbortedTransactionLeavesNoTrace) {
  MustBeOk(log_->CreateTopic("t", {}));
  auto producer = Must(log_->NewProducer({}));
  MustBeOk(Put(producer.get(), At("t"), {.value = "dropped"}));
  MustBeOk(producer->Abort());
  EXPECT_EQ(producer->PendingBytes(), 0u);
  MustBeOk(Put(producer.get(), At("t"), {.value = "kept"}));
  MustBeOk(producer->Commit({}).status());
  MustBeOk(Put(producer.get(), At("t"), {.value = "dropped with its producer"}));
  producer.reset();
  MustBeOk(Append(log_.get(), At("t"), {"kept, too"}));
  EXPECT_THAT(Read(At("t")), ElementsAre("kept", "kept, too"));
}

TEST_P(LogContract, ANewerProducerFencesTheOlderOneOfTheSameId) {
  MustBeOk(log_->CreateTopic("t", {}));
  auto older = Must(log_->NewProducer({.transactional_id = "w"}));
  auto other = Must(log_->NewProducer({.transactional_id = "x"}));
  auto newer = Must(log_->NewProducer({.transactional_id = "w"}));
  for (LogProducer* producer : {older.get(), other.get(), newer.get()}) {
    MustBeOk(Put(producer, At("t"), {.value = producer == older.get() ? "old" : "new"}));
  }
  const absl::Status fenced = older->Commit({.group = "g", .consumed = {{At("t"), {}}}}).status();
  EXPECT_TRUE(absl::IsAborted(fenced)) << fenced;
  MustBeOk(other->Commit({}).status());
  MustBeOk(newer->Commit({}).status());
  EXPECT_THAT(Read(At("t")), ElementsAre("new", "new"));
  EXPECT_THAT(Must(log_->CommittedOffsets("g")), IsEmpty());
}

TEST_P(LogContract, FetchGivesAboutAsManyBytesAsAskedFor) {
  MustBeOk(log_->CreateTopic("t", {}));
  std::vector<std::string> values;
  for (int i = 0; i < 500; ++i) values.push_back(std::to_string(i) + std::string(100, 'x'));
  MustBeOk(Append(log_.get(), At("t"), values));
  auto reader = Must(log_->NewReader());
  MustBeOk(reader->Assign(At("t"), Offset(0)));
  EXPECT_EQ(Must(FetchSome(reader.get(), At("t"), 0)).records.size(), 1u);
  const RecordBatch some = Must(FetchSome(reader.get(), At("t"), 1000));
  EXPECT_GT(some.records.size(), 3u);
  EXPECT_LT(some.records.size(), 20u);
  EXPECT_EQ(some.records[0].offset, Offset(1));
  EXPECT_EQ(some.next_offset, some.records.back().offset.Next());
  EXPECT_EQ(Read(At("t"), 0, 1000), values);
  EXPECT_EQ(Read(At("t"), 0, 0), values);
}

TEST_P(LogContract, AReaderStartsAtAnyOffsetAndFollowsTheEnd) {
  MustBeOk(log_->CreateTopic("t", {}));
  MustBeOk(Append(log_.get(), At("t"), {"0", "1", "2"}));
  MustBeOk(Append(log_.get(), At("t"), {"3", "4"}));
  const std::vector<Stored> all = Records(At("t"));
  ASSERT_THAT(Values(all), ElementsAre("0", "1", "2", "3", "4"));
  const Offset end = Bounds(At("t")).end;
  for (int64_t start = 0; start <= end.value(); ++start) {
    std::vector<Stored> behind = all;
    std::erase_if(behind, [&](const Stored& record) { return record.offset.value() < start; });
    EXPECT_EQ(Records(At("t"), start), behind);
  }
  auto reader = Must(log_->NewReader());
  MustBeOk(reader->Assign(At("t"), end));
  const RecordBatch nothing = Must(reader->Fetch(At("t"), 100));
  EXPECT_TRUE(nothing.empty());
  EXPECT_EQ(nothing.next_offset, end);
  MustBeOk(Append(log_.get(), At("t"), {"5"}));
  EXPECT_EQ(Must(FetchSome(reader.get(), At("t"), 100)).records.at(0).value, "5");
  MustBeOk(reader->Assign(At("t"), Offset(1)));
  EXPECT_EQ(Must(FetchSome(reader.get(), At("t"), 100)).records.at(0).value, "1");
}

TEST_P(LogContract, AReaderGetsToTheEndThatIsDescribed) {
  MustBeOk(log_->CreateTopic("t", {}));
  MustBeOk(Append(log_.get(), At("t"), {"0"}));
  auto dropped = Must(log_->NewProducer({}));
  MustBeOk(Put(dropped.get(), At("t"), {.value = "dropped"}));
  MustBeOk(dropped->Abort());
  auto reader = Must(log_->NewReader());
  MustBeOk(reader->Assign(At("t"), Offset(0)));
  Offset next;
  for (int i = 0; i < 100 && next < Bounds(At("t")).end; ++i) {
    next = Must(reader->Fetch(At("t"), 100)).next_offset;
    if (next < Bounds(At("t")).end) reader->Wait(Duration(100));
  }
  EXPECT_EQ(next, Bounds(At("t")).end) << "it can be committed and asked for";
}

TEST_P(LogContract, AssignOutsideOfThePartitionNamesOffsetBeginAndEnd) {
  MustBeOk(log_->CreateTopic("t", {}));
  MustBeOk(Append(log_.get(), At("t"), {"0", "1", "2", "3"}));
  MustBeOk(log_->DeleteRecordsBefore(At("t"), Offset(2)));
  const std::string end = std::to_string(Bounds(At("t")).end.value());
  auto reader = Must(log_->NewReader());
  for (int64_t start : {int64_t{1}, Bounds(At("t")).end.value() + 1}) {
    const absl::Status status = reader->Assign(At("t"), Offset(start));
    EXPECT_TRUE(absl::IsOutOfRange(status)) << status;
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr(std::to_string(start)), HasSubstr("2"), HasSubstr(end)));
  }
  EXPECT_TRUE(absl::IsNotFound(reader->Assign(At("t", 1), Offset(0))));
  EXPECT_TRUE(absl::IsNotFound(reader->Assign(At("u"), Offset(0))));
}

TEST_P(LogContract, DeletedRecordsAreGoneAndTheOthersKeepTheirOffsets) {
  MustBeOk(log_->CreateTopic("t", {}));
  MustBeOk(Append(log_.get(), At("t"), {"0", "1", "2", "3"}));
  MustBeOk(Append(log_.get(), At("t"), {"4"}));
  auto reader = Must(log_->NewReader());
  MustBeOk(reader->Assign(At("t"), Offset(0)));
  MustBeOk(log_->DeleteRecordsBefore(At("t"), Offset(3)));
  MustBeOk(log_->DeleteRecordsBefore(At("t"), Offset(1)));  // never back
  EXPECT_THAT(Read(At("t"), 3), ElementsAre("3", "4"));
  EXPECT_EQ(Bounds(At("t")).begin, Offset(3));
  const absl::Status late = FetchSome(reader.get(), At("t"), 100).status();
  EXPECT_TRUE(absl::IsOutOfRange(late)) << "a gap must not be skipped in silence: " << late;
  EXPECT_EQ(reader->Fetch(At("t"), 100).status(), late) << "nor at the second attempt";
  MustBeOk(log_->DeleteRecordsBefore(At("t"), Offset(100)));
  EXPECT_EQ(Bounds(At("t")).begin, Bounds(At("t")).end);
  MustBeOk(Append(log_.get(), At("t"), {"5"}));
  EXPECT_THAT(Read(At("t"), Bounds(At("t")).begin.value()), ElementsAre("5"));
}

TEST_P(LogContract, WaitEndsWhenAnAssignedPartitionGetsRecords) {
  MustBeOk(log_->CreateTopic("t", {}));
  auto reader = Must(log_->NewReader());
  MustBeOk(reader->Assign(At("t"), Offset(0)));
  std::thread producer([&] { MustBeOk(Append(log_.get(), At("t"), {"news"})); });
  size_t records = 0;
  while (records == 0) {
    records = Must(reader->Fetch(At("t"), 100)).records.size();
    if (records == 0) reader->Wait(std::chrono::hours(1));
  }
  producer.join();
}

TEST_P(LogContract, WakeEndsAWaitThatComesLater) {
  auto reader = Must(log_->NewReader());
  reader->Wake();
  reader->Wait(std::chrono::hours(1));
}

TEST_P(LogContract, WaitWithoutNewsEndsAfterItsTimeout) {
  auto reader = Must(log_->NewReader());
  reader->Wait(Duration(0));
}

TEST_P(LogContract, BytesStayValidAsLongAsTheBatchLives) {
  MustBeOk(log_->CreateTopic("t", {}));
  MustBeOk(Append(log_.get(), At("t"), {"a", "b"}));
  MustBeOk(Append(log_.get(), At("t"), {"c"}));
  // The reader behind them is gone when they come back.
  const std::vector<RecordBatch> batches =
      Must(FetchToEnd(log_.get(), At("t"), Offset(0), 1 << 20));
  MustBeOk(log_->DeleteTopic("t"));
  std::string all;
  for (const RecordBatch& batch : batches) {
    for (const RecordView& record : batch.records) all += *record.value;
  }
  EXPECT_EQ(all, "abc");
}

TEST_P(LogContract, TopicsAreListedDescribedAndDeleted) {
  const TopicConfig config = {.partitions = 3,
                              .cleanup = Cleanup::kCompactAndDelete,
                              .retention = Duration(5),
                              .retention_bytes = 7,
                              .purge_consumed = GetParam().describes_purging};
  MustBeOk(log_->CreateTopic("b", config));
  MustBeOk(log_->CreateTopic("a", {}));
  EXPECT_TRUE(absl::IsAlreadyExists(log_->CreateTopic("a", config)));
  EXPECT_TRUE(absl::IsInvalidArgument(log_->CreateTopic("c", {.partitions = 0})));
  EXPECT_THAT(Must(log_->ListTopics()), ElementsAre("a", "b"));
  const TopicDescription description = Must(log_->DescribeTopic("b"));
  EXPECT_EQ(description.name, "b");
  EXPECT_EQ(description.config, config);
  EXPECT_EQ(description.partitions.size(), 3u);
  MustBeOk(log_->ResetOffsets("g", {{At("b"), {Offset(1), ""}}, {At("a"), {Offset(2), ""}}}));
  MustBeOk(log_->DeleteTopic("b"));
  EXPECT_THAT(Must(log_->ListTopics()), ElementsAre("a"));
  EXPECT_THAT(Must(log_->CommittedOffsets("g")),
              testing::Contains(testing::Pair(At("a"), CommittedOffset{Offset(2), ""})));
  const absl::Status missing = log_->DescribeTopic("b").status();
  EXPECT_TRUE(absl::IsNotFound(missing));
  EXPECT_THAT(std::string(missing.message()), HasSubstr("'b'"));
  EXPECT_TRUE(absl::IsNotFound(log_->DeleteTopic("b")));
}

TEST_P(LogContract, AddedPartitionsAreReadableAndCountsNeverShrink) {
  MustBeOk(log_->CreateTopic("t", {}));
  MustBeOk(Append(log_.get(), At("t"), {"0"}));
  MustBeOk(log_->AddPartitions("t", 3));
  EXPECT_TRUE(absl::IsInvalidArgument(log_->AddPartitions("t", 2)));
  EXPECT_TRUE(absl::IsNotFound(log_->AddPartitions("u", 2)));
  MustBeOk(Append(log_.get(), At("t", 2), {"2"}));
  EXPECT_THAT(Read(At("t", 0)), ElementsAre("0"));
  EXPECT_THAT(Read(At("t", 2)), ElementsAre("2"));
  EXPECT_EQ(Must(log_->DescribeTopic("t")).config.partitions, 3);
}

TEST_P(LogContract, GroupsKeepTheirLatestPositionsAndMetadata) {
  MustBeOk(log_->CreateTopic("t", {.partitions = 2}));
  auto producer = Must(log_->NewProducer({}));
  const std::string metadata("\0m", 2);
  MustBeOk(producer
               ->Commit({.group = "g",
                         .consumed = {{At("t", 0), {Offset(1), metadata}},
                                      {At("t", 1), {Offset(5), ""}}}})
               .status());
  MustBeOk(producer->Commit({.group = "g", .consumed = {{At("t", 1), {Offset(6), "x"}}}}).status());
  MustBeOk(producer->Commit({.group = "h", .consumed = {{At("t", 1), {Offset(9), ""}}}}).status());
  EXPECT_EQ(Must(log_->CommittedOffsets("g")),
            (GroupOffsets{{At("t", 0), {Offset(1), metadata}}, {At("t", 1), {Offset(6), "x"}}}));
  EXPECT_THAT(Must(log_->ListGroups()), ElementsAre("g", "h"));
  MustBeOk(log_->ResetOffsets("g", {{At("t", 1), {Offset(0), ""}}}));
  EXPECT_EQ(Must(log_->CommittedOffsets("g")).at(At("t", 1)).next, Offset(0));
  EXPECT_THAT(Must(log_->CommittedOffsets("nobody")), IsEmpty());
}

TEST_P(LogContract, OffsetForTimeIsTheFirstRecordAtOrAfterIt) {
  MustBeOk(log_->CreateTopic("t", {}));
  auto producer = Must(log_->NewProducer({}));
  for (int64_t millis : {10, 30, 20, 40}) {
    MustBeOk(
        Put(producer.get(), At("t"), {.value = "v", .timestamp = TimestampFromMillis(millis)}));
    if (millis == 30) MustBeOk(producer->Commit({}).status());
  }
  MustBeOk(producer->Commit({}).status());
  const auto at = [&](int64_t millis) {
    return Must(log_->OffsetForTime(At("t"), TimestampFromMillis(millis)));
  };
  std::vector<Stored> all = Records(At("t"));
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(at(0), all[0].offset);
  EXPECT_EQ(at(15), all[1].offset);
  EXPECT_EQ(at(30), all[1].offset);
  EXPECT_EQ(at(31), all[3].offset);
  EXPECT_EQ(at(41), Bounds(At("t")).end);
  MustBeOk(log_->DeleteRecordsBefore(At("t"), Offset(2)));
  EXPECT_EQ(at(0), all[2].offset);
}

TEST_P(LogContract, LargeRecordsAndManyBatchesKeepTheirOrder) {
  MustBeOk(log_->CreateTopic("t", {}));
  std::vector<std::string> values;
  for (int i = 0; i < 40; ++i) {
    values.push_back(std::to_string(i) + std::string(static_cast<size_t>(i) * 10000, 'y'));
  }
  MustBeOk(Append(log_.get(), At("t"), values));
  MustBeOk(Append(log_.get(), At("t"), values));
  std::vector<std::string> twice = values;
  twice.insert(twice.end(), values.begin(), values.end());
  EXPECT_EQ(Read(At("t"), 0, 100000), twice);
}

}  // namespace
}  // namespace millrace::log_testing
