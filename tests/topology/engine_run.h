// A topology on a real engine over a log in memory, for tests of what is read out of it.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "millrace/engine.h"
#include "millrace/memory_log.h"
#include "millrace/partitioner.h"
#include "millrace/topic.h"

namespace millrace::topologies {

class EngineRun {
 public:
  static constexpr int kPartitions = 3;

  // Commits each record for itself, so that a clock that stands still holds nothing up. `clock` is
  // borrowed.
  explicit EngineRun(Topology topology, const Clock* clock = Clock::System()) {
    directory_ = (std::filesystem::temp_directory_path() / "millrace-topology-XXXXXX").string();
    EXPECT_NE(::mkdtemp(directory_.data()), nullptr);
    EngineOptions options;
    options.state_directory = directory_;
    options.default_partitions = kPartitions;
    options.max_skew = std::nullopt;
    options.clock = clock;
    options.commit_interval = Duration(0);
    engine_ = Engine::Create(std::move(topology), log_.get(), options).value();
    EXPECT_TRUE(engine_->Start().ok());
    producer_ = log_->NewProducer({}).value();
  }
  ~EngineRun() {
    EXPECT_TRUE(engine_->Stop().ok());
    engine_.reset();
    std::filesystem::remove_all(directory_);
  }

  // Into the partition of the key, unless told otherwise.
  template <class K, class V>
  void Put(const Topic<K, V>& topic, const K& key, const std::optional<V>& value, Timestamp at,
           std::optional<PartitionId> partition = std::nullopt) {
    std::string key_bytes;
    std::string value_bytes;
    Serde<K>::Encode(key, &key_bytes);
    if (value.has_value()) Serde<V>::Encode(*value, &value_bytes);
    const TopicHandle handle = producer_->OpenTopic(topic.name()).value();
    OutgoingRecord record{.key = key_bytes, .timestamp = at};
    if (value.has_value()) record.value = value_bytes;
    const PartitionId to = partition.value_or(PartitionForKey(key_bytes, kPartitions));
    ASSERT_TRUE(producer_->Produce(handle, to, record).ok());
  }
  // Until everything that was put is done.
  void Settle() {
    ASSERT_TRUE(producer_->Commit({}).ok());
    ASSERT_TRUE(WaitUntilIdle({engine_.get()}).ok());
  }
  Engine* engine() { return engine_.get(); }

 private:
  std::string directory_;
  std::unique_ptr<Log> log_ = NewMemoryLog();
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<LogProducer> producer_;
};

}  // namespace millrace::topologies
