#include "workers/kafka_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "workers/config_file.h"

namespace millrace::worker {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

std::string MessageOf(const absl::Status& status) {
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  return std::string(status.message());
}

class KafkaConfigFile : public testing::Test {
 protected:
  KafkaConfigFile() : path_(testing::TempDir() + "kafka-config-" + std::to_string(::getpid())) {}
  ~KafkaConfigFile() override { std::filesystem::remove(path_); }

  void Write(const std::string& text, bool private_file) {
    std::ofstream(path_) << text;
    using std::filesystem::perms;
    const perms own = perms::owner_read | perms::owner_write;
    std::filesystem::permissions(path_, private_file ? own : own | perms::group_read);
  }
  absl::StatusOr<KafkaSettings> Apply(const std::vector<std::string>& flags = {}) {
    Invocation invocation{.command = TopicListCommand{},
                          .log_url = "kafka://h:1",
                          .config_file = path_,
                          .kafka_flags = flags};
    absl::Status status = ApplySettings(&invocation);
    if (!status.ok()) return status;
    return invocation.kafka;
  }

  const std::string path_;
};

TEST_F(KafkaConfigFile, NamesWithDotsAreOneNameHoweverTheyAreWritten) {
  Write(
      "[kafka]\nsecurity.protocol = 'SSL'\n\"client.id\" = 'a'\nssl.ca.location = '/ca'\n"
      "socket.keepalive.enable = false\nfetch.wait.max.ms = 10\nreplication-factor = 3\n",
      false);
  EXPECT_THAT(
      Apply().value(),
      UnorderedElementsAre(Pair("security.protocol", "SSL"), Pair("client.id", "a"),
                           Pair("ssl.ca.location", "/ca"), Pair("socket.keepalive.enable", "false"),
                           Pair("fetch.wait.max.ms", "10"), Pair("replication-factor", "3")));
}

TEST_F(KafkaConfigFile, FlagsWinOverTheFile) {
  Write("[kafka]\nclient.id = 'file'\nlinger.ms = 5\n", false);
  EXPECT_THAT(Apply({"client.id=flag=x"}).value(),
              UnorderedElementsAre(Pair("client.id", "flag=x"), Pair("linger.ms", "5")));
}

TEST_F(KafkaConfigFile, ASecretIsTakenOnlyFromAPrivateFile) {
  const std::string text = "[kafka]\nsasl.password = 'hunter2'\n";
  Write(text, false);
  EXPECT_THAT(MessageOf(Apply().status()), AllOf(HasSubstr("chmod 600"), Not(HasSubstr("hunter"))));
  Write(text, true);
  EXPECT_EQ(Apply().value().at("sasl.password"), "hunter2");
}

TEST_F(KafkaConfigFile, AListIsNoSetting) {
  Write("[kafka]\nclient.id = ['a']\n", false);
  EXPECT_THAT(MessageOf(Apply().status()), AllOf(HasSubstr(":2"), HasSubstr("client.id")));
  Write("kafka = 1\n", false);
  EXPECT_THAT(MessageOf(Apply().status()), HasSubstr("[kafka]"));
}

TEST(KafkaFlags, RefuseSecretsAndWhatIsNoPair) {
  for (const std::string flag : {"sasl.password=hunter2", "ssl.key.pem=hunter2"}) {
    EXPECT_THAT(MessageOf(ParseKafkaFlags({flag}).status()),
                AllOf(HasSubstr("_file=PATH"), Not(HasSubstr("hunter"))));
  }
  EXPECT_THAT(MessageOf(ParseKafkaFlags({"client.id"}).status()), HasSubstr("NAME=VALUE"));
  EXPECT_THAT(MessageOf(ParseKafkaFlags({"=x"}).status()), HasSubstr("NAME=VALUE"));
  EXPECT_THAT(MessageOf(ParseKafkaFlags({"a=1", "a=2"}).status()), HasSubstr("twice"));
  EXPECT_THAT(ParseKafkaFlags({}).value(), IsEmpty());
}

TEST(KafkaOptions, SettingsOfOursAndPropertiesOfTheClientComeTogether) {
  ::setenv("KAFKA_SETTINGS_TEST", "s3cret", 1);
  const kafka::KafkaOptions options =
      KafkaOptionsFrom({{"replication-factor", "3"},
                        {"transaction-timeout", "20s"},
                        {"connect-timeout", "500ms"},
                        {"fetch-memory", "33554432"},
                        {"produce-memory", "8388608"},
                        {"insecure", "true"},
                        {"enable.ssl.certificate.verification", "false"},
                        {"sasl.password_env", "KAFKA_SETTINGS_TEST"}})
          .value();
  EXPECT_EQ(options.replication_factor, 3);
  EXPECT_EQ(options.transaction_timeout, std::chrono::seconds(20));
  EXPECT_EQ(options.connect_timeout, Duration(500));
  EXPECT_EQ(options.fetch_bytes, 32u << 20);
  EXPECT_EQ(options.produce_bytes, 8u << 20);
  EXPECT_THAT(options.properties,
              UnorderedElementsAre(Pair("sasl.password", "s3cret"),
                                   Pair("enable.ssl.certificate.verification", "false")));
}

TEST(KafkaOptions, AWrongSettingIsNamed) {
  const auto complaint = [](const std::string& name, const std::string& value) {
    return MessageOf(KafkaOptionsFrom({{name, value}}).status());
  };
  EXPECT_THAT(complaint("replication-factor", "0"), HasSubstr("'replication-factor'"));
  EXPECT_THAT(complaint("transaction-timeout", "10"), HasSubstr("'transaction-timeout'"));
  EXPECT_THAT(complaint("fetch-memory", "1k"), HasSubstr("'fetch-memory'"));
  EXPECT_THAT(complaint("insecure", "yes"), HasSubstr("'insecure'"));
  EXPECT_THAT(complaint("no-such-setting", "1"), HasSubstr("'no-such-setting'"));
  EXPECT_THAT(complaint("isolation.level", "read_uncommitted"), HasSubstr("'isolation.level'"));
  EXPECT_THAT(complaint("enable.ssl.certificate.verification", "false"), HasSubstr("insecure"));
  EXPECT_THAT(complaint("sasl.password_env", "NO_SUCH_VARIABLE"), HasSubstr("NO_SUCH_VARIABLE"));
  EXPECT_THAT(complaint("sasl.password_file", "/no/such/file"), HasSubstr("/no/such/file"));
}

}  // namespace
}  // namespace millrace::worker
