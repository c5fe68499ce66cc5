// Typed reads of a running engine's stores from outside: by key, range, prefix, time.
#include "millrace/store_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "millrace/memory_log.h"
#include "millrace/millrace.h"

namespace millrace {
namespace {

using std::chrono_literals::operator""ms;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

using Text = std::string;
const Topic<Text, Text> kIn("in");

Timestamp At(int64_t millis) { return TimestampFromMillis(millis); }

// All kinds of stores, filled from one topic.
Topology AllKinds(bool in_memory) {
  TopologyBuilder flow("all-kinds");
  const auto in = flow.From(kIn);
  in.ToTable("latest", {.in_memory = in_memory, .keep_headers = true});
  in.ToTable("history", {.in_memory = in_memory, .history = 1000ms});
  const auto grouped = in.GroupByKey();
  grouped.Window(Tumbling{.size = 10ms})
      .Count("windows", {.retention = 1000ms, .in_memory = in_memory});
  grouped.Window(Sessions{.gap = 10ms})
      .Count("sessions", {.retention = 1000ms, .in_memory = in_memory});
  return std::move(flow).Build().value();
}

class StoreReaderTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    directory_ = (std::filesystem::temp_directory_path() / "millrace-reader-XXXXXX").string();
    ASSERT_NE(::mkdtemp(directory_.data()), nullptr);
    ASSERT_TRUE(log_->CreateTopic("in", {.partitions = kPartitions}).ok());
    producer_ = log_->NewProducer({}).value();
    EngineOptions options;
    options.state_directory = directory_;
    engine_ = Engine::Create(AllKinds(GetParam()), log_.get(), options).value();
    ASSERT_TRUE(engine_->Start().ok());
  }
  void TearDown() override {
    ASSERT_TRUE(engine_->Stop().ok());
    engine_.reset();
    std::filesystem::remove_all(directory_);
  }

  void Put(const Text& key, const std::optional<Text>& value, int64_t millis,
           const Headers& headers = Headers::Empty()) {
    const TopicHandle topic = producer_->OpenTopic("in").value();
    OutgoingRecord record{.key = key, .timestamp = At(millis), .headers = &headers};
    if (value.has_value()) record.value = *value;
    ASSERT_TRUE(producer_->Produce(topic, PartitionForKey(key, kPartitions), record).ok());
  }
  void Process() {
    ASSERT_TRUE(producer_->Commit({}).ok());
    ASSERT_TRUE(WaitUntilIdle({engine_.get()}).ok());
  }
  template <class V>
  StoreReader<Text, V> Of(const char* store) {
    return ReaderOf<Text, V>(engine_.get(), store).value();
  }
  template <class V>
  std::vector<Text> Rows(const char* store, const ReadRange<Text>& range = {}) {
    std::vector<Text> rows;
    EXPECT_TRUE(Of<V>(store)
                    .Read(range,
                          [&](const ReadRow<Text, V>& row) {
                            rows.push_back(Print(row));
                            return true;
                          })
                    .ok());
    return rows;
  }
  template <class V>
  static Text Print(const ReadRow<Text, V>& row) {
    Text text = row.key + "=";
    if constexpr (std::is_same_v<V, Text>) {
      text += row.value;
    } else {
      text += std::to_string(row.value);
    }
    if (row.start == kNoTimestamp) return text + "@" + std::to_string(ToMillis(row.timestamp));
    const bool open = row.end == Timestamp::max();
    return text + "[" + std::to_string(ToMillis(row.start)) + "," +
           (open ? Text("-") : std::to_string(ToMillis(row.end))) + "]";
  }
  template <class V>
  static Text Print(const absl::StatusOr<std::optional<ReadRow<Text, V>>>& row) {
    if (!row.ok()) return Text(row.status().message());
    return row->has_value() ? Print(**row) : "none";
  }

  static constexpr int kPartitions = 3;
  std::string directory_;
  std::unique_ptr<Log> log_ = NewMemoryLog();
  std::unique_ptr<LogProducer> producer_;
  std::unique_ptr<Engine> engine_;
};

INSTANTIATE_TEST_SUITE_P(Backends, StoreReaderTest, testing::Bool(),
                         [](const auto& info) { return info.param ? "InMemory" : "OnRocksDb"; });

TEST_P(StoreReaderTest, FindsTheRowOfAKeyInWhicheverPartitionItLies) {
  for (const char* key : {"a", "b", "c", "d"}) {
    const Headers headers = {{"from", key}};
    Put(key, Text("of ") + key, 5, headers);
  }
  Put("b", std::nullopt, 6);
  Process();
  const auto reader = Of<Text>("latest");
  EXPECT_EQ(Print(reader.Get("a")), "a=of a@5");
  EXPECT_EQ(Print(reader.Get("b")), "none");
  EXPECT_EQ(Print(reader.Get("d")), "d=of d@5");
  const Headers of_d = {{"from", "d"}};
  EXPECT_EQ(reader.Get("d").value()->headers, of_d);
}

TEST_P(StoreReaderTest, WalksRangesAndPrefixesOfKeys) {
  for (const char* key : {"a", "ab", "abc", "b", "c"}) Put(key, "x", 1);
  Process();
  EXPECT_THAT(Rows<Text>("latest"),
              UnorderedElementsAre("a=x@1", "ab=x@1", "abc=x@1", "b=x@1", "c=x@1"));
  EXPECT_THAT(Rows<Text>("latest", {.from = "ab", .to = "b"}),
              UnorderedElementsAre("ab=x@1", "abc=x@1", "b=x@1"));
  EXPECT_THAT(Rows<Text>("latest", {.to = "a"}), ElementsAre("a=x@1"));
  EXPECT_THAT(Rows<Text>("latest", {.prefix = "ab"}), UnorderedElementsAre("ab=x@1", "abc=x@1"));
  EXPECT_THAT(Rows<Text>("latest", {.from = "abc", .prefix = "ab"}), ElementsAre("abc=x@1"));
  EXPECT_THAT(Rows<Text>("latest", {.from = "b", .to = "a"}), IsEmpty());
  size_t in_partitions = 0;
  for (int p = 0; p < kPartitions; ++p) {
    in_partitions += Rows<Text>("latest", {.partition = PartitionId(p)}).size();
  }
  EXPECT_EQ(in_partitions, 5);
}

TEST_P(StoreReaderTest, StopsWhenItIsToldTo) {
  for (const char* key : {"a", "b", "c", "d", "e", "f"}) Put(key, "x", 1);
  Process();
  int seen = 0;
  ASSERT_TRUE(Of<Text>("latest").Read({}, [&](const auto&) { return ++seen < 2; }).ok());
  EXPECT_EQ(seen, 2);
}

TEST_P(StoreReaderTest, ReadsWindowsByKeyAndTime) {
  for (const int64_t time : {1, 12, 13, 25}) Put("a", "x", time);
  Put("b", "x", 12);
  Process();
  EXPECT_EQ(Print(Of<int64_t>("windows").GetAt("a", At(10))), "a=2[10,20]");
  EXPECT_EQ(Print(Of<int64_t>("windows").GetAt("a", At(11))), "none");
  EXPECT_THAT(Rows<int64_t>("windows", {.from = "a", .to = "a"}),
              ElementsAre("a=1[0,10]", "a=2[10,20]", "a=1[20,30]"));
  EXPECT_THAT(Rows<int64_t>("windows", {.from = "a", .to = "a", .earliest = At(10)}),
              ElementsAre("a=2[10,20]", "a=1[20,30]"));
  EXPECT_THAT(Rows<int64_t>("windows", {.earliest = At(5), .latest = At(15)}),
              UnorderedElementsAre("a=2[10,20]", "b=1[10,20]"));
  EXPECT_THAT(Rows<int64_t>("windows", {.prefix = "b"}), ElementsAre("b=1[10,20]"));
}

TEST_P(StoreReaderTest, DoesNotShowWindowsThatTheRetentionHides) {
  Put("a", "x", 1);
  Put("a", "x", 2000);
  Process();
  EXPECT_THAT(Rows<int64_t>("windows"), ElementsAre("a=1[2000,2010]"));
  EXPECT_EQ(Print(Of<int64_t>("windows").GetAt("a", At(0))), "none");
  EXPECT_THAT(Rows<int64_t>("sessions"), ElementsAre("a=1[2000,2000]"));
}

TEST_P(StoreReaderTest, ReadsSessionsThatOverlapATime) {
  for (const int64_t time : {1, 8, 30, 60}) Put("a", "x", time);
  Process();
  EXPECT_THAT(Rows<int64_t>("sessions", {.from = "a", .to = "a"}),
              ElementsAre("a=2[1,8]", "a=1[30,30]", "a=1[60,60]"));
  EXPECT_THAT(Rows<int64_t>("sessions", {.earliest = At(5), .latest = At(30)}),
              ElementsAre("a=2[1,8]", "a=1[30,30]"));
}

TEST_P(StoreReaderTest, ReadsRowsAsTheyWere) {
  Put("a", "1", 10);
  Put("a", "2", 20);
  Put("a", std::nullopt, 30);
  Put("a", "4", 40);
  Put("b", "5", 15);
  Put("gone", "6", 10);
  Put("gone", std::nullopt, 20);
  Process();
  const auto reader = Of<Text>("history");
  EXPECT_EQ(Print(reader.Get("a")), "a=4[40,-]");
  EXPECT_EQ(Print(reader.Get("gone")), "none");
  EXPECT_EQ(Print(reader.GetAt("a", At(9))), "none");
  EXPECT_EQ(Print(reader.GetAt("a", At(25))), "a=2[20,30]");
  EXPECT_EQ(Print(reader.GetAt("a", At(35))), "none");
  EXPECT_EQ(Print(reader.GetAt("a", At(99))), "a=4[40,-]");
  EXPECT_THAT(Rows<Text>("history", {.from = "a", .to = "a"}),
              ElementsAre("a=1[10,20]", "a=2[20,30]", "a=4[40,-]"));
  EXPECT_THAT(Rows<Text>("history", {.earliest = At(20), .latest = At(20)}),
              UnorderedElementsAre("a=2[20,30]", "b=5[15,-]"));
}

TEST_P(StoreReaderTest, SaysWhatIsWrongWithAQuestion) {
  EXPECT_TRUE(absl::IsNotFound(ReaderOf<Text, Text>(engine_.get(), "nothing").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ReaderOf<Text, int64_t>(engine_.get(), "latest").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Of<int64_t>("windows").Get("a").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Of<Text>("latest").GetAt("a", At(1)).status()));
  EXPECT_TRUE(absl::IsUnavailable(
      Of<Text>("latest").Read({.partition = PartitionId(99)}, [](const auto&) { return true; })));
}

TEST_P(StoreReaderTest, IsUnavailableOnceTheEngineHasStopped) {
  Put("a", "x", 1);
  Process();
  const auto reader = Of<Text>("latest");
  ASSERT_TRUE(engine_->Stop().ok());
  EXPECT_TRUE(absl::IsUnavailable(reader.Get("a").status()));
}

TEST_P(StoreReaderTest, MayBeUsedByManyThreadsWhileRecordsCome) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      const auto reader = Of<Text>("latest");
      while (!stop) {
        EXPECT_TRUE(reader.Get("a").ok());
        EXPECT_TRUE(reader.Read({.from = "a", .to = "z"}, [](const auto&) { return true; }).ok());
      }
    });
  }
  for (int round = 0; round < 20; ++round) {
    for (const char* key : {"a", "b", "c"}) Put(key, std::to_string(round), round);
    Process();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Print(Of<Text>("latest").Get("a")), "a=19@19");
}

}  // namespace
}  // namespace millrace
