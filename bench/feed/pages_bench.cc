#include <chrono>
#include <memory>
#include <thread>

#include "bench/feed/measures.h"
#include "bench/feed/resources.h"
#include "generator/random.h"
#include "millrace/engine.h"
#include "millrace/status.h"
#include "topologies/cdc-normalise/cdc_normalise.h"
#include "topologies/feed-cache/feed_cache.h"
#include "topologies/feed-cache/feed_pages.h"

namespace millrace::bench {
namespace {

constexpr int kReaders = 5'000;
// Nobody is told when the last round of changes is over; not measured.
constexpr std::chrono::milliseconds kBetweenLooks(50);

class PagesBench {
 public:
  PagesBench(const NetworkSize& size, std::string state, Log* log)
      : size_(size), state_(std::move(state)), log_(log) {}

  absl::StatusOr<PagesResult> Run() {
    MR_ASSIGN_OR_RETURN(const auto rows, Start(topologies::BuildCdcNormalise));
    MR_ASSIGN_OR_RETURN(const auto cache, Start(topologies::BuildFeedCache));
    MR_RETURN_IF_ERROR(WaitUntilIdle({rows.get(), cache.get()}));
    MR_RETURN_IF_ERROR(rows->Stop());
    MR_RETURN_IF_ERROR(AwaitVersions(cache.get()));
    MR_ASSIGN_OR_RETURN(PagesResult result, Read(cache.get()));
    MR_RETURN_IF_ERROR(cache->Stop());
    return result;
  }

 private:
  template <class Build>
  absl::StatusOr<std::unique_ptr<Engine>> Start(const Build& build) {
    MR_ASSIGN_OR_RETURN(Topology topology, build());
    EngineOptions options;
    options.state_directory = state_;
    options.default_partitions = size_.partitions;
    MR_ASSIGN_OR_RETURN(auto engine, Engine::Create(std::move(topology), log_, options));
    MR_RETURN_IF_ERROR(engine->Start());
    return engine;
  }

  // Until no change waits for its round: pages are cached from then on.
  static absl::Status AwaitVersions(Engine* engine) {
    for (bool has_news = true; has_news;) {
      std::this_thread::sleep_for(kBetweenLooks);
      has_news = false;
      MR_RETURN_IF_ERROR(
          engine->ScanStore("dirty", [&has_news](std::string_view, std::string_view, Timestamp) {
            has_news = true;
            return false;
          }));
    }
    return absl::OkStatus();
  }

  // Each user twice: once from the stores, then from the cache.
  absl::StatusOr<PagesResult> Read(Engine* engine) {
    PagesResult result;
    topologies::FeedPages pages(engine, {});
    gen::Draws draws(gen::RandomKey(size_.seed, 101, 0));
    for (int reader = 0; reader < kReaders; ++reader) {
      const auto user = static_cast<int64_t>(1 + draws.Below(size_.users));
      for (int read = 0; read < 2; ++read) {
        const Stopwatch stopwatch;
        MR_ASSIGN_OR_RETURN(const topologies::ServedPage page, pages.Read({.user = user}));
        const double millis = stopwatch.Seconds() * 1e3;
        const bool cached = page.path == topologies::PagePath::kCache;
        (cached ? result.cached_millis : result.computed_millis).push_back(millis);
      }
    }
    return result;
  }

  const NetworkSize size_;
  const std::string state_;
  Log* log_;
};

}  // namespace

absl::StatusOr<PagesResult> MeasurePages(const NetworkSize& size, const std::string& state,
                                         Log* log) {
  return PagesBench(size, state, log).Run();
}

}  // namespace millrace::bench
