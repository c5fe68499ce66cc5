// The local log alone: 100-byte records appended and read. The directory is made below TMPDIR, so
// numbers with sync are those of that device.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "millrace/local_log.h"

namespace millrace {
namespace {

constexpr int kPartitions = 4;
constexpr size_t kKeyBytes = 16;
constexpr size_t kValueBytes = 84;
constexpr size_t kRecordBytes = kKeyBytes + kValueBytes;
constexpr size_t kFetchBytes = 1 << 20;

void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << status << "\n";
  std::_Exit(1);
}

template <class T>
T Require(absl::StatusOr<T> value) {
  Require(value.status());
  return *std::move(value);
}

// A log with one topic, gone with the object.
class BenchLog {
 public:
  explicit BenchLog(LocalLogOptions options) {
    std::string pattern = std::filesystem::temp_directory_path() / "millrace-bench-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    options.maintenance_interval = std::chrono::seconds(1);
    log_ = Require(LocalLog::Open(directory_ + "/log", options));
    // Bounded, so that a long run does not fill the device.
    Require(log_->CreateTopic("t", {.partitions = kPartitions, .retention_bytes = 256 << 20}));
  }
  ~BenchLog() {
    log_.reset();
    std::filesystem::remove_all(directory_);
  }
  BenchLog(const BenchLog&) = delete;
  BenchLog& operator=(const BenchLog&) = delete;

  LocalLog* operator->() { return log_.get(); }
  LocalLog* get() { return log_.get(); }

 private:
  std::string directory_;
  std::unique_ptr<LocalLog> log_;
};

// Appends transactions of `records` records.
class Appender {
 public:
  explicit Appender(LocalLog* log)
      : producer_(Require(log->NewProducer({}))), topic_(Require(producer_->OpenTopic("t"))) {}

  void Append(int64_t records) {
    for (int64_t i = 0; i < records; ++i) {
      ++number_;
      std::memcpy(key_.data(), &number_, sizeof(number_));
      Require(producer_->Produce(
          topic_, PartitionId(static_cast<int32_t>(number_ % kPartitions)),
          {.key = key_, .value = value_, .timestamp = TimestampFromMillis(number_)}));
    }
    Require(producer_->Commit({}).status());
  }

 private:
  std::unique_ptr<LogProducer> producer_;
  TopicHandle topic_;
  int64_t number_ = 0;
  std::string key_ = std::string(kKeyBytes, 'k');
  const std::string value_ = std::string(kValueBytes, 'v');
};

void CountRecords(benchmark::State& state, int64_t records) {
  state.SetItemsProcessed(records);
  state.SetBytesProcessed(records * static_cast<int64_t>(kRecordBytes));
}

std::unique_ptr<BenchLog> shared_log;

// One producer per thread on one log. range(0): records per transaction; range(1): sync.
void Append(benchmark::State& state) {
  if (state.thread_index() == 0) {
    shared_log = std::make_unique<BenchLog>(LocalLogOptions{.sync = state.range(1) != 0});
  }
  std::unique_ptr<Appender> appender;
  for (auto _ : state) {
    if (appender == nullptr) appender = std::make_unique<Appender>(shared_log->get());
    appender->Append(state.range(0));
  }
  CountRecords(state, static_cast<int64_t>(state.iterations()) * state.range(0));
  appender.reset();
  if (state.thread_index() == 0) shared_log.reset();
}
BENCHMARK(Append)
    ->ArgNames({"records", "sync"})
    ->ArgsProduct({{10, 1000, 10'000}, {0, 1}})
    ->Threads(1)
    ->Threads(4)
    ->UseRealTime();

// Packing alone: what a producer's thread spends on a record before the commit.
void Produce(benchmark::State& state) {
  BenchLog log({.sync = false});
  auto producer = Require(log->NewProducer({}));
  const TopicHandle topic = Require(producer->OpenTopic("t"));
  const std::string key(kKeyBytes, 'k');
  const std::string value(kValueBytes, 'v');
  int64_t records = 0;
  for (auto _ : state) {
    Require(producer->Produce(topic, PartitionId(static_cast<int32_t>(records % kPartitions)),
                              {.key = key, .value = value}));
    if (++records % 100'000 == 0) Require(producer->Abort());
  }
  CountRecords(state, records);
}
BENCHMARK(Produce);

// Reads all partitions from their begin, again and again. range(0): from the tail cache or disk.
void Read(benchmark::State& state) {
  BenchLog log({.sync = false, .tail_cache_bytes = state.range(0) != 0 ? size_t{512} << 20 : 0});
  Appender appender(log.get());
  for (int i = 0; i < 100; ++i) appender.Append(10'000);
  auto reader = Require(log->NewReader());
  int64_t records = 0;
  size_t bytes = 0;
  for (auto _ : state) {
    for (int32_t i = 0; i < kPartitions; ++i) {
      const TopicPartition partition = {"t", PartitionId(i)};
      Require(reader->Assign(
          partition, Require(log->DescribeTopic("t")).partitions[static_cast<size_t>(i)].begin));
      while (true) {
        const RecordBatch batch = Require(reader->Fetch(partition, kFetchBytes));
        if (batch.empty()) break;
        for (const RecordView& record : batch.records) bytes += record.value->size();
        records += static_cast<int64_t>(batch.records.size());
      }
    }
  }
  benchmark::DoNotOptimize(bytes);
  CountRecords(state, records);
}
BENCHMARK(Read)->ArgName("cached")->Arg(1)->Arg(0)->Unit(benchmark::kMillisecond)->UseRealTime();

// A commit of one record and the fetches that find it, without a sync.
void RoundTrip(benchmark::State& state) {
  BenchLog log({.sync = false});
  Appender appender(log.get());
  auto reader = Require(log->NewReader());
  for (int32_t i = 0; i < kPartitions; ++i) {
    Require(reader->Assign({"t", PartitionId(i)}, Offset(0)));
  }
  for (auto _ : state) {
    appender.Append(1);
    size_t records = 0;
    while (records == 0) {
      for (int32_t i = 0; i < kPartitions; ++i) {
        records += Require(reader->Fetch({"t", PartitionId(i)}, kFetchBytes)).records.size();
      }
    }
  }
}
BENCHMARK(RoundTrip);

}  // namespace
}  // namespace millrace
