// Stream time that goes on while no record comes (TopologyOptions::advance_when_idle), and updates
// that wait for the commit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "millrace/engine.h"
#include "millrace/memory_log.h"
#include "millrace/millrace.h"
#include "millrace/topology_driver.h"

namespace millrace {
namespace {

using std::chrono_literals::operator""ms;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Topic<std::string, std::string> kIn("in");
const Topic<std::string, std::string> kOther("other");
const Topic<std::string, std::string> kOut("out");
const Topic<std::string, std::string> kLate("late");

TopologyDriver Drive(const std::function<void(TopologyBuilder&)>& build,
                     std::optional<Duration> idle = 1000ms) {
  TopologyBuilder flow("idle", {.advance_when_idle = idle});
  build(flow);
  absl::StatusOr<Topology> topology = std::move(flow).Build();
  MR_CHECK(topology.ok(), std::string(topology.status().message()));
  return TopologyDriver(*std::move(topology));
}

std::vector<std::string> Take(TopologyDriver& driver,
                              const Topic<std::string, std::string>& topic = kOut) {
  std::vector<std::string> taken;
  for (const auto& record : driver.Drain(topic)) {
    taken.push_back(*record.key + "=" + record.value.value_or("null"));
  }
  return taken;
}

std::string Text(const Windowed<std::string>& window) {
  return window.key + "@" + std::to_string(ToMillis(window.start));
}

// Counts in windows of 100 ms; `close` makes them come out once.
auto Counts(bool suppressed) {
  return [suppressed](TopologyBuilder& flow) {
    const auto windows = flow.From(kIn).GroupByKey().Window(Tumbling{.size = 100ms}).Late(kLate);
    auto counts = suppressed ? windows.Count("counts").Suppress("waiting")
                             : windows.EmitOnClose().Count("counts");
    counts.ToStream()
        .Map([](const Windowed<std::string>& window, int64_t count) {
          return KeyValue{Text(window), std::to_string(count)};
        })
        .To(kOut);
  };
}

class IdleWindows : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(EmittedOnceBy, IdleWindows, testing::Bool(),
                         [](const auto& info) { return info.param ? "Suppress" : "EmitOnClose"; });

TEST_P(IdleWindows, CloseWhenNothingComesForAWhile) {
  TopologyDriver driver = Drive(Counts(GetParam()));
  driver.Pipe(kIn, "a", "1", TimestampFromMillis(10));
  driver.AdvanceWallClock(999ms);
  EXPECT_THAT(Take(driver), IsEmpty());
  driver.AdvanceWallClock(1ms);
  EXPECT_THAT(Take(driver), ElementsAre("a@0=1"));
  driver.AdvanceWallClock(100'000ms);
  EXPECT_THAT(Take(driver), IsEmpty());
}

TEST_P(IdleWindows, StayClosedForLateRecordsAndOverRestarts) {
  TopologyDriver driver = Drive(Counts(GetParam()));
  driver.Pipe(kIn, "a", "1", TimestampFromMillis(10));
  driver.AdvanceWallClock(1000ms);
  EXPECT_THAT(Take(driver), ElementsAre("a@0=1"));
  driver.Pipe(kIn, "a", "2", TimestampFromMillis(20));
  EXPECT_THAT(Take(driver, kLate), ElementsAre("a=2"));
  driver.Restart();
  driver.Pipe(kIn, "a", "3", TimestampFromMillis(30));
  EXPECT_THAT(Take(driver, kLate), ElementsAre("a=3"));
  driver.CrashAndLoseState();
  driver.Pipe(kIn, "a", "4", TimestampFromMillis(40));
  EXPECT_THAT(Take(driver, kLate), ElementsAre("a=4"));
  driver.AdvanceWallClock(100'000ms);
  EXPECT_THAT(Take(driver), IsEmpty());
}

TEST_P(IdleWindows, AreOpenUntilTheWallClockHasGoneSoFar) {
  TopologyDriver driver = Drive(Counts(GetParam()), 10ms);
  driver.Pipe(kIn, "a", "1", TimestampFromMillis(10'000'000));
  driver.AdvanceWallClock(20ms);  // idle, and 80 ms of the window are left
  driver.Pipe(kIn, "a", "2", TimestampFromMillis(10'000'010));
  driver.AdvanceWallClock(300ms);
  EXPECT_THAT(Take(driver), ElementsAre("a@10000000=2"));
}

TEST_P(IdleWindows, StayOpenWithoutThePolicy) {
  TopologyDriver driver = Drive(Counts(GetParam()), std::nullopt);
  driver.Pipe(kIn, "a", "1", TimestampFromMillis(10));
  driver.AdvanceWallClock(1'000'000ms);
  EXPECT_THAT(Take(driver), IsEmpty());
}

TEST(IdleJoin, LetsARecordWithoutAMatchOut) {
  TopologyDriver driver = Drive([](TopologyBuilder& flow) {
    flow.From(kIn)
        .LeftJoin("pairs", flow.From(kOther), {.before = 100ms, .after = 100ms},
                  [](const std::string& left, const std::string* right) {
                    return left + (right == nullptr ? "-" : *right);
                  })
        .To(kOut);
  });
  driver.Pipe(kIn, "a", "1", TimestampFromMillis(10));
  EXPECT_THAT(Take(driver), IsEmpty());
  driver.AdvanceWallClock(1000ms);
  EXPECT_THAT(Take(driver), ElementsAre("a=1-"));
  driver.AdvanceWallClock(10'000ms);
  EXPECT_THAT(Take(driver), IsEmpty());
}

TEST(IdleSession, ComesOutWhenItsGapHasPassed) {
  TopologyDriver driver = Drive([](TopologyBuilder& flow) {
    flow.From(kIn)
        .GroupByKey()
        .Window(Sessions{.gap = 5000ms})
        .EmitOnClose()
        .Count("counts")
        .ToStream()
        .Map([](const Session<std::string>& session, int64_t count) {
          return KeyValue{session.key, std::to_string(count)};
        })
        .To(kOut);
  });
  driver.Pipe(kIn, "a", "1", TimestampFromMillis(10));
  driver.Pipe(kIn, "a", "2", TimestampFromMillis(20));
  driver.AdvanceWallClock(5000ms);
  EXPECT_THAT(Take(driver), IsEmpty());
  driver.AdvanceWallClock(1000ms);
  EXPECT_THAT(Take(driver), ElementsAre("a=2"));
}

TEST(EmitOnCommit, PassesTheNewestUpdateOfEachKeyOnWithTheTransaction) {
  TopologyBuilder flow("on-commit");
  flow.From(kIn)
      .GroupByKey()
      .Count("counts")
      .EmitOnCommit()
      .ToStream()
      .MapValues([](int64_t count) { return std::to_string(count); })
      .To(kOut);
  const Topology topology = *std::move(flow).Build();
  const std::unique_ptr<Log> log = NewMemoryLog();
  ASSERT_TRUE(log->CreateTopic("in", {}).ok());
  auto producer = *log->NewProducer({});
  const TopicHandle in = *producer->OpenTopic("in");
  for (int i = 0; i < 300; ++i) {
    const std::string key = i % 3 == 0 ? "b" : "a";
    ASSERT_TRUE(producer
                    ->Produce(in, PartitionId(0),
                              {.key = key, .value = "x", .timestamp = TimestampFromMillis(i)})
                    .ok());
  }
  ASSERT_TRUE(producer->Commit({}).ok());
  std::string directory = "/tmp/millrace-commit-XXXXXX";
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  auto engine = *Engine::Create(topology, log.get(),
                                {.state_directory = directory,
                                 .commit_interval = std::chrono::hours(1),
                                 .default_partitions = 1});
  ASSERT_TRUE(engine->Start().ok());
  ASSERT_TRUE(engine->Stop().ok());  // the only commit, if everything was read before it
  auto again =
      *Engine::Create(topology, log.get(), {.state_directory = directory, .default_partitions = 1});
  ASSERT_TRUE(again->Start().ok());
  ASSERT_TRUE(WaitUntilIdle({again.get()}).ok());
  ASSERT_TRUE(again->Stop().ok());

  auto reader = *log->NewReader();
  ASSERT_TRUE(reader->Assign({"out", PartitionId(0)}, Offset(0)).ok());
  const RecordBatch batch = *reader->Fetch({"out", PartitionId(0)}, 1 << 20);
  std::map<std::string, std::string> newest;
  for (const RecordView& record : batch.records) {
    newest[std::string(*record.key)] = std::string(*record.value);
  }
  EXPECT_THAT(newest, ElementsAre(testing::Pair("a", "200"), testing::Pair("b", "100")));
  EXPECT_LE(batch.records.size(), 6u) << "an update per record came out";
  std::filesystem::remove_all(directory);
}

TEST(EmitOnCommit, KeepsTheValueBeforeTheTransactionForAggregationsOfTheTable) {
  TopologyDriver driver = Drive([](TopologyBuilder& flow) {
    flow.TableFrom(kIn, "rows")
        .EmitOnCommit()
        .GroupBy("by-value",
                 [](const std::string& value) {
                   return KeyValue{value, value};
                 })
        .Count("counts")
        .ToStream()
        .MapValues([](int64_t count) { return std::to_string(count); })
        .To(kOut);
  });
  driver.Pipe(kIn, "a", "x");
  driver.Pipe(kIn, "b", "x");
  driver.Pipe(kIn, "a", "y");
  EXPECT_THAT(Take(driver), ElementsAre("x=1", "x=2", "x=1", "y=1"));
}

}  // namespace
}  // namespace millrace
