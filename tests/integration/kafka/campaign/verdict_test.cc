// The whole verdict, over a log in memory: the topology really runs, then something is spoilt.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "integration/kafka/campaign/topology.h"
#include "integration/kafka/campaign/verdict.h"
#include "millrace/engine.h"
#include "millrace/memory_log.h"
#include "millrace/partitioner.h"
#include "millrace/status.h"

namespace millrace::campaign {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Pair;

constexpr int32_t kPartitions = 2;
constexpr int kKeys = 9;
constexpr int64_t kRecords = 300;

class VerdictTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(StateDirectory());
    for (const char* topic : {"in", "owners", "echo", "folds", "windows", "joined", "ids"}) {
      ASSERT_TRUE(log_->CreateTopic(topic, {.partitions = kPartitions}).ok());
    }
    WriteInput();
    RunTopology();
  }

  void Write(LogProducer* producer, const std::string& topic, const std::string& key,
             const std::string& value, int64_t millis) {
    const TopicHandle handle = producer->OpenTopic(topic).value();
    ASSERT_TRUE(
        producer
            ->Produce(handle, PartitionForKey(key, kPartitions),
                      {.key = key, .value = value, .timestamp = TimestampFromMillis(millis)})
            .ok());
  }

  void WriteInput() {
    auto producer = log_->NewProducer({}).value();
    for (int k = 0; k < kKeys; ++k) {
      const std::string key = absl::StrCat("k", k);
      Write(producer.get(), "owners", key, absl::StrCat("owner-of-", key, ":v0"), 0);
    }
    for (int64_t i = 0; i < kRecords; ++i) {
      std::string value;
      Serde<int64_t>::Encode(i, &value);
      Write(producer.get(), "in", absl::StrCat("k", i % kKeys), value, 1 + i * 50);
    }
    ASSERT_TRUE(producer->Commit({}).ok());
  }

  void RunTopology() {
    auto engine =
        Engine::Create(BuildTopology({}).value(), log_.get(), {.state_directory = StateDirectory()})
            .value();
    ASSERT_TRUE(engine->Start().ok());
    ASSERT_TRUE(WaitUntilIdle({engine.get()}).ok());
    std::ofstream dump(DumpFile());
    for (const char* store : {"fold-by-group", "next-id", "owner-of-key"}) {
      ASSERT_TRUE(engine
                      ->ScanStore(store,
                                  [&](std::string_view key, std::string_view value, Timestamp) {
                                    dump << store << ' ' << absl::BytesToHexString(AbslView(key))
                                         << ' ' << absl::BytesToHexString(AbslView(value)) << '\n';
                                    return true;
                                  })
                      .ok());
    }
    ASSERT_TRUE(engine->Stop().ok());
  }

  static std::string StateDirectory() { return testing::TempDir() + "/verdict"; }
  static std::string DumpFile() { return testing::TempDir() + "/verdict-dump"; }

  Verdict Judged() { return Judge({.committed = log_.get(), .store_dumps = {DumpFile()}}).value(); }

  // One more record in a topic, by somebody else.
  void Intrude(const std::string& topic) {
    auto producer = log_->NewProducer({}).value();
    Write(producer.get(), topic, "k1", "?", 1);
    ASSERT_TRUE(producer->Commit({}).ok());
  }

  std::unique_ptr<Log> log_ = NewMemoryLog();
};

TEST_F(VerdictTest, FindsNothingWrongInAnUndisturbedRun) {
  const Verdict verdict = Judged();
  EXPECT_THAT(verdict.violations.words(), IsEmpty());
  EXPECT_EQ(verdict.inputs, kRecords);
  for (const char* topic : kOutputs) EXPECT_EQ(verdict.outputs.at(topic), kRecords) << topic;
  EXPECT_GT(verdict.rows, kKeys);
  EXPECT_THAT(ToJson(verdict), HasSubstr("\"verdict\":\"ok\""));
}

TEST_F(VerdictTest, FindsARecordThatNoInputMade) {
  Intrude("joined");
  EXPECT_THAT(Judged().violations.counts(), ElementsAre(Pair("I1", 1), Pair("I8", 1)));
}

TEST_F(VerdictTest, FindsInputThatWasNotConsumed) {
  std::string value;
  Serde<int64_t>::Encode(1, &value);
  auto producer = log_->NewProducer({}).value();
  Write(producer.get(), "in", "k1", value, 99'999);
  ASSERT_TRUE(producer->Commit({}).ok());
  const auto counts = Judged().violations.counts();
  EXPECT_THAT(counts, Contains(Pair("I5", 1)));
  EXPECT_THAT(counts, Contains(Pair("I1", static_cast<int64_t>(std::size(kOutputs)))));
}

TEST_F(VerdictTest, FindsAStoreThatDisagreesWithTheOutputs) {
  std::ofstream(DumpFile(), std::ios::app) << "fold-by-group 00 00\n";
  EXPECT_THAT(Judged().violations.counts(), ElementsAre(Pair("I6", 1)));
}

TEST_F(VerdictTest, FindsARowThatTwoWorkersHave) {
  std::ifstream in(DumpFile());
  std::string line;
  ASSERT_TRUE(std::getline(in, line));
  std::ofstream(DumpFile(), std::ios::app) << line << '\n';
  EXPECT_THAT(Judged().violations.counts(), ElementsAre(Pair("I6", 1)));
}

}  // namespace
}  // namespace millrace::campaign
