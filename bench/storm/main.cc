// millrace-storm: what becomes of everybody's posts while one of a star goes to a million feeds.
//
//   millrace-storm prepare DIR   follows, and an engine until they are done
//   millrace-storm quiet DIR     ordinary posts; how long until they are in all feeds
//   millrace-storm storm DIR     the same while a post of the star is under way
//   millrace-storm finish DIR    an engine until nothing is left to do
//   millrace-storm check DIR     is each post of the star in each feed, and once
//
// Each prints a line of JSON. Kill it at any moment; `finish` goes on where it was.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_format.h"
#include "bench/storm/feed_watch.h"
#include "bench/storm/network.h"
#include "millrace/engine.h"
#include "millrace/local_log.h"
#include "millrace/status.h"
#include "topologies/feed-fan-out/feed_fan_out.h"

namespace millrace::storm {
namespace {

using std::chrono::steady_clock;

struct StormOptions {
  std::string directory;
  Network network;
  int partitions = 4;
  int threads = 1;
  double seconds = 20;
  double posts_per_second = 50;
  size_t cache_mb = 512;
  int64_t pull_above = 10'000'000;  // the star is pushed
};

class Storm {
 public:
  explicit Storm(StormOptions options) : options_(std::move(options)) {}

  absl::Status Run(const std::string& command) {
    MR_ASSIGN_OR_RETURN(log_, LocalLog::Open(options_.directory));
    for (const std::string& topic : {topics::kPosts.name(), topics::kFollows.name()}) {
      const absl::Status made = log_->CreateTopic(topic, {.partitions = options_.partitions});
      if (!made.ok() && !absl::IsAlreadyExists(made)) return made;
    }
    if (command == "check") return Check();
    MR_ASSIGN_OR_RETURN(writer_, NetworkWriter::Open(log_.get()));
    if (command == "prepare") MR_RETURN_IF_ERROR(writer_->PutFollows(options_.network));
    MR_RETURN_IF_ERROR(StartEngine());
    absl::Status done;
    if (command == "quiet") {
      done = Post(/*with_star=*/false);
    } else if (command == "storm") {
      done = Post(/*with_star=*/true);
    } else {
      done = Finish();
    }
    done.Update(engine_->Stop());
    return done;
  }

 private:
  absl::Status StartEngine() {
    EngineOptions options;
    options.state_directory = options_.directory + "/state";
    options.default_partitions = options_.partitions;
    options.threads = options_.threads;
    options.state_cache = StateCache::Create(options_.cache_mb << 20);
    MR_ASSIGN_OR_RETURN(Topology topology, topologies::BuildFeedFanOutWith(
                                               {.pull_above = options_.pull_above,
                                                .push_below = options_.pull_above * 8 / 10}));
    MR_ASSIGN_OR_RETURN(engine_, Engine::Create(std::move(topology), log_.get(), options));
    return engine_->Start();
  }

  absl::Status Finish() {
    const auto start = steady_clock::now();
    MR_RETURN_IF_ERROR(WaitUntilIdle({engine_.get()}));
    const std::chrono::duration<double> took = steady_clock::now() - start;
    std::printf("{\"seconds\":%.3f}\n", took.count());
    return absl::OkStatus();
  }

  // Ordinary posts at a steady pace: for the time that was asked for, or, with the star, from just
  // before its post until that is everywhere.
  absl::Status Post(bool with_star) {
    MR_RETURN_IF_ERROR(WaitUntilIdle({engine_.get()}));
    MR_ASSIGN_OR_RETURN(const auto watch, FeedWatch::Start(log_.get()));
    MR_ASSIGN_OR_RETURN(const auto star, FeedWatch::Start(log_.get()));
    const auto start = steady_clock::now();
    const std::chrono::duration<double> gap(1 / options_.posts_per_second);
    if (with_star) {
      const auto sent = steady_clock::now();
      star->Expect(writer_->next_post(), options_.network.followers, sent);
      MR_RETURN_IF_ERROR(writer_->PutPost(kStar));
      std::printf("{\"star\":true}\n");
      std::fflush(stdout);
    }
    int64_t posts = 0;
    const auto goes_on = [&] {
      if (with_star) return star->Outstanding() > 0;
      return steady_clock::now() - start < std::chrono::duration<double>(options_.seconds);
    };
    while (goes_on()) {
      std::this_thread::sleep_until(start + std::chrono::duration_cast<steady_clock::duration>(
                                                gap * static_cast<double>(posts)));
      const auto sent = steady_clock::now();
      watch->Expect(writer_->next_post(), options_.network.fans, sent);
      MR_RETURN_IF_ERROR(writer_->PutPost(options_.network.Author(posts++)));
      MR_RETURN_IF_ERROR(engine_->status());
    }
    const size_t behind = watch->Outstanding();
    MR_RETURN_IF_ERROR(WaitUntilIdle({engine_.get()}));
    while (watch->Outstanding() > 0) std::this_thread::sleep_for(Duration(1));
    Report(watch->TakeDelays(), star->TakeDelays(), behind);
    return absl::OkStatus();
  }

  void Report(const std::vector<double>& delays, const std::vector<double>& star, size_t behind) {
    const auto at = [&delays](double q) {
      return delays.empty()
                 ? 0
                 : delays[static_cast<size_t>(q * (static_cast<double>(delays.size()) - 1))];
    };
    std::printf(
        "{\"posts\":%zu,\"p50_ms\":%.1f,\"p99_ms\":%.1f,\"max_ms\":%.1f,\"unfinished_at_the_end\":%"
        "zu,"
        "\"star_seconds\":%.3f}\n",
        delays.size(), at(0.5) * 1000, at(0.99) * 1000, at(1) * 1000, behind,
        star.empty() ? 0 : star.back());
  }

  absl::Status Check() {
    MR_ASSIGN_OR_RETURN(const Deliveries found, CountDeliveries(log_.get(), kStar));
    std::printf("{\"posts\":%lld,\"rows\":%lld,\"repeated\":%lld,\"rows_per_post_min\":%lld}\n",
                static_cast<long long>(found.posts), static_cast<long long>(found.rows),
                static_cast<long long>(found.repeated),
                static_cast<long long>(found.rows_per_post_min));
    const bool whole = found.repeated == 0 && found.posts > 0 &&
                       found.rows == found.posts * options_.network.followers;
    return whole ? absl::OkStatus() : absl::DataLossError("rows are missing, or there twice");
  }

  const StormOptions options_;
  std::unique_ptr<LocalLog> log_;
  std::unique_ptr<NetworkWriter> writer_;
  std::unique_ptr<Engine> engine_;
};

int Main(int argc, char** argv) {
  StormOptions options;
  std::string command;
  CLI::App app("Ordinary posts beside a post that goes to very many feeds, on a local log.");
  app.add_option("command", command)
      ->required()
      ->check(CLI::IsMember({"prepare", "quiet", "storm", "finish", "check"}));
  app.add_option("dir", options.directory, "log and state")->required();
  app.add_option("--followers", options.network.followers, "of the star")->capture_default_str();
  app.add_option("--authors", options.network.authors, "ordinary ones")->capture_default_str();
  app.add_option("--fans", options.network.fans, "of each of them")->capture_default_str();
  app.add_option("--partitions", options.partitions)->capture_default_str();
  app.add_option("--threads", options.threads)->capture_default_str();
  app.add_option("--seconds", options.seconds, "of quiet")->capture_default_str();
  app.add_option("--rate", options.posts_per_second, "ordinary posts a second")
      ->capture_default_str();
  app.add_option("--cache-mb", options.cache_mb, "of the engine's stores")->capture_default_str();
  app.add_option("--pull-above", options.pull_above, "followers")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = Storm(options).Run(command);
  if (status.ok()) return 0;
  std::fprintf(stderr, "millrace-storm: %s\n", std::string(status.message()).c_str());
  return 1;
}

}  // namespace
}  // namespace millrace::storm

int main(int argc, char** argv) { return millrace::storm::Main(argc, argv); }
