// A full device: commits fail whole and can be tried again, and a reopened log holds exactly what
// was acknowledged. On a small tmpfs, mounted by a child process in a mount namespace of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "millrace/local_log.h"
#include "unit/log/child_process.h"
#include "unit/log/log_testing.h"

namespace millrace {
namespace {

using log_testing::At;
using log_testing::ChildArgument;
using log_testing::ChildProcess;
using log_testing::Must;
using log_testing::MustBeOk;
using log_testing::Put;
using log_testing::ReadAll;
using log_testing::Report;

const LocalLogOptions kOptions = {.tail_cache_bytes = 0,
                                  .block_cache_bytes = 1 << 20,
                                  .write_buffer_bytes = 1 << 20,
                                  .maintenance_interval = Duration(0)};

// What the child reports when it may not mount anything.
constexpr int64_t kNotPermitted = -1;

bool MountSmallDevice(const std::string& path) {
  if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  return ::mount("tmpfs", path.c_str(), "tmpfs", 0, "size=24m") == 0;
}

std::string ValueAt(size_t number) { return std::to_string(number) + std::string(100'000, 'x'); }

// Every record is there once, in order, and the group stands behind the last one.
void ExpectRecords(LocalLog* log, size_t count) {
  const auto records = Must(ReadAll(log, At("t"), Offset(0)));
  ASSERT_EQ(records.size(), count);
  for (size_t i = 0; i < count; ++i) ASSERT_EQ(records[i].value, ValueAt(i));
  EXPECT_EQ(Must(log->CommittedOffsets("g")).at(At("t")).next, Offset(static_cast<int64_t>(count)));
}

absl::Status Commit(LogProducer* producer, size_t number) {
  const Offset next(static_cast<int64_t>(number) + 1);
  return producer->Commit({.group = "g", .consumed = {{At("t"), {next, ""}}}}).status();
}

// Commits until the device is full: refused three times in a row, as a flush in the background may
// give a write-ahead log's space back once. Returns how many records there are; the next one is
// pending.
size_t Fill(LogProducer* producer, size_t number) {
  int refused = 0;
  while (number < 1000 && refused < 3) {
    if (refused == 0) MustBeOk(Put(producer, At("t"), {.value = ValueAt(number)}));
    const absl::Status status = Commit(producer, number);
    if (status.ok()) ++number;
    refused = status.ok() ? 0 : refused + 1;
    EXPECT_TRUE(status.ok() || absl::IsResourceExhausted(status)) << status;
  }
  EXPECT_EQ(refused, 3) << "the device never filled up";
  return number;
}

TEST(LogChild, DISABLED_FillsItsDevice) {
  const std::string device = ChildArgument("directory");
  if (!MountSmallDevice(device)) {
    Report(kNotPermitted);
    return;
  }
  const std::string ballast = device + "/ballast";
  std::ofstream(ballast) << std::string(6 << 20, 'b');
  auto log = Must(LocalLog::Open(device + "/log", kOptions));
  MustBeOk(log->CreateTopic("t", {}));
  auto producer = Must(log->NewProducer({}));
  size_t count = Fill(producer.get(), 0);
  EXPECT_GT(count, 20u);
  ExpectRecords(log.get(), count);
  EXPECT_GT(producer->PendingBytes(), 0u);

  std::filesystem::remove(ballast);
  // RocksDB may take a few seconds to see that there is space.
  absl::Status status = Commit(producer.get(), count);
  while (absl::IsResourceExhausted(status)) status = Commit(producer.get(), count);
  MustBeOk(status);
  ExpectRecords(log.get(), ++count);

  count = Fill(producer.get(), count);
  ExpectRecords(log.get(), count);
  producer.reset();
  log.reset();
  const auto full = LocalLog::Open(device + "/log", kOptions);
  if (!full.ok()) {
    EXPECT_TRUE(absl::IsResourceExhausted(full.status())) << full.status();
  }
  Report(::testing::Test::HasFailure() ? 0 : static_cast<int64_t>(count));
}

// Another program takes the last byte, so that the log's own caution does not help.
TEST(LogChild, DISABLED_LosesItsDeviceToOthers) {
  const std::string device = ChildArgument("directory");
  if (!MountSmallDevice(device)) {
    Report(kNotPermitted);
    return;
  }
  auto log = Must(LocalLog::Open(device + "/log", kOptions));
  MustBeOk(log->CreateTopic("t", {}));
  auto producer = Must(log->NewProducer({}));
  for (size_t i = 0; i < 5; ++i) {
    MustBeOk(Put(producer.get(), At("t"), {.value = ValueAt(i)}));
    MustBeOk(Commit(producer.get(), i));
  }
  std::ofstream ballast(device + "/ballast");
  while (ballast.put('b')) {
  }
  ballast.close();
  Offset acknowledged(5);
  absl::Status status;
  for (int i = 0; i < 10'000 && status.ok(); ++i) {
    const std::string metadata(1000, static_cast<char>('a' + i % 26));
    status = producer->Commit({.group = "g", .consumed = {{At("t"), {acknowledged, metadata}}}})
                 .status();
  }
  EXPECT_TRUE(absl::IsUnavailable(status) || absl::IsResourceExhausted(status)) << status;
  producer.reset();
  log.reset();
  std::filesystem::remove(device + "/ballast");
  log = Must(LocalLog::Open(device + "/log", kOptions));
  ExpectRecords(log.get(), 5);
  Report(::testing::Test::HasFailure() ? 0 : 1);
}

void RunOnSmallDevice(const std::string& test) {
  log_testing::ScratchDirectory directory;
  ChildProcess child(test, {{"directory", directory.path()}});
  int64_t records = 0;
  const bool finished = child.Next(&records);
  if (records == kNotPermitted) GTEST_SKIP() << "no tmpfs can be mounted here";
  EXPECT_TRUE(finished);
  EXPECT_EQ(child.Wait(), 0);
  EXPECT_GT(records, 0);
}

TEST(FullDevice, EndsTheLogButLosesNothingWhenOthersTookTheLastByte) {
  RunOnSmallDevice("LogChild.DISABLED_LosesItsDeviceToOthers");
}

TEST(FullDevice, FailsCommitsAsAWholeAndTakesThemAgainWhenThereIsSpace) {
  RunOnSmallDevice("LogChild.DISABLED_FillsItsDevice");
}

}  // namespace
}  // namespace millrace
