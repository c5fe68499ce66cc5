// A topology that changes while its application has state in the log.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "millrace/engine.h"
#include "millrace/memory_log.h"
#include "millrace/millrace.h"
#include "runtime/deployment_log.h"

namespace millrace {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const Topic<std::string, std::string> kIn("in");
const Topic<std::string, int64_t> kOut("out");

struct Shape {
  std::string store = "counts";
  std::string repartition = "by-value";
  bool other_subtopology_first = false;
  bool step_before = false;
  bool windowed = false;
  Duration window = std::chrono::seconds(1);
  std::optional<Duration> retention = std::nullopt;
};

Topology Build(const Shape& shape) {
  TopologyBuilder flow("app");
  if (shape.other_subtopology_first) {
    flow.From(Topic<std::string, std::string>("aaa")).GroupByKey().Count("a-first-store");
  }
  auto in = flow.From(kIn);
  if (shape.step_before) in = in.Filter([](const std::string& value) { return value != "no"; });
  const auto grouped =
      in.GroupBy(shape.repartition, [](const std::string& value) { return value; });
  if (shape.windowed) {
    grouped.Window(Tumbling{.size = shape.window})
        .Count(shape.store, {.retention = shape.retention});
  } else {
    grouped.Count(shape.store).ToStream().To(kOut);
  }
  absl::StatusOr<Topology> topology = std::move(flow).Build();
  MR_CHECK(topology.ok(), std::string(topology.status().message()));
  return *std::move(topology);
}

class DeploymentTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "millrace-deploy-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    ASSERT_TRUE(log_->CreateTopic("in", {.partitions = 1}).ok());
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  void Append(const std::string& value) {
    auto producer = *log_->NewProducer({});
    const TopicHandle in = *producer->OpenTopic("in");
    ASSERT_TRUE(
        producer->Produce(in, PartitionId(0), {.value = value, .timestamp = TimestampFromMillis(0)})
            .ok());
    ASSERT_TRUE(producer->Commit({}).ok());
  }

  absl::Status Run(const Shape& shape, bool accept_state_loss = false) {
    auto engine =
        *Engine::Create(Build(shape), log_.get(),
                        {.state_directory = directory_, .accept_state_loss = accept_state_loss});
    if (absl::Status started = engine->Start(); !started.ok()) return started;
    absl::Status status = WaitUntilIdle({engine.get()});
    restored_ = 0;
    for (const MetricSample& sample : engine->metrics()->Snapshot()) {
      if (sample.name == "millrace_records_restored_total") restored_ += sample.value;
    }
    status.Update(engine->Stop());
    return status;
  }

  // The newest count of `value` in the output.
  int64_t CountOf(const std::string& value) {
    const auto reader = *log_->NewReader();
    const TopicDescription out = *log_->DescribeTopic("out");
    int64_t count = 0;
    for (int32_t p = 0; p < out.config.partitions; ++p) {
      const TopicPartition partition{"out", PartitionId(p)};
      MR_CHECK(reader->Assign(partition, Offset(0)).ok(), "");
      while (true) {
        const RecordBatch batch = *reader->Fetch(partition, 1 << 20);
        if (batch.empty()) break;
        for (const RecordView& record : batch.records) {
          if (record.key == value) MR_CHECK(Serde<int64_t>::Decode(*record.value, &count).ok(), "");
        }
      }
    }
    return count;
  }

  const std::unique_ptr<Log> log_ = NewMemoryLog();
  std::string directory_;
  double restored_ = 0;
};

TEST_F(DeploymentTest, KeepsStateWhereItIsWhenStepsAndSubtopologiesAreInserted) {
  Append("x");
  ASSERT_TRUE(Run({}).ok());
  Append("x");
  ASSERT_TRUE(Run({.other_subtopology_first = true, .step_before = true}).ok());
  EXPECT_EQ(CountOf("x"), 2);
  EXPECT_EQ(restored_, 0) << "the state was rebuilt, though its files were there";
}

TEST_F(DeploymentTest, RefusesToStartWithoutAStoreThatTheApplicationHas) {
  Append("x");
  ASSERT_TRUE(Run({}).ok());
  const absl::Status refused = Run({.store = "renamed"});
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("lost"), HasSubstr("store counts"), HasSubstr("--accept-state-loss"),
                    Not(HasSubstr("renamed"))));
  EXPECT_TRUE(Run({.store = "renamed"}, /*accept_state_loss=*/true).ok());
  EXPECT_TRUE(Run({.store = "renamed"}).ok()) << "an accepted loss is not asked for again";
}

TEST_F(DeploymentTest, GivesALostStoreItsRowsBackWithItsName) {
  Append("x");
  ASSERT_TRUE(Run({}).ok());
  ASSERT_TRUE(Run({.store = "renamed"}, /*accept_state_loss=*/true).ok());
  ASSERT_TRUE(Run({}, /*accept_state_loss=*/true).ok());
  Append("x");
  ASSERT_TRUE(Run({}).ok());
  EXPECT_EQ(CountOf("x"), 2);
}

TEST_F(DeploymentTest, NeverStartsOnAStoreOfAnotherKind) {
  Append("x");
  ASSERT_TRUE(Run({}).ok());
  const absl::Status refused = Run({.windowed = true}, /*accept_state_loss=*/true);
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("incompatible"), HasSubstr("key-value string -> int64"),
                    HasSubstr("window string -> int64"), HasSubstr("new name")));
}

TEST_F(DeploymentTest, NeverStartsOnWindowsOfAnotherSize) {
  Append("x");
  ASSERT_TRUE(Run({.windowed = true}).ok());
  const absl::Status refused = Run({.windowed = true, .window = Duration(2000)});
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("incompatible"), HasSubstr("windows of 1000 ms"),
                    HasSubstr("wants 2000 ms")));
  EXPECT_TRUE(Run({.windowed = true}).ok());
}

TEST_F(DeploymentTest, LetsARetentionGrowTogetherWithItsChangelog) {
  Append("x");
  const auto changelog_keeps = [this] {
    return log_->DescribeTopic("app-counts-changelog")->config.retention;
  };
  constexpr Duration kMore = std::chrono::hours(24);
  ASSERT_TRUE(Run({.windowed = true, .retention = Duration(1000)}).ok());
  EXPECT_EQ(changelog_keeps(), Duration(1000) + kMore);
  ASSERT_TRUE(Run({.windowed = true, .retention = Duration(9000)}).ok());
  EXPECT_EQ(changelog_keeps(), Duration(9000) + kMore);
  ASSERT_TRUE(Run({.windowed = true, .retention = Duration(3000)}).ok());
  EXPECT_EQ(changelog_keeps(), Duration(9000) + kMore) << "nothing is deleted for it";
}

TEST(Deployment, SaysWhatAnotherRetentionMeans) {
  const auto with = [](int64_t retention_ms) {
    return Deployment{.topology = "t",
                      .stores = {{.name = "s",
                                  .meaning = "window string -> json",
                                  .directory = "d",
                                  .partitions = 1,
                                  .window_size = Duration(100),
                                  .retention = Duration(retention_ms)}},
                      .repartitions = {}};
  };
  EXPECT_THAT(
      CompareDeployments(with(200), with(500)).ToText(),
      AllOf(HasSubstr("kept"), HasSubstr("for 500 ms instead of 200"), HasSubstr("gone already")));
  EXPECT_THAT(CompareDeployments(with(500), with(200)).ToText(),
              AllOf(HasSubstr("kept"), HasSubstr("for 200 ms instead of 500")));
  EXPECT_EQ(CompareDeployments(with(200), with(200)).changes.front().why, "");
  // What an older version has put on record says nothing of it.
  Deployment old = with(200);
  old.stores.front().window_size.reset();
  old.stores.front().retention.reset();
  EXPECT_EQ(CompareDeployments(old, with(500)).changes.front().why, "");
}

TEST_F(DeploymentTest, DropsADrainedRepartitionTopicButNotOneInWhichRecordsWait) {
  Append("x");
  ASSERT_TRUE(Run({}).ok());
  ASSERT_TRUE(Run({.repartition = "renamed"}).ok()) << "nothing waited in it";

  const std::string topic = "app-renamed-repartition";
  auto producer = *log_->NewProducer({});
  const TopicHandle handle = *producer->OpenTopic(topic);
  ASSERT_TRUE(producer
                  ->Produce(handle, PartitionId(0),
                            {.key = "y", .value = "y", .timestamp = TimestampFromMillis(0)})
                  .ok());
  ASSERT_TRUE(producer->Commit({}).ok());
  const absl::Status refused = Run({});
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("repartition topic renamed"), HasSubstr("1 records wait")));
}

TEST(Deployment, ReadsWhatItWrote) {
  const Deployment deployment{.topology = "t",
                              .stores = {{.name = "s",
                                          .meaning = "window string -> json",
                                          .directory = "d",
                                          .partitions = 3,
                                          .changelog = false,
                                          .window_size = Duration(100),
                                          .retention = Duration(300)},
                                         {.name = "t",
                                          .meaning = "key-value string -> json",
                                          .directory = "d",
                                          .partitions = 3}},
                              .repartitions = {{"r", 5}}};
  const absl::StatusOr<Deployment> read = DecodeDeployment(EncodeDeployment(deployment));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, deployment);
  EXPECT_TRUE(absl::IsDataLoss(DecodeDeployment("{\"format\":99}").status()));
  EXPECT_TRUE(absl::IsDataLoss(DecodeDeployment("{}").status()));
  EXPECT_TRUE(absl::IsDataLoss(DecodeDeployment("nonsense").status()));
}

}  // namespace
}  // namespace millrace
