// Generated social networks through the topologies, and through tests/oracle, which knows the rules
// but neither streams nor partitions: both must end with the same.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/json_text.h"
#include "generator/ldbc_replay.h"
#include "generator/record_stream.h"
#include "millrace/partitioner.h"
#include "tests/topology/boards_of.h"
#include "tests/topology/feeds_of.h"
#include "topologies/feed-fan-out/feed_fan_out.h"
#include "topologies/hot-posts/hot_posts.h"

namespace millrace::topologies {
namespace {

using gen::ChangeRecord;

std::vector<ChangeRecord> Generate(uint64_t seed) {
  gen::RecordStream stream(gen::RecordStream::Tables({.seed = seed,
                                                      .users = 60,
                                                      .follows = 5,
                                                      .posts = 80,
                                                      .changes = 3000,
                                                      .gap = std::chrono::milliseconds(1500)}));
  std::vector<ChangeRecord> records;
  for (ChangeRecord record; stream.Next(&record);) records.push_back(record);
  return records;
}

// The oracle's answer about the records, line by line.
class Oracle {
 public:
  explicit Oracle(const std::vector<ChangeRecord>& records)
      : path_(std::filesystem::temp_directory_path() /
              absl::StrCat("millrace-oracle-", ::testing::UnitTest::GetInstance()->random_seed(),
                           "-", reinterpret_cast<uintptr_t>(this), ".jsonl")) {
    std::ofstream file(path_);
    for (const ChangeRecord& record : records) file << Line(record);
  }
  ~Oracle() { std::filesystem::remove(path_); }

  std::string Ask(const std::string& question, const std::string& more = "") const {
    const std::string command =
        absl::StrCat(MILLRACE_PYTHON, " ", MILLRACE_SOURCE_DIR, "/tests/oracle/changes_oracle.py ",
                     question, " ", path_.string(), " ", more);
    std::FILE* pipe = popen(command.c_str(), "r");
    std::string answer;
    char buffer[4096];
    while (size_t read = std::fread(buffer, 1, sizeof buffer, pipe)) answer.append(buffer, read);
    EXPECT_EQ(pclose(pipe), 0) << command;
    return answer;
  }

 private:
  static std::string Line(const ChangeRecord& record) {
    std::string line = absl::StrCat("{\"topic\":\"", std::string(record.topic), "\",\"key\":");
    AppendJsonString(record.key, &line);
    line += ",\"value\":";
    if (record.is_tombstone) {
      line += "null";
    } else {
      AppendJsonString(record.value, &line);
    }
    return absl::StrCat(line, ",\"timestamp\":", ToMillis(record.timestamp), "}\n");
  }

  const std::filesystem::path path_;
};

void Pipe(const ChangeRecord& record, TopologyDriver* driver) {
  driver->PipeBytes(std::string(record.topic), record.key, record.ValueOrNull(), record.timestamp);
}

std::string Lines(const FeedSet& feeds) {
  std::string lines;
  for (const auto& [user, post] : feeds) absl::StrAppend(&lines, user, " ", post, "\n");
  return lines;
}

std::string Lines(const schemas::HotBoard& board) {
  std::string lines;
  int rank = 0;
  for (const schemas::HotPost& post : board.posts) {
    absl::StrAppend(&lines, ToMillis(board.time), " ", ++rank, " ", post.post, " ",
                    absl::StrFormat("%.9f", post.score), " ", post.likes, " ", post.comments, "\n");
  }
  return lines;
}

// Every board that was made since a time is the oracle's. One that is missing was jumped over.
void ExpectBoards(const std::map<Timestamp, schemas::HotBoard>& made, const Oracle& oracle,
                  Timestamp since) {
  std::map<int64_t, std::string> expected;
  std::istringstream answer(oracle.Ask("boards", absl::StrCat(ToMillis(since))));
  for (std::string line; std::getline(answer, line);) {
    expected[std::stoll(line)] += line + "\n";
  }
  EXPECT_FALSE(expected.empty());
  for (auto it = made.lower_bound(since); it != made.end(); ++it) {
    ASSERT_EQ(Lines(it->second), expected[ToMillis(it->first)]);
  }
}

struct Run {
  int partitions;
  uint64_t seed;
};
void PrintTo(const Run& run, std::ostream* out) {
  *out << run.partitions << " partitions, seed " << run.seed;
}

class AgainstTheOracle : public ::testing::TestWithParam<Run> {};
INSTANTIATE_TEST_SUITE_P(GeneratedNetworks, AgainstTheOracle,
                         ::testing::Values(Run{1, 1}, Run{4, 1}, Run{4, 2}));

TEST_P(AgainstTheOracle, FeedsAreThoseOfTheTables) {
  const std::vector<ChangeRecord> records = Generate(GetParam().seed);
  TopologyDriver driver(BuildFeedFanOut().value(), {.partitions = GetParam().partitions});
  for (const ChangeRecord& record : records) {
    if (record.topic == "cdc.posts" || record.topic == "cdc.follows") Pipe(record, &driver);
  }
  const std::string expected = Oracle(records).Ask("feeds");
  EXPECT_FALSE(expected.empty());
  EXPECT_EQ(Lines(FeedReader(&driver).Read()), expected);
  EXPECT_EQ(Lines(FeedsInStore(&driver)), expected);
}

TEST_P(AgainstTheOracle, BoardsAreThoseOfTheTablesAtTheirTime) {
  const std::vector<ChangeRecord> records = Generate(GetParam().seed);
  TopologyDriver driver(BuildHotPosts().value(), {.partitions = GetParam().partitions});
  BoardReader boards(&driver);
  for (const ChangeRecord& record : records) {
    if (record.topic != "cdc.follows") Pipe(record, &driver);
  }
  const Oracle oracle(records);
  const std::string last = oracle.Ask("board");
  EXPECT_FALSE(last.empty());
  EXPECT_EQ(Lines(boards.Last()), last);
  EXPECT_GT(boards.Read().size(), 50);
  ExpectBoards(boards.Read(), oracle, TimestampFromMillis(0));
}

// One partition after the other, so that each is read when the ones before are an hour ahead.
TEST(AgainstTheOracleInAnyOrder, TheLastBoardDoesNotDependOnWhichPartitionIsReadFirst) {
  const std::vector<ChangeRecord> records = Generate(/*seed=*/3);
  TopologyDriver driver(BuildHotPosts().value(), {.partitions = 4});
  BoardReader boards(&driver);
  for (int32_t partition = 3; partition >= 0; --partition) {
    for (const ChangeRecord& record : records) {
      if (record.topic == "cdc.follows") continue;
      if (PartitionForKey(record.key, 4) == PartitionId(partition)) Pipe(record, &driver);
    }
  }
  const Oracle oracle(records);
  EXPECT_EQ(Lines(boards.Last()), oracle.Ask("board"));
  ExpectBoards(boards.Read(), oracle, TimestampFromMillis(0));
}

// A recorded network. MILLRACE_LDBC names a folder with all of it; without, it is a tiny one.
class RecordedNetwork : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    const char* complete = std::getenv("MILLRACE_LDBC");
    const std::string folder =
        complete != nullptr ? complete : MILLRACE_SOURCE_DIR "/tests/oracle/tiny-ldbc";
    auto replay = gen::LdbcReplay::Open(folder, {});
    ASSERT_TRUE(replay.ok()) << replay.status();
    ChangeRecord record;
    while ((*replay)->Next(&record).value()) records_.push_back(record);
  }
  std::vector<ChangeRecord> records_;
};
INSTANTIATE_TEST_SUITE_P(Partitions, RecordedNetwork, ::testing::Values(1, 4),
                         ::testing::PrintToStringParamName());

TEST_P(RecordedNetwork, EndsInTheFeedsOfTheTables) {
  TopologyDriver driver(BuildFeedFanOut().value(), {.partitions = GetParam()});
  for (const ChangeRecord& record : records_) {
    if (record.topic == "cdc.posts" || record.topic == "cdc.follows") Pipe(record, &driver);
  }
  EXPECT_EQ(Lines(FeedReader(&driver).Read()), Oracle(records_).Ask("feeds"));
}

TEST_P(RecordedNetwork, HasTheBoardsOfTheTablesOnceTheSnapshotIsAnHourOld) {
  TopologyDriver driver(BuildHotPosts().value(), {.partitions = GetParam()});
  BoardReader boards(&driver);
  for (const ChangeRecord& record : records_) {
    if (record.topic != "cdc.follows") Pipe(record, &driver);
  }
  boards.Settle();
  // Records of the snapshot carry the time when it was taken.
  ExpectBoards(boards.Read(), Oracle(records_), records_.front().timestamp + std::chrono::hours(1));
}

}  // namespace
}  // namespace millrace::topologies
