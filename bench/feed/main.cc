// millrace-bench-feed: what feeds cost, on a local log with syncs, exactly-once and 100 ms commits.
//   millrace-bench-feed [--users N] [--follows N] [--posts N] [--likes N] [--only feeds|likes]
//   [--cache-mb N] [--dir DIRECTORY]
#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <string>

#include "bench/feed/measures.h"
#include "bench/feed/resources.h"

namespace millrace::bench {
namespace {

double PerSecond(int64_t count, double seconds) { return static_cast<double>(count) / seconds; }

double Mebibytes(int64_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

void PrintPages(const char* what, const std::vector<double>& millis, const char* bound) {
  if (millis.empty()) return;
  std::printf("%s %9.3f ms   p50 %.3f ms, %zu reads   bound by %s\n", what, Percentile(millis, 95),
              Percentile(millis, 50), millis.size(), bound);
}

void Print(const NetworkSize& size, const FeedsResult& feeds) {
  std::printf("feed-fan-out: %u users, %lld follows, %u posts, one thread, %zu MiB of cache\n",
              size.users, static_cast<long long>(feeds.follows), size.posts, size.cache_mb);
  std::printf("  deliveries        %12lld in %.1f s, %.1f s of CPU\n",
              static_cast<long long>(feeds.deliveries), feeds.seconds, feeds.cpu_seconds);
  std::printf(
      "  deliveries/s      %12.0f   per core %.0f   bound by an entry's rows in two stores, "
      "their changelogs and the topic\n",
      PerSecond(feeds.deliveries, feeds.seconds), PerSecond(feeds.deliveries, feeds.cpu_seconds));
  PrintPages("  20 entries, p95  ", feeds.page_millis, "one range of a store");
  std::printf(
      "  state             %9.1f MiB   %.0f bytes per user, %.0f per follow, %.0f per post "
      "(%.1f per delivery)\n",
      Mebibytes(feeds.state_bytes), PerSecond(feeds.state_bytes, size.users),
      PerSecond(feeds.follow_bytes, static_cast<double>(feeds.follows)),
      PerSecond(feeds.state_bytes - feeds.follow_bytes, size.posts),
      PerSecond(feeds.state_bytes - feeds.follow_bytes, static_cast<double>(feeds.deliveries)));
  std::printf("  restart           %9.2f s    bound by opening the files\n", feeds.restart_seconds);
  std::printf("  restart, no state %9.2f s    bound by reading the changelogs (log: %.0f MiB)\n",
              feeds.rebuild_seconds, Mebibytes(feeds.log_bytes));
  std::printf("feed-cache: pages of 20, ranked, as JSON\n");
  PrintPages("  computed, p95    ", feeds.pages.computed_millis,
             "the entries of 72 hours, their order, and whom the user follows");
  PrintPages("  cached, p95      ", feeds.pages.cached_millis, "one row of a store: the version");
}

void Print(const LikeToRankResult& likes) {
  std::printf("like to rank, %zu likes, one after the other\n", likes.millis.size());
  if (!likes.millis.empty()) {
    std::printf(
        "  latency, p95      %9.0f ms   p50 %.0f ms   max %.0f ms   bound by a commit of "
        "100 ms in each of the topologies and sub-topologies on the way\n",
        Percentile(likes.millis, 95), Percentile(likes.millis, 50), Percentile(likes.millis, 100));
  }
  if (likes.unanswered > 0) {
    std::printf("  %lld likes changed no score within ten seconds\n",
                static_cast<long long>(likes.unanswered));
  }
}

absl::Status TimeFeeds(const NetworkSize& size, const std::string& directory) {
  std::filesystem::create_directories(directory);
  const absl::StatusOr<FeedsResult> feeds = MeasureFeeds(size, directory);
  std::filesystem::remove_all(directory);
  if (!feeds.ok()) return feeds.status();
  Print(size, *feeds);
  std::fflush(stdout);
  return absl::OkStatus();
}

absl::Status TimeLikes(const NetworkSize& size, int likes, const std::string& directory) {
  std::filesystem::create_directories(directory);
  NetworkSize small = size;
  small.users = std::min(size.users, 2'000u);
  small.posts = std::min(size.posts, 300u);
  const absl::StatusOr<LikeToRankResult> latency = MeasureLikeToRank(small, likes, directory);
  std::filesystem::remove_all(directory);
  if (!latency.ok()) return latency.status();
  Print(*latency);
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  NetworkSize size;
  int likes = 200;
  std::string root;
  std::string only;
  CLI::App app("Measures feeds end to end on a local log.");
  app.add_option("--users", size.users)
      ->check(CLI::Range(100u, 10'000'000u))
      ->capture_default_str();
  app.add_option("--follows", size.follows, "median length of the follow lists")
      ->capture_default_str();
  app.add_option("--posts", size.posts)->check(CLI::Range(1u, 10'000'000u))->capture_default_str();
  app.add_option("--likes", likes, "likes whose way to the ranking is timed")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--only", only, "feeds or likes")->check(CLI::IsMember({"feeds", "likes"}));
  app.add_option("--cache-mb", size.cache_mb, "of the engine's stores")->capture_default_str();
  app.add_option("--seed", size.seed, "of the network")->capture_default_str();
  app.add_option("--dir", root, "where the logs lie meanwhile (default: the temporary directory)");
  CLI11_PARSE(app, argc, argv);
  if (root.empty()) {
    root = (std::filesystem::temp_directory_path() / "millrace-bench-XXXXXX").string();
    if (::mkdtemp(root.data()) == nullptr) {
      std::fprintf(stderr, "millrace-bench-feed: cannot make %s\n", root.c_str());
      return 1;
    }
  }
  absl::Status status;
  if (only != "likes") status = TimeFeeds(size, root + "/feeds");
  if (only != "feeds" && status.ok()) status = TimeLikes(size, likes, root + "/like-to-rank");
  std::filesystem::remove_all(root);
  if (status.ok()) return 0;
  std::fprintf(stderr, "millrace-bench-feed: %s\n", std::string(status.message()).c_str());
  return 1;
}

}  // namespace
}  // namespace millrace::bench

int main(int argc, char** argv) { return millrace::bench::Main(argc, argv); }
