// A broker that wants SASL over TLS (with_secure_broker.py): who is let in, and what is said to the
// others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/kafka/kafka_testing.h"

namespace millrace::kafka_testing {
namespace {

using log_testing::Append;
using log_testing::At;
using log_testing::Must;
using log_testing::MustBeOk;
using log_testing::Put;
using log_testing::ReadToEnd;
using log_testing::Values;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string Authority(const std::string& name) {
  const char* path = std::getenv("MILLRACE_KAFKA_CA");
  EXPECT_NE(path, nullptr) << "start this with tests/integration/kafka/with_secure_broker.py";
  const std::string folder(path == nullptr ? "" : path);
  return folder.substr(0, folder.rfind('/') + 1) + name;
}

kafka::KafkaOptions As(const std::string& user, const std::string& mechanism = "PLAIN") {
  kafka::KafkaOptions options;
  options.properties = {{"security.protocol", "sasl_ssl"},
                        {"sasl.mechanisms", mechanism},
                        {"sasl.username", user},
                        {"sasl.password", user + "-secret"},
                        {"ssl.ca.location", Authority("ca.pem")}};
  return options;
}

absl::Status OpenAs(const kafka::KafkaOptions& options, const std::string& url = BrokersUrl()) {
  return kafka::OpenKafkaLog(url, options).status();
}

// A line, of a refusal that was not waited for.
void ExpectRefused(const absl::Status& status) {
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_THAT(std::string(status.message()), AllOf(Not(HasSubstr("secret")), Not(HasSubstr("\n"))));
}

// A topic is made, written, read, and a position committed in it.
void UseEverything(Log* log, const std::string& topic) {
  MustBeOk(log->CreateTopic(topic, {}));
  auto producer = Must(log->NewProducer({.transactional_id = topic}));
  MustBeOk(Put(producer.get(), At(topic), {.value = "v"}));
  MustBeOk(producer->Commit({.group = topic, .consumed = {{At(topic), {Offset(1), ""}}}}).status());
  EXPECT_THAT(Values(Must(ReadToEnd(log, At(topic), Offset(0)))), ElementsAre("v"));
  EXPECT_EQ(Must(log->CommittedOffsets(topic)).at(At(topic)).next, Offset(1));
  MustBeOk(log->DeleteTopic(topic));
}

TEST(KafkaSecurity, WhoHasTheRightsReadsWritesAndCommits) {
  const auto log = Must(kafka::OpenKafkaLog(BrokersUrl(), As("app")));
  UseEverything(log.get(), "app-plain");
}

TEST(KafkaSecurity, ScramWorksOrTheLibraryIsToBlame) {
  const auto log = kafka::OpenKafkaLog(BrokersUrl(), As("scram", "SCRAM-SHA-512"));
  if (log.ok()) return UseEverything(log->get(), "app-scram");
  ExpectRefused(log.status());
  EXPECT_THAT(std::string(log.status().message()), HasSubstr("librdkafka before 2.6.1"));
}

TEST(KafkaSecurity, AWrongPasswordIsRefusedAtOnce) {
  kafka::KafkaOptions options = As("app");
  options.connect_timeout = std::chrono::hours(1);
  options.properties["sasl.password"] = "wrong-secret";
  ExpectRefused(OpenAs(options));
  options = As("scram", "SCRAM-SHA-512");
  options.connect_timeout = std::chrono::hours(1);
  options.properties["sasl.password"] = "wrong-secret";
  ExpectRefused(OpenAs(options));
}

TEST(KafkaSecurity, ABrokerThatNobodyVouchesForIsRefused) {
  kafka::KafkaOptions options = As("app");
  options.connect_timeout = std::chrono::hours(1);
  options.properties["ssl.ca.location"] = Authority("other-ca.pem");
  const absl::Status status = OpenAs(options);
  ExpectRefused(status);
  EXPECT_THAT(std::string(status.message()), HasSubstr("certificate"));
  options.properties["enable.ssl.certificate.verification"] = "false";
  EXPECT_TRUE(absl::IsInvalidArgument(OpenAs(options)));
  options.insecure = true;
  MustBeOk(OpenAs(options));
}

TEST(KafkaSecurity, ABrokerUnderAnotherNameThanItsOwnIsRefused) {
  kafka::KafkaOptions options = As("app");
  options.connect_timeout = std::chrono::hours(1);
  std::string url = BrokersUrl();
  url.replace(url.find("127.0.0.1"), 9, "localhost");
  ExpectRefused(OpenAs(options, url));
}

TEST(KafkaSecurity, WithoutEncryptionOrLoginNothingIsSaid) {
  kafka::KafkaOptions options;
  options.connect_timeout = Duration(2000);
  EXPECT_FALSE(OpenAs(options).ok());
  options.properties = {{"security.protocol", "ssl"}, {"ssl.ca.location", Authority("ca.pem")}};
  EXPECT_FALSE(OpenAs(options).ok());
}

TEST(KafkaSecurity, WhoMayNotJoinAGroupIsToldSo) {
  const auto loner = Must(kafka::OpenKafkaLog(BrokersUrl(), As("loner")));
  const auto group = Must(
      loner->JoinTaskGroup({.group = "app-lone", .tasks = 1, .plan = "0", .instance_id = "one"}));
  absl::Status status;
  for (int i = 0; i < 500 && status.ok(); ++i) status = group->Poll(Duration(20)).status();
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("READ on group 'app-lone'"));
}

TEST(KafkaSecurity, AMissingRightIsNamed) {
  const auto app = Must(kafka::OpenKafkaLog(BrokersUrl(), As("app")));
  MustBeOk(app->CreateTopic("app-rights", {}));
  const auto denied = [](const absl::Status& status, const std::string& what) {
    EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(what));
  };
  const auto reader = Must(kafka::OpenKafkaLog(BrokersUrl(), As("reader")));
  denied(reader->NewProducer({.transactional_id = "app-1"}).status(),
         "WRITE on transactional id 'app-1'");
  const auto nobody = Must(kafka::OpenKafkaLog(BrokersUrl(), As("nobody")));
  denied(nobody->DescribeTopic("app-rights").status(), "DESCRIBE on topic 'app-rights'");
  denied(nobody->CreateTopic("other", {}), "CREATE on topic 'other'");
  auto producer = Must(app->NewProducer({.transactional_id = "app-2"}));
  denied(producer->OpenTopic("other").status(), "DESCRIBE on topic 'other'");
  MustBeOk(Put(producer.get(), At("app-rights"), {.value = "v"}));
  denied(producer->Commit({.group = "others", .consumed = {{At("app-rights"), {Offset(1), ""}}}})
             .status(),
         "READ on group 'others'");
  denied(app->CommittedOffsets("others").status(), "DESCRIBE on group 'others'");
}

}  // namespace
}  // namespace millrace::kafka_testing
