// Readers and records on a real broker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "integration/kafka/kafka_testing.h"
#include "millrace/partitioner.h"

namespace millrace::kafka_testing {
namespace {

using log_testing::Append;
using log_testing::At;
using log_testing::FetchSome;
using log_testing::Must;
using log_testing::MustBeOk;
using log_testing::Put;
using log_testing::ReadToEnd;
using log_testing::Stored;
using log_testing::Values;
using testing::ElementsAre;
using testing::HasSubstr;

class KafkaReading : public KafkaTest {
 protected:
  // Topic "t" with `partitions` of ten records each, "0" to "9".
  void Fill(int partitions) {
    MustBeOk(log_->CreateTopic("t", {.partitions = partitions}));
    auto producer = Must(log_->NewProducer({}));
    const TopicHandle topic = Must(producer->OpenTopic("t"));
    for (int i = 0; i < 10; ++i) {
      for (int p = 0; p < partitions; ++p) {
        MustBeOk(producer->Produce(topic, PartitionId(p), {.value = std::to_string(i)}));
      }
    }
    MustBeOk(producer->Commit({}).status());
  }
};

TEST_F(KafkaReading, TimestampsAreExactAndZeroIsNotNow) {
  MustBeOk(log_->CreateTopic("t", {}));
  auto producer = Must(log_->NewProducer({}));
  const Headers headers = {{"h", "1"}};
  const std::vector<int64_t> times = {0, 1, -1, -1000, 1'700'000'000'000, 253'402'300'800'000};
  for (const int64_t time : times) {
    const Timestamp timestamp = TimestampFromMillis(time);
    MustBeOk(Put(producer.get(), At("t"), {.value = "v", .timestamp = timestamp}));
    MustBeOk(
        Put(producer.get(), At("t"), {.value = "v", .timestamp = timestamp, .headers = &headers}));
  }
  MustBeOk(producer->Commit({}).status());
  std::string encoded;
  AppendHeaders(headers, &encoded);
  const std::vector<Stored> records = Must(ReadToEnd(log_.get(), At("t"), Offset(0)));
  ASSERT_EQ(records.size(), 2 * times.size());
  for (size_t i = 0; i < times.size(); ++i) {
    EXPECT_EQ(ToMillis(records[2 * i].timestamp), times[i]);
    EXPECT_EQ(ToMillis(records[2 * i + 1].timestamp), times[i]);
    EXPECT_EQ(records[2 * i].headers, "");
    EXPECT_EQ(records[2 * i + 1].headers, encoded);
  }
}

TEST_F(KafkaReading, NullAndEmptyAreTwoThings) {
  MustBeOk(log_->CreateTopic("t", {}));
  auto producer = Must(log_->NewProducer({}));
  const std::string_view unset;  // a null pointer that means the empty string
  const Headers headers = {{"a", std::nullopt}, {"a", ""}, {"b", std::string("\0\xff", 2)}};
  MustBeOk(Put(producer.get(), At("t"), {}));
  MustBeOk(Put(producer.get(), At("t"), {.key = unset, .value = unset}));
  MustBeOk(Put(producer.get(), At("t"), {.key = "", .value = "", .headers = &headers}));
  MustBeOk(producer->Commit({}).status());
  const std::vector<Stored> records = Must(ReadToEnd(log_.get(), At("t"), Offset(0)));
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].key, std::nullopt);
  EXPECT_EQ(records[0].value, std::nullopt);
  EXPECT_EQ(records[1].key, "");
  EXPECT_EQ(records[1].value, "");
  Headers decoded;
  MustBeOk(DecodeHeaders(records[2].headers, &decoded));
  EXPECT_EQ(decoded, headers);
}

TEST_F(KafkaReading, ManyPartitionsAreReadByOneReaderWhoGetsMoreOfThem) {
  constexpr int kPartitions = 40;  // more than twice as many as the first share-out is made for
  Fill(kPartitions);
  auto reader = Must(log_->NewReader());
  std::vector<std::vector<std::string>> got(kPartitions);
  const auto read_one = [&](int p) {
    const RecordBatch batch = Must(FetchSome(reader.get(), At("t", p), 1));
    for (const RecordView& record : batch.records) {
      got[static_cast<size_t>(p)].emplace_back(*record.value);
    }
  };
  for (int p = 0; p < 3; ++p) MustBeOk(reader->Assign(At("t", p), Offset(0)));
  for (int i = 0; i < 4; ++i) {
    for (int p = 0; p < 3; ++p) read_one(p);
  }
  for (int p = 3; p < kPartitions; ++p) MustBeOk(reader->Assign(At("t", p), Offset(0)));
  reader->Unassign(At("t", 1));
  for (int p = 0; p < kPartitions; ++p) {
    if (p == 1) continue;
    while (got[static_cast<size_t>(p)].size() < 10) read_one(p);
    EXPECT_THAT(got[static_cast<size_t>(p)],
                ElementsAre("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"));
  }
  EXPECT_EQ(got[1].size(), 4u);
}

TEST_F(KafkaReading, SmallSharesOfMemoryAreEnoughForLargeRecords) {
  MustBeOk(log_->CreateTopic("t", {.partitions = 4}));
  auto producer = Must(log_->NewProducer({}));
  for (int i = 0; i < 40; ++i) {
    const std::string value = std::to_string(i) + std::string(900'000, 'v');
    MustBeOk(Put(producer.get(), At("t", i % 4), {.value = value}));
  }
  MustBeOk(producer->Commit({}).status());
  const std::unique_ptr<Log> small = Open({.fetch_bytes = 1 << 20});
  auto reader = Must(small->NewReader());
  for (int p = 0; p < 4; ++p) MustBeOk(reader->Assign(At("t", p), Offset(0)));
  for (int i = 0; i < 40; ++i) {
    const RecordBatch batch = Must(FetchSome(reader.get(), At("t", i % 4), 1));
    ASSERT_EQ(batch.records.size(), 1u);
    EXPECT_TRUE(batch.records[0].value->starts_with(std::to_string(i) + "v"));
  }
}

TEST_F(KafkaReading, ATopicThatIsDeletedMeanwhileIsNotFound) {
  Fill(1);
  auto reader = Must(log_->NewReader());
  MustBeOk(reader->Assign(At("t"), Offset(0)));
  EXPECT_FALSE(Must(FetchSome(reader.get(), At("t"), 1 << 20)).empty());
  MustBeOk(log_->DeleteTopic("t"));
  absl::Status gone;
  for (int i = 0; i < 300 && gone.ok(); ++i) {
    gone = reader->Fetch(At("t"), 1 << 20).status();
    if (gone.ok()) reader->Wait(Duration(100));
  }
  EXPECT_TRUE(absl::IsNotFound(gone)) << gone;
  EXPECT_THAT(std::string(gone.message()), HasSubstr("deleted"));
  EXPECT_EQ(reader->Fetch(At("t"), 1 << 20).status(), gone);
}

TEST_F(KafkaReading, WakeEndsTheWaitOfAnotherThread) {
  Fill(1);
  auto reader = Must(log_->NewReader());
  MustBeOk(reader->Assign(At("t"), Offset(10)));  // nothing comes there
  std::thread waker([&] { reader->Wake(); });
  reader->Wait(std::chrono::hours(1));
  waker.join();
}

TEST_F(KafkaReading, BatchesOutliveTheirReaderAndTheLog) {
  Fill(1);
  auto reader = Must(log_->NewReader());
  MustBeOk(reader->Assign(At("t"), Offset(0)));
  const RecordBatch batch = Must(FetchSome(reader.get(), At("t"), 1));
  std::shared_ptr<const void> pin = batch.pin;
  reader.reset();
  log_.reset();
  EXPECT_EQ(batch.records.at(0).value, "0");
}

}  // namespace
}  // namespace millrace::kafka_testing
