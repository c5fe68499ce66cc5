// What the tests on real brokers share. MILLRACE_KAFKA names the brokers (host:port,…); the ctest
// entries start them with with_brokers.py.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "integration/kafka/own_names_log.h"
#include "millrace/kafka/kafka_log.h"
#include "unit/log/log_testing.h"

namespace millrace::kafka_testing {

inline std::string BrokersUrl() {
  const char* brokers = std::getenv("MILLRACE_KAFKA");
  EXPECT_NE(brokers, nullptr) << "start this with tests/integration/kafka/with_brokers.py";
  return std::string("kafka://") + (brokers == nullptr ? "" : brokers);
}

// A prefix that no other test has, here or in another process.
inline std::string NewPrefix() {
  static std::atomic<int> count{0};
  return "t" + std::to_string(::getpid()) + "-" + std::to_string(++count) + "-";
}

inline std::unique_ptr<Log> OpenOwnLog(const kafka::KafkaOptions& options = {},
                                       const std::string& prefix = NewPrefix()) {
  return std::make_unique<OwnNamesLog>(
      log_testing::Must(kafka::OpenKafkaLog(BrokersUrl(), options)), prefix);
}

// A log for the test, and the same one with what is not committed.
class KafkaTest : public testing::Test {
 protected:
  std::unique_ptr<Log> Open(const kafka::KafkaOptions& options) {
    return OpenOwnLog(options, prefix_);
  }
  std::vector<std::string> Read(const std::string& topic) {
    return log_testing::Values(
        log_testing::Must(log_testing::ReadToEnd(log_.get(), log_testing::At(topic), Offset(0))));
  }
  // Until the brokers have so many records and markers, of whatever transactions.
  void AwaitWritten(const TopicPartition& partition, int64_t offsets) {
    auto reader = log_testing::Must(sees_all_->NewReader());
    log_testing::MustBeOk(reader->Assign(partition, Offset(0)));
    Offset next(0);
    while (next < Offset(offsets)) {
      auto batch = FetchOnward(reader.get(), partition, next, 1 << 20);
      ASSERT_TRUE(batch.ok()) << batch.status();
      next = batch->next_offset;
    }
  }

  const std::string prefix_ = NewPrefix();
  std::unique_ptr<Log> log_ = Open({});
  std::unique_ptr<Log> sees_all_ = Open({.read_uncommitted = true});
};

}  // namespace millrace::kafka_testing
