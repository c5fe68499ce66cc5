#include "millrace/kafka/client_properties.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "millrace/kafka/kafka_log.h"

namespace millrace::kafka {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

TEST(ClientProperties, ConnectionSecurityAndSizesMayBeSet) {
  for (const char* name :
       {"security.protocol", "sasl.mechanisms", "sasl.username", "sasl.oauthbearer.client.id",
        "ssl.ca.location", "ssl.key.location", "client.id", "socket.timeout.ms", "linger.ms",
        "compression.type", "fetch.wait.max.ms"}) {
    EXPECT_TRUE(CheckClientProperty(name, "x", false).ok()) << name;
  }
}

TEST(ClientProperties, WhatDecidesAboutCorrectnessOrRunsCodeMayNot) {
  for (const char* name : {"isolation.level", "transactional.id", "group.id", "enable.auto.commit",
                           "acks", "enable.idempotence", "auto.offset.reset", "bootstrap.servers",
                           "plugin.library.paths", "sasl.kerberos.kinit.cmd", "ssl.engine.location",
                           "ssl.providers", "enable.sasl.oauthbearer.unsecure.jwt",
                           "test.mock.num.brokers", "interceptors", "debug", "no.such.property"}) {
    for (const bool insecure : {false, true}) {
      const absl::Status status = CheckClientProperty(name, "1", insecure);
      EXPECT_TRUE(absl::IsInvalidArgument(status)) << name;
      EXPECT_THAT(std::string(status.message()), HasSubstr(name));
    }
  }
}

TEST(ClientProperties, GivingUpProtectionNeedsToBeAskedForTwice) {
  EXPECT_FALSE(CheckClientProperty("enable.ssl.certificate.verification", "false", false).ok());
  EXPECT_FALSE(CheckClientProperty("ssl.endpoint.identification.algorithm", "none", false).ok());
  EXPECT_TRUE(CheckClientProperty("enable.ssl.certificate.verification", "false", true).ok());
  EXPECT_TRUE(CheckClientProperty("enable.ssl.certificate.verification", "true", false).ok());
}

TEST(ClientProperties, AnySpellingOfFalseGivesUpProtection) {
  // As the client library reads truth values.
  for (const char* value : {"FALSE", "False", "f", "0", "no"}) {
    EXPECT_FALSE(CheckClientProperty("enable.ssl.certificate.verification", value, false).ok())
        << value;
  }
  EXPECT_FALSE(CheckClientProperty("ssl.endpoint.identification.algorithm", "NONE", false).ok());
}

TEST(ClientProperties, SecretsComeFromFilesAndVariables) {
  const std::string path = testing::TempDir() + "kafka-secret-" + std::to_string(::getpid());
  std::ofstream(path) << "from file\n";
  ::setenv("CLIENT_PROPERTIES_TEST", "from variable", 1);
  const auto resolved = ResolveClientProperties({{"sasl.password_file", path},
                                                 {"ssl.key.password_env", "CLIENT_PROPERTIES_TEST"},
                                                 {"client.id", "as it is"}},
                                                false);
  std::filesystem::remove(path);
  ASSERT_TRUE(resolved.ok()) << resolved.status();
  EXPECT_THAT(*resolved, UnorderedElementsAre(Pair("sasl.password", "from file"),
                                              Pair("ssl.key.password", "from variable"),
                                              Pair("client.id", "as it is")));
}

TEST(ClientProperties, ASecretThatIsWrittenOutIsRefusedWithoutBeingShown) {
  const absl::Status status =
      ResolveClientProperties({{"sasl.password", "hunter2"}}, false).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("sasl.password_file"), Not(HasSubstr("hunter2"))));
  EXPECT_TRUE(ResolveClientProperties({{"sasl.password", "hunter2"}}, true).ok());
}

TEST(ClientProperties, AValueThatTheLibraryRefusesIsNotShownIfItIsSecret) {
  const absl::Status secret =
      OpenKafkaLog("kafka://127.0.0.1:1",
                   {.properties = {{"ssl.key.pem", "hunter2"}, {"security.protocol", "ssl"}}})
          .status();
  EXPECT_FALSE(secret.ok());
  EXPECT_THAT(std::string(secret.message()), Not(HasSubstr("hunter2")));
  const absl::Status plain =
      OpenKafkaLog("kafka://127.0.0.1:1", {.properties = {{"security.protocol", "carrier-pigeon"}}})
          .status();
  EXPECT_TRUE(absl::IsInvalidArgument(plain)) << plain;
  EXPECT_THAT(std::string(plain.message()), HasSubstr("security.protocol"));
}

}  // namespace
}  // namespace millrace::kafka
