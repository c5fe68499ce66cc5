// millrace-bench-kafka: what `./dev bench kafka` runs on our side. Works on every log.
//   millrace-bench-kafka --log URL create|produce|run|digest|watch …
#include <pthread.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <optional>

#include "bench/kafka/order_source.h"
#include "bench/kafka/run.h"
#include "bench/kafka/topic_digest.h"
#include "bench/kafka/topic_watch.h"
#include "millrace/kafka/kafka_log.h"
#include "millrace/log_url.h"
#include "millrace/status.h"

namespace millrace::bench::kafka {
namespace {

// SIGTERM and SIGINT are taken from here instead of interrupting something.
class StopSignals {
 public:
  // Before the first thread, which inherits the mask.
  StopSignals() {
    ::sigemptyset(&signals_);
    ::sigaddset(&signals_, SIGTERM);
    ::sigaddset(&signals_, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }
  // Whether one has come; waits for it up to `timeout`.
  bool Wait(Duration timeout) {
    if (stopped_) return true;
    const timespec wait = {.tv_sec = 0, .tv_nsec = timeout.count() * 1'000'000};
    stopped_ = ::sigtimedwait(&signals_, nullptr, &wait) > 0;
    return stopped_;
  }

 private:
  sigset_t signals_;
  bool stopped_ = false;
};

double MonotonicSeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

class Program {
 public:
  Program() : app_("Orders and customers for the comparison with Kafka Streams.") {
    app_.add_option("--log", url_, "URL of the log")->required();
    app_.require_subcommand(1);
    AddCreate();
    AddProduce();
    AddRun();
    AddDigest();
    AddWatch();
  }

  int Main(int argc, char** argv) {
    CLI11_PARSE(app_, argc, argv);
    const absl::Status status = Execute();
    if (status.ok()) return 0;
    std::fprintf(stderr, "millrace-bench-kafka: %s\n", std::string(status.message()).c_str());
    return 1;
  }

 private:
  void AddCreate() {
    create_ = app_.add_subcommand("create", "create an empty topic");
    create_->add_option("topic", topic_)->required();
    create_->add_option("--partitions", orders_.partitions)->check(CLI::PositiveNumber);
  }
  void AddProduce() {
    produce_ = app_.add_subcommand("produce", "create and fill the topics orders and customers");
    produce_->add_option("--orders", orders_.orders)->check(CLI::NonNegativeNumber);
    produce_->add_option("--customers", orders_.customers)->check(CLI::PositiveNumber);
    produce_->add_option("--partitions", orders_.partitions)->check(CLI::PositiveNumber);
    produce_->add_option("--start-ms", start_ms_, "event time of the first order")->required();
  }
  void AddRun() {
    run_command_ = app_.add_subcommand("run", "run a topology until SIGTERM");
    run_command_->add_option("--topology", run_.topology.name)->required();
    run_command_->add_option("--output", run_.topology.output, "topic")->required();
    run_command_->add_option("--input", run_.topology.input, "topic of orders");
    run_command_->add_flag("--emit-on-commit", run_.topology.emit_on_commit);
    run_command_->add_flag("--until-idle", run_.until_idle, "stop at the end of the input");
    run_command_->add_option("--app", run_.engine.application_id)->required();
    run_command_->add_option("--state", run_.engine.state_directory)->required();
    run_command_->add_option("--instance", run_.engine.instance_id, "kept over restarts");
    run_command_->add_option("--standbys", run_.engine.standby_replicas);
    run_command_->add_option("--threads", run_.engine.threads)->check(CLI::PositiveNumber);
    run_command_->add_option("--commit-ms", commit_ms_)->check(CLI::NonNegativeNumber);
  }
  void AddDigest() {
    digest_ = app_.add_subcommand("digest", "print what a topic holds as a few numbers");
    digest_->add_option("topic", topic_)->required();
  }
  void AddWatch() {
    watch_command_ = app_.add_subcommand("watch", "follow a topic and print its latency");
    watch_command_->add_option("topic", topic_)->required();
    watch_command_->add_option("--records", watch_.records, "end after so many");
    watch_command_->add_option("--skip", watch_.skip, "records that do not count");
    watch_command_->add_flag("--arrivals", arrivals_,
                             "print 'at SECONDS PARTITION RECORDS' for each batch");
  }

  absl::Status Execute() {
    ::millrace::kafka::RegisterKafkaScheme({.on_warning = [](std::string_view line) {
      std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
    }});
    MR_ASSIGN_OR_RETURN(const std::unique_ptr<Log> log, OpenLog(url_));
    if (create_->parsed()) {
      return log->CreateTopic(topic_, {.partitions = orders_.partitions});
    }
    if (produce_->parsed()) {
      orders_.start = TimestampFromMillis(start_ms_);
      return WriteOrders(orders_, log.get());
    }
    if (run_command_->parsed()) {
      run_.engine.commit_interval = Duration(commit_ms_);
      return RunTopology(run_, log.get(), [this] { return signals_.Wait(Duration(50)); });
    }
    if (digest_->parsed()) {
      MR_ASSIGN_OR_RETURN(const TopicDigest digest, DigestTopic(topic_, log.get()));
      std::printf("%s\n", ToJson(digest).c_str());
      return absl::OkStatus();
    }
    return Watch(log.get());
  }

  absl::Status Watch(Log* log) {
    watch_.topic = topic_;
    watch_.stop = [this] { return signals_.Wait(Duration(0)); };
    watch_.on_ready = [] {
      std::printf("watching\n");
      std::fflush(stdout);
    };
    if (arrivals_) {
      watch_.on_batch = [](PartitionId partition, int64_t records) {
        std::printf("at %.6f %d %lld\n", MonotonicSeconds(), partition.value(),
                    static_cast<long long>(records));
        std::fflush(stdout);
      };
    }
    MR_ASSIGN_OR_RETURN(const Latencies found, WatchTopic(watch_, log));
    std::printf("latency records %lld p50 %.2f p99 %.2f p99.9 %.2f\n",
                static_cast<long long>(found.records), found.p50, found.p99, found.p999);
    return absl::OkStatus();
  }

  StopSignals signals_;
  CLI::App app_;
  CLI::App* create_ = nullptr;
  CLI::App* produce_ = nullptr;
  CLI::App* run_command_ = nullptr;
  CLI::App* digest_ = nullptr;
  CLI::App* watch_command_ = nullptr;
  std::string url_;
  std::string topic_;
  OrderOptions orders_;
  int64_t start_ms_ = 0;
  int64_t commit_ms_ = 100;
  RunOptions run_;
  WatchOptions watch_;
  bool arrivals_ = false;
};

}  // namespace
}  // namespace millrace::bench::kafka

int main(int argc, char** argv) { return millrace::bench::kafka::Program().Main(argc, argv); }
