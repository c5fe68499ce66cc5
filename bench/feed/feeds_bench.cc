#include <filesystem>
#include <memory>

#include "bench/feed/measures.h"
#include "bench/feed/resources.h"
#include "generator/random.h"
#include "millrace/engine.h"
#include "millrace/local_log.h"
#include "millrace/status.h"
#include "topologies/feed-fan-out/feed_fan_out.h"
#include "topologies/feed-fan-out/queries.h"

namespace millrace::bench {
namespace {

constexpr int kPages = 20'000;
constexpr size_t kPageRows = 20;

class FeedsBench {
 public:
  FeedsBench(const NetworkSize& size, const std::string& directory)
      : size_(size), state_(directory + "/state"), log_directory_(directory + "/log") {}

  absl::StatusOr<FeedsResult> Run() {
    MR_ASSIGN_OR_RETURN(log_, LocalLog::Open(log_directory_));
    MR_ASSIGN_OR_RETURN(Loader loader, Loader::Open(log_.get(), size_, Clock::System()->Now()));
    MR_RETURN_IF_ERROR(loader.LoadSnapshot());
    MR_ASSIGN_OR_RETURN(result_.follows, RecordsIn(log_.get(), "cdc.follows"));
    MR_RETURN_IF_ERROR(Start());
    MR_RETURN_IF_ERROR(WaitUntilIdle({engine_.get()}));
    // A restart flushes, so that the size of the state is that of its files.
    MR_RETURN_IF_ERROR(engine_->Stop());
    result_.follow_bytes = BytesBelow(state_);
    MR_RETURN_IF_ERROR(Deliver(&loader));
    MR_RETURN_IF_ERROR(ReadPages());
    MR_RETURN_IF_ERROR(engine_->Stop());
    result_.state_bytes = BytesBelow(state_);
    result_.log_bytes = BytesBelow(log_directory_);
    MR_ASSIGN_OR_RETURN(result_.restart_seconds, TimeOfStart());
    std::filesystem::remove_all(state_);
    MR_ASSIGN_OR_RETURN(result_.rebuild_seconds, TimeOfStart());
    engine_.reset();
    MR_ASSIGN_OR_RETURN(result_.pages, MeasurePages(size_, state_ + "-of-pages", log_.get()));
    return result_;
  }

 private:
  absl::Status Start() {
    MR_ASSIGN_OR_RETURN(Topology topology, topologies::BuildFeedFanOut());
    EngineOptions options;
    options.state_directory = state_;
    options.default_partitions = size_.partitions;
    options.state_cache = StateCache::Create(size_.cache_mb << 20);
    MR_ASSIGN_OR_RETURN(engine_, Engine::Create(topology, log_.get(), options));
    return engine_->Start();
  }

  absl::StatusOr<double> TimeOfStart() {
    const Stopwatch stopwatch;
    MR_RETURN_IF_ERROR(Start());
    MR_RETURN_IF_ERROR(WaitUntilIdle({engine_.get()}));
    const double seconds = stopwatch.Seconds();
    MR_RETURN_IF_ERROR(engine_->Stop());
    return seconds;
  }

  // The posts are in the log before the worker starts, so that it is never idle.
  absl::Status Deliver(Loader* loader) {
    MR_ASSIGN_OR_RETURN(const int64_t before, RecordsIn(log_.get(), "feed.entries.v1"));
    MR_RETURN_IF_ERROR(loader->LoadRest());
    const Stopwatch stopwatch;
    MR_RETURN_IF_ERROR(Start());
    MR_RETURN_IF_ERROR(WaitUntilIdle({engine_.get()}));
    result_.seconds = stopwatch.Seconds();
    result_.cpu_seconds = stopwatch.CpuSeconds();
    MR_ASSIGN_OR_RETURN(const int64_t after, RecordsIn(log_.get(), "feed.entries.v1"));
    result_.deliveries = after - before;
    return absl::OkStatus();
  }

  absl::Status ReadPages() {
    gen::Draws draws(gen::RandomKey(size_.seed, 100, 0));
    for (int page = 0; page < kPages; ++page) {
      const schemas::UserId user{static_cast<int64_t>(1 + draws.Below(size_.users))};
      const Stopwatch stopwatch;
      MR_RETURN_IF_ERROR(
          topologies::feed::GetFeed(engine_.get(), user, {.limit = kPageRows}).status());
      result_.page_millis.push_back(stopwatch.Seconds() * 1e3);
    }
    return absl::OkStatus();
  }

  const NetworkSize size_;
  const std::string state_;
  const std::string log_directory_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<Engine> engine_;
  FeedsResult result_;
};

}  // namespace

absl::StatusOr<FeedsResult> MeasureFeeds(const NetworkSize& size, const std::string& directory) {
  return FeedsBench(size, directory).Run();
}

}  // namespace millrace::bench
