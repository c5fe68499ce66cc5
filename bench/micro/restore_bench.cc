// What a store takes to be rebuilt from its changelog, once the records are there: row by row as a
// standby does, and in sorted runs as a restore of everything does. Both end with files on disk.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "generator/random.h"
#include "millrace/store.h"
#include "store/store_environment.h"
#include "store/task_stores.h"

namespace millrace::bench {
namespace {

constexpr int kRecords = 1'000'000;
constexpr int kKeys = 700'000;
constexpr size_t kRecordsPerFetch = 8000;

void Require(const absl::Status& status) {
  if (!status.ok()) std::abort();
}

std::string SomeBytes(uint64_t seed, size_t size) {
  std::string bytes(size, '\0');
  gen::Draws draws(seed);
  for (char& byte : bytes) byte = static_cast<char>(draws.Next());
  return bytes;
}

struct Changelog {
  Changelog() {
    for (int i = 0; i < kKeys; ++i) keys.push_back(SomeBytes(static_cast<uint64_t>(i) + 1, 16));
    value = SomeBytes(99, 100);
    for (int i = 0; i < kRecords; ++i) {
      RecordView& record = records.emplace_back();
      record.key = keys[static_cast<size_t>(i * int64_t{7919} % kKeys)];
      record.value = value;
      record.timestamp = TimestampFromMillis(i);
      record.offset = Offset(i);
    }
  }
  std::vector<std::string> keys;
  std::string value;
  std::vector<RecordView> records;
};

void Restore(benchmark::State& state) {
  static const Changelog& changelog = *new Changelog;
  const bool bulk = state.range(0) != 0;
  const auto environment = StoreEnvironment::Create({});
  const std::string directory =
      (std::filesystem::temp_directory_path() / "millrace-restore-bench").string();
  for (auto _ : state) {
    std::filesystem::remove_all(directory);
    auto stores =
        *TaskStores::Open(directory, {Store<std::string, std::string>("rows")}, environment.get());
    if (bulk) Require(stores->BeginBulkRestore());
    for (size_t at = 0; at < changelog.records.size(); at += kRecordsPerFetch) {
      const size_t end = std::min(at + kRecordsPerFetch, changelog.records.size());
      const std::span<const RecordView> fetched(changelog.records.data() + at, end - at);
      Require(stores->Restore("rows", fetched, Offset(static_cast<int64_t>(end))));
    }
    Require(bulk ? stores->EndBulkRestore() : stores->Flush());
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
  state.SetBytesProcessed(state.iterations() * kRecords * 116);
  std::filesystem::remove_all(directory);
}
BENCHMARK(Restore)->ArgName("bulk")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace millrace::bench
