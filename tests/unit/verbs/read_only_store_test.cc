// Stores and tables whose changelog is the topic that fills them.
#include <filesystem>
#include <stdexcept>

#include "millrace/engine.h"
#include "millrace/memory_log.h"
#include "millrace/store_reader.h"
#include "verb_testing.h"

namespace millrace::verbs_test {
namespace {

Text Both(const Text& value, const Text* row) { return value + TextOr(row); }

struct LookUp : Processor<Text, Text, Text, Text> {
  void Init(Context& context) override { rows_ = context.Store<Text, Text>("rows"); }
  void Process(const Record<Text, Text>& record, Context& context) override {
    const auto row = rows_.Get(*record.key);
    const Text answer = row ? *row + "@" + std::to_string(ToMillis(row.timestamp)) : "none";
    context.Forward(record.WithValue(&answer));
  }
  KeyValueStore<Text, Text> rows_;
};

void ReadOnly(TopologyBuilder& flow, StoreOptions options) {
  flow.AddReadOnlyStore(Store<Text, Text>("rows", options), kOther);
  flow.From(kIn).ProcessValues<LookUp>("look-up", {"rows"}).To(kOut);
}

double RestoredBy(TextDriver& driver) {
  for (const MetricSample& sample : driver->metrics()->Snapshot()) {
    if (sample.name == "millrace_records_restored_total") return sample.value;
  }
  return 0;
}

class ReadOnlyStore : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Backends, ReadOnlyStore, testing::Bool(),
                         [](const auto& info) { return info.param ? "InMemory" : "OnRocksDb"; });

TEST_P(ReadOnlyStore, HoldsWhatItsTopicHoldsAndComesBackFromIt) {
  TextDriver driver([](auto& flow) { ReadOnly(flow, {.in_memory = GetParam()}); });
  driver.Pipe(kOther, "a", "1", 10);
  driver.Pipe(kOther, "b", "2", 20);
  driver.Pipe(kOther, "a", "3", 30);
  driver.Pipe(kOther, "b", std::nullopt, 40);
  for (int start = 0; start < 3; ++start) {
    driver.Pipe("a", "?", 50);
    driver.Pipe("b", "?", 50);
    EXPECT_THAT(driver.Take(), ElementsAre("a=3@30@50", "b=none@50"));
    if (start == 0) driver->Restart();
    if (start == 1) driver->CrashAndLoseState();
  }
  EXPECT_TRUE(absl::IsNotFound(driver->log()->DescribeTopic("verbs-rows-changelog").status()));
}

TEST(ReadOnlyStore, IsNotReadAgainAfterACleanStop) {
  TextDriver driver([](auto& flow) { ReadOnly(flow, {}); });
  driver.Pipe(kOther, "a", "1", 10);
  driver->Restart();
  EXPECT_EQ(RestoredBy(driver), 0);
  driver->CrashAndLoseState();
  EXPECT_EQ(RestoredBy(driver), 1);
}

// The second row was met, but nothing of its transaction was committed; the third one never was.
TEST(ReadOnlyStore, IsRestoredUpToWhatTheApplicationHasConsumed) {
  TextDriver driver(
      [](TopologyBuilder& flow) {
        flow.CompactedTableFrom(kOther, "rows")
            .Filter([](const Text& row) {
              if (row == "bad") throw std::runtime_error("bad");
              return true;
            })
            .ToStream()
            .To(kOut);
        flow.From(kIn).ProcessValues<LookUp>("look-up", {"rows"}).To(kLate);
      },
      {.errors = ErrorPolicy::Stop()});
  driver.Pipe(kOther, "a", "1", 10);
  driver.Pipe(kOther, "a", "bad", 20);
  driver.Pipe(kOther, "a", "never", 30);
  driver.Pipe(kIn, "a", "?", 15);
  driver->CrashAndLoseState();  // the question is older than the bad row
  EXPECT_FALSE(driver->status().ok());
  EXPECT_THAT(driver.Take(kLate), ElementsAre("a=1@10@15"));
  EXPECT_THAT(driver.Take(), ElementsAre("a=1@10"));
}

TEST(ReadOnlyStore, LeavesOutWhatWasPoisonWhenItCame) {
  TopologyBuilder flow("verbs");
  const Topic<Text, int64_t> numbers("numbers");
  flow.CompactedTableFrom(numbers, "rows").ToStream().To(Topic<Text, int64_t>("out"));
  TopologyDriver driver(std::move(flow).Build().value());
  driver.Pipe(numbers, "a", 1);
  driver.PipeBytes("numbers", "a", "no number");
  driver.PipeBytes("numbers", std::nullopt, "12345678");
  ASSERT_EQ(driver.DrainBytes("numbers-dlq").size(), 1);
  driver.CrashAndLoseState();
  EXPECT_TRUE(driver.DrainBytes("numbers-dlq").empty());
  const auto rows = driver.ReadStore<Text, int64_t>("rows");
  ASSERT_EQ(rows.size(), 1);
  EXPECT_EQ(rows.front().value, 1);
}

TEST(ReadOnlyStore, HasTheTimesThatItsSourceExtracts) {
  TextDriver driver([](TopologyBuilder& flow) {
    flow.AddReadOnlyStore(Store<Text, Text>("rows"), kOther, {.timestamp = [](const Text& row) {
                            return TimestampFromMillis(std::stoll(row));
                          }});
    flow.From(kIn).ProcessValues<LookUp>("look-up", {"rows"}).To(kOut);
  });
  driver.Pipe(kOther, "a", "77", 10);
  driver->CrashAndLoseState();
  driver.Pipe("a", "?", 80);
  EXPECT_THAT(driver.Take(), ElementsAre("a=77@77@80"));
}

// Keeps values that are not "skip", under their own name.
struct KeepsValues : Processor<Text, Text, Text, Text> {
  void Init(Context& context) override { rows_ = context.Store<Text, Text>("rows"); }
  void Process(const Record<Text, Text>& record, Context&) override {
    if (*record.value != "skip") rows_.Put(*record.value, "kept", record.timestamp);
  }
  KeyValueStore<Text, Text> rows_;
};

TEST(ReadOnlyStore, MayBeFilledByAProcessor) {
  TextDriver driver([](TopologyBuilder& flow) {
    flow.AddReadOnlyStore<KeepsValues>(Store<Text, Text>("rows"), kOther);
    flow.From(kIn).ProcessValues<LookUp>("look-up", {"rows"}).To(kOut);
  });
  driver.Pipe(kOther, "x", "a", 10);
  driver.Pipe(kOther, "x", "skip", 20);
  driver->CrashAndLoseState();
  driver.Pipe("a", "?", 30);
  driver.Pipe("skip", "?", 30);
  EXPECT_THAT(driver.Take(), ElementsAre("a=kept@10@30", "skip=none@30"));
}

TEST(CompactedTable, IsJoinedAndChangedAsAnyOther) {
  TextDriver driver(
      [](TopologyBuilder& flow) {
        flow.From(kIn).LeftJoin(flow.CompactedTableFrom(kOther, "rows"), Both).To(kOut);
      },
      {}, /*partitions=*/3);
  for (const char* key : {"a", "b", "c", "d"}) driver.Pipe(kOther, key, Text("of ") + key, 1);
  driver->CrashAndLoseState();
  driver.Pipe(kOther, "a", "new", 2);
  for (const char* key : {"a", "b", "c", "d", "e"}) driver.Pipe(key, ":", 3);
  EXPECT_THAT(driver.Take(), testing::UnorderedElementsAre("a=:new@3", "b=:of b@3", "c=:of c@3",
                                                           "d=:of d@3", "e=:-@3"));
}

TEST(CompactedTable, MayHaveAHistory) {
  TextDriver driver([](TopologyBuilder& flow) {
    const auto rows = flow.CompactedTableFrom(kOther, "rows", {}, {.history = 1000ms});
    flow.From(kIn).LeftJoin(rows, Both).To(kOut);
  });
  driver.Pipe(kOther, "k", "A", 100);
  driver.Pipe(kOther, "k", "B", 200);
  driver->CrashAndLoseState();
  driver.Pipe("k", ":", 150);
  EXPECT_THAT(driver.Take(), ElementsAre("k=:A@150"));
}

TEST(CompactedTable, CannotTakeItsTimesFromTheClock) {
  EXPECT_THAT(Refusal([](TopologyBuilder& flow) {
                flow.CompactedTableFrom(kIn, "rows", {.timestamp = WallClockTime()});
              }),
              HasSubstr("takes its times from the clock"));
}

TEST(ReadOnlyStore, OfAnotherKindNeedsAProcessor) {
  EXPECT_THAT(Refusal([](TopologyBuilder& flow) {
                flow.AddReadOnlyStore(
                    WindowedStore<Text, Text>("rows", {.window_size = 1ms, .retention = 1ms}), kIn);
              }),
              HasSubstr("tell AddReadOnlyStore<P> how to fill it"));
}

// The same name, first with a changelog of its own.
TEST(CompactedTable, TakesOverFromATableWithAChangelog) {
  std::string directory =
      (std::filesystem::temp_directory_path() / "millrace-compacted-XXXXXX").string();
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  const auto log = NewMemoryLog();
  const auto run = [&](bool compacted) {
    TopologyBuilder flow("takes-over");
    const auto rows =
        compacted ? flow.CompactedTableFrom(kOther, "rows") : flow.TableFrom(kOther, "rows");
    flow.From(kIn).LeftJoin(rows, Both).To(kOut);
    auto engine = Engine::Create(std::move(flow).Build().value(), log.get(),
                                 {.state_directory = directory, .default_partitions = 1})
                      .value();
    ASSERT_TRUE(engine->Start().ok());
    ASSERT_TRUE(WaitUntilIdle({engine.get()}).ok());
    std::vector<Text> rows_there;
    auto reader = ReaderOf<Text, Text>(engine.get(), "rows").value();
    ASSERT_TRUE(reader
                    .Read({},
                          [&](const auto& row) {
                            rows_there.push_back(row.value);
                            return true;
                          })
                    .ok());
    EXPECT_THAT(rows_there, ElementsAre("1", "2"));
    ASSERT_TRUE(engine->Stop().ok());
  };
  ASSERT_TRUE(log->CreateTopic("other", {}).ok());
  const auto producer = log->NewProducer({}).value();
  const TopicHandle topic = producer->OpenTopic("other").value();
  for (const auto& [key, value] : {std::pair("a", "1"), {"b", "0"}, {"b", "2"}}) {
    ASSERT_TRUE(producer
                    ->Produce(topic, PartitionId(0),
                              {.key = key, .value = value, .timestamp = TimestampFromMillis(1)})
                    .ok());
  }
  ASSERT_TRUE(producer->Commit({}).ok());
  run(/*compacted=*/false);
  run(/*compacted=*/true);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace millrace::verbs_test
