// StepDriver: as TopologyDriver, but it stops after so many records, so that a test can look, or
// crash, in the middle of what a record has set off.
#pragma once

#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "millrace/memory_log.h"
#include "millrace/partitioner.h"
#include "millrace/status.h"
#include "millrace/time.h"
#include "millrace/topic.h"
#include "runtime/stream_worker.h"
#include "runtime/topic_setup.h"

namespace millrace::topologies {

class StepDriver {
 public:
  explicit StepDriver(Topology topology, Timestamp start = TimestampFromMillis(0))
      : topology_(std::move(topology)),
        clock_(start),
        metrics_(&registry_, topology_.name(), 0),
        producer_(log_->NewProducer({}).value()),
        reader_(log_->NewReader().value()) {
    directory_ = (std::filesystem::temp_directory_path() / "millrace-steps-XXXXXX").string();
    MR_CHECK(mkdtemp(directory_.data()) != nullptr, "cannot make a temporary directory");
    Start();
  }
  ~StepDriver() {
    worker_.reset();
    std::filesystem::remove_all(directory_);
  }

  // Appends a record; nothing is processed yet.
  template <class K, class V>
  void Put(const Topic<K, V>& topic, const K& key, const V& value, Timestamp at) {
    std::string key_bytes;
    std::string value_bytes;
    Serde<K>::Encode(key, &key_bytes);
    Serde<V>::Encode(value, &value_bytes);
    const TopicHandle handle = producer_->OpenTopic(topic.name()).value();
    const OutgoingRecord record{.key = key_bytes, .value = value_bytes, .timestamp = at};
    MR_CHECK(producer_->Produce(handle, PartitionId(0), record).ok(), "the log is in memory");
    MR_CHECK(producer_->Commit({}).ok(), "the log is in memory");
  }

  // Processes a record and commits. False when there was none.
  bool Step() {
    const absl::StatusOr<StreamWorker::Progress> progress = worker_->Step(1);
    MR_CHECK(progress.ok(), std::string(progress.status().message()));
    return worker_->Commit().value() || progress->any();
  }
  void RunUntilIdle() {
    while (Step()) continue;
  }
  void Advance(Duration by) { clock_.Advance(by); }

  // What kill -9 leaves.
  void Crash() {
    worker_.reset();
    Start();
  }

  // The values that came into the topic since the last call; null: std::nullopt.
  template <class K, class V>
  std::vector<std::pair<K, std::optional<V>>> Drain(const Topic<K, V>& topic) {
    const TopicPartition partition{topic.name(), PartitionId(0)};
    if (!std::exchange(reads_[topic.name()], true)) {
      MR_CHECK(reader_->Assign(partition, Offset(0)).ok(), "the topic is there");
    }
    std::vector<std::pair<K, std::optional<V>>> values;
    while (true) {
      const RecordBatch batch = reader_->Fetch(partition, 1 << 20).value();
      if (batch.empty()) return values;
      for (const RecordView& record : batch.records) {
        auto& [key, value] = values.emplace_back();
        MR_CHECK(Serde<K>::Decode(*record.key, &key).ok(), "a key of the topic");
        if (!record.value.has_value()) continue;
        MR_CHECK(Serde<V>::Decode(*record.value, &value.emplace()).ok(), "a value of the topic");
      }
    }
  }
  MetricsRegistry* metrics() { return &registry_; }

 private:
  void Start() {
    const TaskPlan plan =
        SetUpTopics(topology_.data(), {.application = topology_.name(), .default_partitions = 1},
                    log_.get())
            .value();
    worker_ = std::make_unique<StreamWorker>(
        topology_, plan.tasks, log_.get(), stores_.get(), &clock_, &metrics_,
        StreamWorkerOptions{.application = topology_.name(),
                            .transactional_id = topology_.name() + "-0",
                            .state_directory = directory_ + "/" + topology_.name(),
                            .commit_interval = std::chrono::hours(24 * 365)});
    MR_CHECK(worker_->Start().ok(), "the worker starts");
  }

  const Topology topology_;
  std::string directory_;
  ManualClock clock_;
  std::unique_ptr<Log> log_ = NewMemoryLog();
  std::unique_ptr<StoreEnvironment> stores_ = StoreEnvironment::Create({});
  MetricsRegistry registry_;
  TaskMetrics metrics_;
  std::unique_ptr<LogProducer> producer_;
  std::unique_ptr<LogReader> reader_;
  std::map<std::string, bool> reads_;
  std::unique_ptr<StreamWorker> worker_;
};

}  // namespace millrace::topologies
