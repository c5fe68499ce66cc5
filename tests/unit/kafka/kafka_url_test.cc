#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/kafka/src/url.h"
#include "millrace/kafka/kafka_log.h"
#include "millrace/log_url.h"

namespace millrace::kafka {
namespace {

using testing::HasSubstr;

TEST(KafkaUrl, NamesOneBrokerOrMore) {
  EXPECT_EQ(BrokersOfUrl("kafka://a:1").value(), "a:1");
  EXPECT_EQ(BrokersOfUrl("kafka://a:1,b.example-x.org:65535").value(), "a:1,b.example-x.org:65535");
  EXPECT_EQ(BrokersOfUrl("kafka://a,b:2").value(), "a:9092,b:2");
  EXPECT_EQ(BrokersOfUrl("kafka://[::1]:7,[fe80::1]").value(), "[::1]:7,[fe80::1]:9092");
}

TEST(KafkaUrl, WhatIsWrongIsNamed) {
  for (const auto& [url, says] :
       std::map<std::string, std::string>{{"kafka://", "host"},
                                          {"kafka://:1", "host"},
                                          {"kafka://a:1,", "host"},
                                          {"kafka://a:0", "'0'"},
                                          {"kafka://a:65536", "'65536'"},
                                          {"kafka://a:x", "'x'"},
                                          {"kafka://a:", "''"},
                                          {"kafka://user@a:1", "user@a:1"},
                                          {"kafka://a:1/topic", "a:1/topic"},
                                          {"kafka:a:1", "kafka://"}}) {
    const absl::Status status = BrokersOfUrl(url).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << url;
    EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr(url), HasSubstr(says)));
  }
}

TEST(KafkaUrl, LoopbackIsThisMachine) {
  EXPECT_TRUE(IsLoopback("127.0.0.1:1,localhost:2,[::1]:3"));
  EXPECT_FALSE(IsLoopback("127.0.0.1:1,kafka:2"));
  EXPECT_FALSE(IsLoopback("localhost.example.org:1"));
}

TEST(KafkaUrl, TheSchemeOpensOnceItIsRegistered) {
  EXPECT_THAT(std::string(OpenLog("kafka://a:0").status().message()), HasSubstr("no transport"));
  RegisterKafkaScheme();
  EXPECT_THAT(std::string(OpenLog("kafka://a:0").status().message()), HasSubstr("'0' is no port"));
}

TEST(KafkaLog, WithoutABrokerItSaysWhoWasAskedAndWhy) {
  const absl::Status status =
      OpenKafkaLog("kafka://127.0.0.1:1", {.connect_timeout = Duration(300)}).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("127.0.0.1:1"), HasSubstr("Connection refused")));
}

TEST(KafkaLog, AConnectionThatAnybodyCanReadIsPointedOut) {
  std::vector<std::string> warnings;
  KafkaOptions options{.connect_timeout = Duration(1)};
  options.on_warning = [&](std::string_view text) { warnings.emplace_back(text); };
  (void)OpenKafkaLog("kafka://127.0.0.1:1", options);
  EXPECT_THAT(warnings, testing::IsEmpty());
  (void)OpenKafkaLog("kafka://kafka.invalid:1", options);
  EXPECT_THAT(warnings, testing::Contains(HasSubstr("not encrypted")));
  warnings.clear();
  options.properties = {{"security.protocol", "ssl"}};
  (void)OpenKafkaLog("kafka://kafka.invalid:1", options);
  EXPECT_THAT(warnings, testing::Not(testing::Contains(HasSubstr("not encrypted"))));
}

}  // namespace
}  // namespace millrace::kafka
