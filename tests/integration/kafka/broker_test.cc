// A broker that stops, dies and comes back, under readers and producers. The broker is the test's
// own: with_brokers.py names its directory in KAFKA_RUN.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <future>
#include <mutex>

#include "integration/kafka/kafka_testing.h"

namespace millrace::kafka_testing {
namespace {

using log_testing::Append;
using log_testing::At;
using log_testing::FetchSome;
using log_testing::Must;
using log_testing::MustBeOk;
using log_testing::Put;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

void Servers(const std::string& arguments) {
  const std::string script =
      std::string(MILLRACE_SOURCE_DIR) + "/tests/integration/kafka/servers/kafka.sh ";
  ASSERT_EQ(std::system((script + arguments).c_str()), 0);
}

pid_t BrokerPid() {
  const char* run = std::getenv("KAFKA_RUN");
  pid_t pid = 0;
  std::ifstream(std::string(run == nullptr ? "" : run) + "/pid-1") >> pid;
  EXPECT_GT(pid, 1) << "start this with tests/integration/kafka/with_brokers.py";
  return pid;
}

// As if the machine were gone: what is on its way to the broker is never answered.
void Freeze() { ASSERT_EQ(::kill(BrokerPid(), SIGSTOP), 0); }

class KafkaBroker : public KafkaTest {
 protected:
  std::unique_ptr<Log> OpenPatient(bool guard) {
    kafka::KafkaOptions options{.transaction_timeout = std::chrono::seconds(100),
                                .epoch_guard = guard};
    options.on_warning = [this](std::string_view line) {
      const std::lock_guard lock(mutex_);
      warnings_.emplace_back(line);
    };
    return Open(options);
  }
  std::vector<std::string> Warnings() {
    const std::lock_guard lock(mutex_);
    return warnings_;
  }

  // A commit that is under way when the broker freezes and dies, and that the next one answers.
  void CommitAcrossDeath(LogProducer* producer) {
    const Offset end = Must(sees_all_->DescribeTopic("t")).partitions[0].end;
    MustBeOk(Put(producer, At("t"), {.value = "across"}));
    AwaitWritten(At("t"), end.value() + 1);
    Freeze();
    auto commit = std::async(std::launch::async, [&] { return producer->Commit({}).status(); });
    // Time for the request to leave.
    commit.wait_for(Duration(300));
    Servers("kill 1");
    Servers("up 1");
    MustBeOk(commit.get());
  }

  std::mutex mutex_;
  std::vector<std::string> warnings_;
};

TEST_F(KafkaBroker, AProducerGoesOnWithANewEpochAfterARequestThatWasNotAnswered) {
  MustBeOk(log_->CreateTopic("t", {}));
  const std::unique_ptr<Log> log = OpenPatient(/*guard=*/true);
  auto producer = Must(log->NewProducer({.transactional_id = "w"}));
  MustBeOk(Put(producer.get(), At("t"), {.value = "before"}));
  MustBeOk(producer->Commit({}).status());
  std::vector<std::string> expected = {"before"};
  const auto has_new_epoch = Contains(HasSubstr("new epoch"));
  // On a busy machine the broker may be gone before the request leaves.
  for (int i = 0; i < 5 && !testing::Value(Warnings(), has_new_epoch); ++i) {
    CommitAcrossDeath(producer.get());
    EXPECT_THAT(Warnings(), testing::Not(has_new_epoch)) << "not before the next transaction";
    MustBeOk(Put(producer.get(), At("t"), {.value = "behind"}));
    MustBeOk(producer->Commit({}).status());
    expected.insert(expected.end(), {"across", "behind"});
  }
  EXPECT_THAT(Warnings(), has_new_epoch) << "the fault did not bite";
  MustBeOk(Put(producer.get(), At("t"), {.value = "and so on"}));
  MustBeOk(producer->Commit({}).status());
  expected.push_back("and so on");
  EXPECT_EQ(Read("t"), expected);
}

TEST_F(KafkaBroker, WithoutTheGuardItGoesOnWithTheOldOne) {
  MustBeOk(log_->CreateTopic("t", {}));
  const std::unique_ptr<Log> log = OpenPatient(/*guard=*/false);
  auto producer = Must(log->NewProducer({.transactional_id = "w"}));
  CommitAcrossDeath(producer.get());
  MustBeOk(Put(producer.get(), At("t"), {.value = "behind"}));
  MustBeOk(producer->Commit({}).status());
  EXPECT_THAT(Warnings(), testing::Not(Contains(HasSubstr("new epoch"))));
  EXPECT_THAT(Read("t"), ElementsAre("across", "behind"));
}

TEST_F(KafkaBroker, AReaderGoesOnWhereItWasWhenTheBrokerIsBack) {
  MustBeOk(log_->CreateTopic("t", {}));
  MustBeOk(Append(log_.get(), At("t"), {"before"}));
  auto reader = Must(log_->NewReader());
  MustBeOk(reader->Assign(At("t"), Offset(0)));
  EXPECT_EQ(Must(FetchSome(reader.get(), At("t"), 100)).records.at(0).value, "before");
  Servers("kill 1");
  EXPECT_TRUE(Must(reader->Fetch(At("t"), 100)).empty()) << "nothing new, and no error";
  Servers("up 1");
  MustBeOk(Append(log_.get(), At("t"), {"behind"}));
  EXPECT_EQ(Must(FetchSome(reader.get(), At("t"), 100)).records.at(0).value, "behind");
}

TEST_F(KafkaBroker, WhileItIsAwayQuestionsAreUnavailableAndCommitsLeaveNothing) {
  MustBeOk(log_->CreateTopic("t", {}));
  // A new broker takes its time for the first transaction.
  MustBeOk(Append(log_.get(), At("t"), {"before"}));
  const std::unique_ptr<Log> log =
      Open({.transaction_timeout = std::chrono::seconds(1), .request_timeout = Duration(500)});
  auto producer = Must(log->NewProducer({.transactional_id = "w"}));
  MustBeOk(Put(producer.get(), At("t"), {.value = "lost"}));
  Servers("kill 1");
  const absl::Status question = log->DescribeTopic("t").status();
  EXPECT_TRUE(absl::IsUnavailable(question)) << question;
  const absl::Status commit = producer->Commit({}).status();
  EXPECT_TRUE(absl::IsUnavailable(commit)) << commit;
  const absl::Status opening = log->NewProducer({}).status();
  EXPECT_TRUE(absl::IsUnavailable(opening)) << opening;
  producer.reset();
  Servers("up 1");
  // The coordinator reads its log first.
  producer = Must(log_->NewProducer({.transactional_id = "w"}));
  MustBeOk(Put(producer.get(), At("t"), {.value = "again"}));
  MustBeOk(producer->Commit({}).status());
  EXPECT_THAT(Read("t"), ElementsAre("before", "again"));
}

TEST_F(KafkaBroker, ALogCanBeOpenedBeforeItsBrokerIsUp) {
  Servers("kill 1");
  auto opened = std::async(std::launch::async, [] {
    return kafka::OpenKafkaLog(BrokersUrl(), {.connect_timeout = std::chrono::seconds(60)});
  });
  Servers("up 1");
  EXPECT_TRUE(opened.get().ok());
}

}  // namespace
}  // namespace millrace::kafka_testing
