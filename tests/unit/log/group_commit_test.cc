// Several producers at once: commits share a write, and each stays whole.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "millrace/local_log.h"
#include "unit/log/log_testing.h"

namespace millrace {
namespace {

using log_testing::At;
using log_testing::Must;
using log_testing::MustBeOk;
using log_testing::Put;
using log_testing::ReadAll;
using log_testing::Stored;

constexpr int kProducers = 4;
constexpr int kCommits = 60;

std::string Name(int producer) { return "p" + std::to_string(producer); }

// Each commit writes its number to the producer's own partition and to the shared one.
void CommitMany(LocalLog* log, int index) {
  auto producer = Must(log->NewProducer({.transactional_id = Name(index)}));
  for (int i = 0; i < kCommits; ++i) {
    const std::string value = std::to_string(i);
    const std::string key = Name(index);
    MustBeOk(Put(producer.get(), At("own", index), {.key = key, .value = value}));
    MustBeOk(Put(producer.get(), At("shared"), {.key = key, .value = value}));
    MustBeOk(Put(producer.get(), At("shared"), {.key = key, .value = value}));
    const auto ranges = Must(
        producer->Commit({.group = key, .consumed = {{At("own", index), {Offset(i + 1), ""}}}}));
    ASSERT_EQ(ranges.size(), 2u);
    EXPECT_EQ(ranges[0].first, Offset(i));
    EXPECT_EQ(ranges[1].end - ranges[1].first, 2);
  }
}

TEST(GroupCommit, KeepsEveryTransactionWholeAndInItsProducersOrder) {
  log_testing::ScratchDirectory directory;
  auto log = Must(LocalLog::Open(directory.File("log"), {}));
  MustBeOk(log->CreateTopic("own", {.partitions = kProducers}));
  MustBeOk(log->CreateTopic("shared", {}));
  std::vector<std::thread> threads;
  for (int i = 0; i < kProducers; ++i) threads.emplace_back(CommitMany, log.get(), i);

  auto reader = Must(log->NewReader());
  MustBeOk(reader->Assign(At("shared"), Offset(0)));
  std::vector<Stored> seen;
  while (seen.size() < 2 * kProducers * kCommits) {
    log_testing::AppendOwned(Must(reader->Fetch(At("shared"), 1 << 20)), &seen);
    EXPECT_EQ(seen.size() % 2, 0u) << "half a transaction";
    if (seen.size() < 2 * kProducers * kCommits) reader->Wait(std::chrono::hours(1));
  }
  for (std::thread& thread : threads) thread.join();

  std::map<std::string, int> next;
  for (size_t i = 0; i < seen.size(); i += 2) {
    EXPECT_EQ(seen[i].offset, Offset(static_cast<int64_t>(i)));
    EXPECT_EQ(seen[i].value, std::to_string(next[*seen[i].key]++));
    EXPECT_EQ(seen[i].key, seen[i + 1].key);
  }
  for (int i = 0; i < kProducers; ++i) {
    EXPECT_EQ(Must(ReadAll(log.get(), At("own", i), Offset(0))).size(), size_t{kCommits});
    EXPECT_EQ(Must(log->CommittedOffsets(Name(i))).at(At("own", i)).next, Offset(kCommits));
  }
}

TEST(GroupCommit, ReadersSeeATransactionOfSeveralPartitionsAsAWhole) {
  log_testing::ScratchDirectory directory;
  auto log = Must(LocalLog::Open(directory.File("log"), {.sync = false}));
  MustBeOk(log->CreateTopic("t", {.partitions = 2}));
  std::atomic<bool> done = false;
  std::thread writer([&] {
    auto producer = Must(log->NewProducer({}));
    for (int i = 0; i < 2000; ++i) {
      MustBeOk(Put(producer.get(), At("t", 1), {.value = "1"}));
      MustBeOk(Put(producer.get(), At("t", 0), {.value = "0"}));
      MustBeOk(producer->Commit({}).status());
    }
    done = true;
  });
  auto reader = Must(log->NewReader());
  size_t seen[2] = {};
  for (int partition : {0, 1}) MustBeOk(reader->Assign(At("t", partition), Offset(0)));
  while (!done) {
    // Whichever is read first, the other one must have as much by then.
    const int first = static_cast<int>(seen[0] % 2);
    for (int partition : {first, 1 - first}) {
      seen[partition] += Must(reader->Fetch(At("t", partition), 1 << 20)).records.size();
    }
    ASSERT_GE(seen[1 - first], seen[first]);
  }
  writer.join();
}

TEST(GroupCommit, AFencedProducerNeverCommitsAfterTheNewOneExists) {
  log_testing::ScratchDirectory directory;
  auto log = Must(LocalLog::Open(directory.File("log"), {.sync = false}));
  MustBeOk(log->CreateTopic("t", {}));
  for (int round = 0; round < 50; ++round) {
    auto older = Must(log->NewProducer({.transactional_id = "w"}));
    std::thread commits([&] {
      absl::Status status;
      while (status.ok()) {
        MustBeOk(Put(older.get(), At("t"), {.value = "x"}));
        status = older->Commit({.group = "g", .consumed = {{At("t"), {}}}}).status();
      }
      EXPECT_TRUE(absl::IsAborted(status)) << status;
    });
    auto newer = Must(log->NewProducer({.transactional_id = "w"}));
    const Offset end = Must(log->DescribeTopic("t")).partitions[0].end;
    commits.join();
    EXPECT_EQ(Must(log->DescribeTopic("t")).partitions[0].end, end);
  }
}

}  // namespace
}  // namespace millrace
