// What the tests on real brokers share. MILLRACE_KAFKA names the brokers (host:port,…); the ctest
// entries start them with with_brokers.py.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>

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

}  // namespace millrace::kafka_testing
