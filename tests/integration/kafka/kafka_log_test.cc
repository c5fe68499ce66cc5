// Kafka as a Log, on a real broker: the contract of every Log, and what is Kafka's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/kafka/kafka_testing.h"
#include "unit/log/contract_suite.h"

namespace millrace::log_testing {
namespace {

const LogKind kKafka = {.name = "Kafka",
                        .open = [](const std::string&) { return kafka_testing::OpenOwnLog(); },
                        .describes_purging = false};

INSTANTIATE_TEST_SUITE_P(Kafka, LogContract, testing::Values(kKafka), NameOfLogKind);

}  // namespace
}  // namespace millrace::log_testing
