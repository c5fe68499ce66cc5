// Damaged files: whatever byte of a log's directory changes, or wherever a file is cut off, a
// reader gets exactly what was written or a clean error. Never something else, never a crash.
//
// Every offset of small files and a stride of large ones; MILLRACE_CORRUPTION_STRIDE=1 tries all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "millrace/local_log.h"
#include "unit/log/child_process.h"
#include "unit/log/log_testing.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;
using log_testing::At;
using log_testing::ChildArgument;
using log_testing::ChildProcess;
using log_testing::Must;
using log_testing::MustBeOk;
using log_testing::Put;
using log_testing::ReadAll;
using log_testing::Report;

const LocalLogOptions kOptions = {.maintenance_interval = Duration(0)};
constexpr int kCommits = 12;

std::string ValueAt(int i) { return "value " + std::to_string(i) + std::string(40, 'v'); }

// `kCommits` transactions; with a new process for the log now and then, they reach table files.
void WriteLog(const std::string& path, int reopenings) {
  auto log = Must(LocalLog::Open(path, kOptions));
  MustBeOk(log->CreateTopic("t", {.partitions = 2}));
  const int per_opening = kCommits / (reopenings + 1);
  for (int i = 0; i < kCommits; ++i) {
    if (i > 0 && i % per_opening == 0 && reopenings > 0) {
      log.reset();
      log = Must(LocalLog::Open(path, kOptions));
    }
    auto producer = Must(log->NewProducer({}));
    MustBeOk(Put(producer.get(), At("t", i % 2), {.key = "k", .value = ValueAt(i)}));
    MustBeOk(
        producer->Commit({.group = "g", .consumed = {{At("t"), {Offset(i + 1), "m"}}}}).status());
  }
}

enum Outcome : int64_t { kExact, kError, kWrong };

Outcome CheckRecords(Log* log) {
  for (int partition : {0, 1}) {
    const auto records = ReadAll(log, At("t", partition), Offset(0));
    if (!records.ok()) return absl::IsDataLoss(records.status()) ? kError : kWrong;
    if (records->size() != kCommits / 2) return kWrong;
    for (size_t i = 0; i < records->size(); ++i) {
      const auto& record = (*records)[i];
      const int number = static_cast<int>(i) * 2 + partition;
      if (record.key != "k" || record.value != ValueAt(number)) return kWrong;
    }
  }
  return kExact;
}

Outcome CheckLog(const std::string& path) {
  auto log = LocalLog::Open(path, kOptions);
  if (!log.ok()) return log.status().message().empty() ? kWrong : kError;
  const auto offsets = (*log)->CommittedOffsets("g");
  if (offsets.value() != GroupOffsets{{At("t"), {Offset(kCommits), "m"}}}) return kWrong;
  if ((*log)->ListTopics().value() != std::vector<std::string>{"t"}) return kWrong;
  return CheckRecords(log->get());
}

// One way to damage one file.
struct Damage {
  std::string file;  // relative to the log
  size_t at;
  int flip;  // 0: cut off here

  std::string ToString() const {
    std::ostringstream out;
    out << file << (flip == 0 ? " cut off at " : " flipped at ") << at << " by " << flip;
    return out.str();
  }
};

std::vector<Damage> AllDamages(const std::string& path) {
  const char* stride_text = std::getenv("MILLRACE_CORRUPTION_STRIDE");
  const size_t most = stride_text == nullptr ? 8 : SIZE_MAX;
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    const std::string name = fs::relative(entry.path(), path);
    // LOG files are RocksDB's diary; nobody reads them.
    if (entry.is_regular_file() && name.rfind("db/LOG", 0) != 0) files.push_back(name);
  }
  std::sort(files.begin(), files.end());
  std::vector<Damage> damages;
  for (const std::string& file : files) {
    const size_t size = fs::file_size(path + "/" + file);
    const size_t stride =
        stride_text != nullptr ? std::stoul(stride_text) : std::max<size_t>(1, size / most);
    for (size_t at = 0; at < size; at += stride) {
      for (int flip : {0, 0x01, 0x80}) damages.push_back({file, at, flip});
    }
  }
  return damages;
}

void Inflict(const Damage& damage, const std::string& path) {
  const std::string file = path + "/" + damage.file;
  if (damage.flip == 0) return fs::resize_file(file, damage.at);
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(damage.at));
  const int byte = stream.get();
  stream.seekp(static_cast<std::streamoff>(damage.at));
  stream.put(static_cast<char>(byte ^ damage.flip));
}

// Tries the damages from `first` on and reports the outcome of each.
TEST(LogChild, DISABLED_OpensDamagedLogs) {
  const std::string pristine = ChildArgument("pristine");
  const std::vector<Damage> damages = AllDamages(pristine);
  for (size_t i = std::stoul(ChildArgument("first")); i < damages.size(); ++i) {
    log_testing::ScratchDirectory scratch;
    const std::string path = scratch.File("log");
    fs::copy(pristine, path, fs::copy_options::recursive);
    Inflict(damages[i], path);
    ::alarm(60);  // a hang is a failure too
    Report(CheckLog(path));
  }
}

TEST(LogChild, DISABLED_WritesALogAndDies) {
  WriteLog(ChildArgument("directory"), 0);
  ::_exit(0);
}

class DamagedLog : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Corpus, DamagedLog, testing::Values("Closed", "Reopened", "Killed"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(DamagedLog, GivesExactlyWhatWasWrittenOrACleanError) {
  log_testing::ScratchDirectory directory;
  const std::string pristine = directory.File("pristine");
  const std::string kind = GetParam();
  if (kind == "Killed") {
    ChildProcess("LogChild.DISABLED_WritesALogAndDies", {{"directory", pristine}}).Wait();
  } else {
    WriteLog(pristine, kind == "Reopened" ? 2 : 0);
  }
  const std::vector<Damage> damages = AllDamages(pristine);
  size_t done = 0;
  int64_t exact = 0;
  while (done < damages.size()) {
    ChildProcess child("LogChild.DISABLED_OpensDamagedLogs",
                       {{"pristine", pristine}, {"first", std::to_string(done)}});
    for (int64_t outcome; child.Next(&outcome); ++done) {
      EXPECT_NE(outcome, kWrong) << "wrong or missing records: " << damages[done].ToString();
      exact += outcome == kExact ? 1 : 0;
    }
    const int status = child.Wait();
    if (done < damages.size()) {
      ADD_FAILURE() << "crash (" << status << "): " << damages[done++].ToString();
    }
  }
  std::printf("%zu damages, %lld harmless\n", damages.size(), static_cast<long long>(exact));
}

}  // namespace
}  // namespace millrace
