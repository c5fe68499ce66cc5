// millrace-demo: a social network goes into a local log, feeds and a hot-posts board come out, in
// one process. Kill it at any moment and start it again: it goes on where it was.
#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/demo/change_source.h"
#include "bench/demo/feeder.h"
#include "bench/demo/report.h"
#include "millrace/engine.h"
#include "millrace/local_log.h"
#include "millrace/status.h"
#include "schemas/topics.h"
#include "topologies/feed-fan-out/feed_fan_out.h"
#include "topologies/hot-posts/hot_posts.h"

namespace millrace::demo {
namespace {

constexpr int kPartitions = 4;

std::atomic<bool> interrupted{false};

std::string WithCommas(int64_t number) {
  std::string digits = std::to_string(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<size_t>(at), ",");
  }
  return digits;
}

int64_t Processed(const MetricsRegistry& metrics) {
  double sum = 0;
  for (const MetricSample& sample : metrics.Snapshot()) {
    if (sample.name == "millrace_records_processed_total") sum += sample.value;
  }
  return static_cast<int64_t>(sum);
}

int64_t RecordsIn(Log* log, const std::string& topic) {
  const absl::StatusOr<TopicDescription> description = log->DescribeTopic(topic);
  int64_t sum = 0;
  if (description.ok()) {
    for (const PartitionDescription& partition : description->partitions) {
      sum += partition.end.value();
    }
  }
  return sum;
}

// A directory belongs to one source: going on with another one would mix two networks.
absl::Status CheckSource(const std::string& directory, const std::string& source) {
  const std::string path = directory + "/demo-source";
  std::string found;
  if (std::ifstream file(path); std::getline(file, found) && found != source) {
    return absl::FailedPreconditionError(
        absl::StrCat("'", directory, "' holds the demo of ", found,
                     "; delete it, or name another directory with --dir"));
  }
  std::ofstream(path) << source << "\n";
  return absl::OkStatus();
}

class Demo {
 public:
  Demo(std::string directory, ChangeSource* source)
      : directory_(std::move(directory)), source_(source) {}

  absl::Status Run() {
    std::printf("Input: %s.\nLog and state: %s/ (delete it to begin anew).\n\n",
                source_->Describe().c_str(), directory_.c_str());
    std::fflush(stdout);
    std::error_code error;
    std::filesystem::create_directories(directory_, error);
    if (error) {
      return absl::NotFoundError(
          absl::StrCat("cannot make the directory '", directory_, "': ", error.message()));
    }
    MR_ASSIGN_OR_RETURN(log_, LocalLog::Open(directory_));
    MR_RETURN_IF_ERROR(CheckSource(directory_, source_->Describe()));
    Feeder feeder(log_.get(), source_);
    MR_ASSIGN_OR_RETURN(const int64_t earlier, feeder.Prepare(kPartitions));
    if (earlier > 0) {
      std::printf("Found %s records of an earlier run; going on behind them.\n",
                  WithCommas(earlier).c_str());
    }
    MR_RETURN_IF_ERROR(StartEngine(topologies::BuildFeedFanOut()));
    MR_RETURN_IF_ERROR(StartEngine(topologies::BuildHotPosts()));
    feeder.Start();
    absl::Status status = Watch(&feeder);
    feeder.Stop();
    for (const auto& engine : engines_) status.Update(engine->Stop());
    MR_RETURN_IF_ERROR(status);
    return Report();
  }

 private:
  absl::Status StartEngine(absl::StatusOr<Topology> topology) {
    MR_RETURN_IF_ERROR(topology.status());
    EngineOptions options;
    options.state_directory = directory_ + "/state";
    options.default_partitions = kPartitions;
    options.metrics = &metrics_;
    MR_ASSIGN_OR_RETURN(auto engine, Engine::Create(*std::move(topology), log_.get(), options));
    MR_RETURN_IF_ERROR(engine->Start());
    engines_.push_back(std::move(engine));
    return absl::OkStatus();
  }

  // Until everything is in the log and consumed, or something has failed.
  absl::Status Watch(Feeder* feeder) {
    started_ = last_ = std::chrono::steady_clock::now();
    std::vector<Engine*> engines;
    for (const auto& engine : engines_) engines.push_back(engine.get());
    const auto tick = [&] {
      ShowProgress(*feeder, /*final=*/false);
      return interrupted.load();
    };
    while (!feeder->done()) {
      std::this_thread::yield();
      // Blocks a little in the log: until the engines have caught up with what is there now.
      const absl::Status idle = WaitUntilIdle(engines, [&] { return tick() || feeder->done(); });
      if (!idle.ok() && !absl::IsCancelled(idle)) return idle;
      if (interrupted) return absl::CancelledError("interrupted; start again to go on");
    }
    MR_RETURN_IF_ERROR(feeder->status());
    MR_RETURN_IF_ERROR(WaitUntilIdle(engines, tick));
    ShowProgress(*feeder, /*final=*/true);
    return absl::OkStatus();
  }

  void ShowProgress(const Feeder& feeder, bool final) {
    const auto now = std::chrono::steady_clock::now();
    if (!final && now - last_ < std::chrono::seconds(1)) return;
    const int64_t processed = Processed(metrics_);
    const std::chrono::duration<double> total = now - started_;
    const std::chrono::duration<double> step = now - (final ? started_ : last_);
    const double rate =
        static_cast<double>(processed - (final ? 0 : last_processed_)) / step.count();
    std::printf("%6.1f s   in %10s   processed %11s   %9s/s   feed entries %11s%s\n", total.count(),
                WithCommas(feeder.committed()).c_str(), WithCommas(processed).c_str(),
                WithCommas(static_cast<int64_t>(rate)).c_str(),
                WithCommas(RecordsIn(log_.get(), topics::kFeedEntries.name())).c_str(),
                final ? "   (all)" : "");
    std::fflush(stdout);
    last_ = now;
    last_processed_ = processed;
  }

  absl::Status Report() {
    MR_ASSIGN_OR_RETURN(const std::string board, HotPostsTable(log_.get(), 10));
    MR_ASSIGN_OR_RETURN(const std::string feed, OneFeed(log_.get(), 10));
    std::printf("\n%s\n%s\nWhat to try next:\n", board.c_str(), feed.c_str());
    const std::string with_log = absl::StrCat(" --log local:", directory_);
    for (const char* command : {"topic list", "topic consume hot.posts.v1 --exit-at-end",
                                "topic consume feed.entries.v1 --exit-at-end --max 5",
                                "topology describe feed-fan-out", "state scan feeds --limit 5"}) {
      const bool needs_log = std::string_view(command).find("describe") == std::string_view::npos;
      std::printf("  build/release/bin/millrace %s%s\n", command,
                  needs_log ? with_log.c_str() : "");
    }
    std::printf(
        "  ./dev demo                    # again: it finds its log and has nothing left to do\n"
        "  kill -9 it while it runs, start it again: nothing is lost, nothing comes twice\n");
    return absl::OkStatus();
  }

  const std::string directory_;
  ChangeSource* const source_;
  MetricsRegistry metrics_;
  std::unique_ptr<LocalLog> log_;
  std::vector<std::unique_ptr<Engine>> engines_;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point last_;
  int64_t last_processed_ = 0;
};

int Main(int argc, char** argv) {
  SourceOptions options;
  std::string directory;
  CLI::App app("Runs feed-fan-out and hot-posts on a social network, on a log in one directory.");
  app.add_option("--data", options.ldbc_directory,
                 "LDBC social network (composite CSV) instead of the seeded one")
      ->check(CLI::ExistingDirectory);
  app.add_option("--users", options.users, "users of the seeded network")
      ->check(CLI::Range(100U, 10'000'000U))
      ->capture_default_str();
  app.add_option("--changes", options.changes, "live changes of the seeded network")
      ->capture_default_str();
  app.add_option("--seed", options.seed, "of the seeded network")->capture_default_str();
  app.add_option("--dir", directory, "log and state (default: demo-data/seeded or demo-data/ldbc)");
  CLI11_PARSE(app, argc, argv);
  if (directory.empty()) {
    directory = options.ldbc_directory.empty() ? "demo-data/seeded" : "demo-data/ldbc";
  }
  std::signal(SIGINT, [](int) { interrupted = true; });
  std::signal(SIGTERM, [](int) { interrupted = true; });
  absl::StatusOr<std::unique_ptr<ChangeSource>> source = OpenSource(options);
  absl::Status status = source.status();
  if (status.ok()) status = Demo(directory, source->get()).Run();
  if (status.ok()) return 0;
  std::fprintf(stderr, "millrace-demo: %s\n", std::string(status.message()).c_str());
  return 1;
}

}  // namespace
}  // namespace millrace::demo

int main(int argc, char** argv) { return millrace::demo::Main(argc, argv); }
