// feed-reader: the topologies that a test of the feeds cannot run as they are, and what they answer
// to readers.
//
//   feed-reader run ABOVE BELOW …    `millrace …` with a feed-fan-out whose authors are pulled
//   above,
//                                    and pushed below, so many followers
//   feed-reader feeds ABOVE BELOW LOG STATE PARTITIONS NOW_MS ACTIVE
//       GetFeed of every user of standard input, a line per entry: USER POST AUTHOR SOURCE READ_MS
//   feed-reader pages (the same)
//       runs feed-cache on a clock that shows NOW, until the pages of the ACTIVE active users are
//       written; of every user of standard input all pages, turned by their cursors, a line per
//       post: ORDER USER AT_MS POST SOURCE
//
// The last two run their topology until it is idle before they ask. They may be killed at any
// moment and run again.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "millrace/engine.h"
#include "millrace/kafka/kafka_log.h"
#include "millrace/log_url.h"
#include "millrace/status.h"
#include "millrace/worker.h"
#include "schemas/topics.h"
#include "topologies/feed-cache/feed_cache.h"
#include "topologies/feed-cache/queries.h"
#include "topologies/feed-fan-out/feed_fan_out.h"
#include "topologies/feed-fan-out/queries.h"

namespace millrace::topologies {
namespace {

struct ReaderOptions {
  int64_t pull_above = 0;
  int64_t push_below = 0;
  std::string log;
  std::string state;
  int partitions = 4;
  int64_t now_ms = 0;
  int64_t active = 0;
};

// The machine's, set to another time.
class SetClock final : public Clock {
 public:
  explicit SetClock(Timestamp now) : ahead_(now - System()->Now()) {}
  Timestamp Now() const override { return System()->Now() + ahead_.load(); }
  std::chrono::nanoseconds Monotonic() const override { return System()->Monotonic(); }
  void Advance(Duration by) { ahead_ = ahead_.load() + by; }

 private:
  std::atomic<Duration> ahead_;
};

std::vector<int64_t> UsersOfInput() {
  std::vector<int64_t> users;
  for (int64_t user = 0; std::cin >> user;) users.push_back(user);
  return users;
}

class Running {
 public:
  Running(const ReaderOptions& options, const Clock* clock) : options_(options), clock_(clock) {}

  absl::StatusOr<Engine*> Start(absl::StatusOr<Topology> topology) {
    MR_RETURN_IF_ERROR(topology.status());
    MR_ASSIGN_OR_RETURN(log_, OpenLog(options_.log));
    EngineOptions options;
    options.state_directory = options_.state;
    options.default_partitions = options_.partitions;
    options.clock = clock_;
    options.max_skew = std::nullopt;
    MR_ASSIGN_OR_RETURN(engine_, Engine::Create(*std::move(topology), log_.get(), options));
    MR_RETURN_IF_ERROR(engine_->Start());
    do {  // Kafka's group gives the tasks after a while
      MR_RETURN_IF_ERROR(WaitUntilIdle({engine_.get()}));
    } while (!HasTasks());
    return engine_.get();
  }
  Engine* engine() const { return engine_.get(); }
  Log* log() const { return log_.get(); }

 private:
  bool HasTasks() const {
    const std::vector<TaskStatus> tasks = engine_->tasks();
    return !tasks.empty() && std::all_of(tasks.begin(), tasks.end(), [](const TaskStatus& task) {
      return task.state == TaskStatus::State::kRunning;
    });
  }

  const ReaderOptions& options_;
  const Clock* clock_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<Engine> engine_;
};

absl::Status PrintFeeds(const ReaderOptions& options) {
  Running running(options, Clock::System());
  MR_ASSIGN_OR_RETURN(Engine * engine,
                      running.Start(BuildFeedFanOutWith(
                          {.pull_above = options.pull_above, .push_below = options.push_below})));
  for (const int64_t user : UsersOfInput()) {
    MR_ASSIGN_OR_RETURN(
        const feed::FeedPage page,
        feed::GetFeed(engine, schemas::UserId{user}, {.limit = size_t{feed::kFeedRows}}));
    for (const schemas::FeedEntry& entry : page.entries) {
      constexpr const char* kSources[] = {"push", "backfill", "pull"};
      std::printf("%ld %ld %ld %s %ld\n", entry.user, entry.post, entry.author,
                  kSources[static_cast<size_t>(entry.source)],
                  ToMillis(entry.read_at.value_or(kNoTimestamp)));
    }
  }
  return engine->Stop();
}

absl::Status PrintPagesOf(Engine* engine, int64_t user, FeedOrder order, Timestamp now) {
  FeedPageRequest request{.user = user, .order = order, .limit = 40};
  do {
    MR_ASSIGN_OR_RETURN(const FeedPage page, GetFeedPage(engine, request, now));
    for (const FeedItem& item : page.items) {
      const std::string source(FeedLabelName(item.label));
      std::printf("%s %ld %ld %ld %s\n", order == FeedOrder::kScore ? "score" : "followed-first",
                  user, ToMillis(page.at), item.post, source.c_str());
    }
    request.cursor = page.next;
  } while (!request.cursor.empty());
  return absl::OkStatus();
}

// Lets all pages expire, and waits until they are written again. Twice, for a round of the warmer
// may have been under way the first time.
absl::Status WaitForPages(const Running& running, int64_t pages, SetClock* clock) {
  const Counter* written = running.engine()->metrics()->counter("feed_pages_written_total");
  MR_ASSIGN_OR_RETURN(const std::unique_ptr<LogReader> reader, running.log()->NewReader());
  const std::string& topic = topics::kCache.name();
  MR_ASSIGN_OR_RETURN(const TopicDescription cache, running.log()->DescribeTopic(topic));
  std::vector<TopicPartition> partitions;
  for (size_t p = 0; p < cache.partitions.size(); ++p) {
    partitions.push_back({topic, PartitionId(static_cast<int32_t>(p))});
    MR_RETURN_IF_ERROR(reader->Assign(partitions.back(), cache.partitions[p].end));
  }
  const Timestamp deadline = Clock::System()->Now() + std::chrono::minutes(2);
  for (int time = 0; time < 2; ++time) {
    const int64_t before = written->value();
    clock->Advance(std::chrono::seconds(60));
    while (written->value() < before + pages) {
      if (Clock::System()->Now() > deadline) {
        return absl::DeadlineExceededError("the pages of active users are not written");
      }
      reader->Wait(std::chrono::seconds(1));
      for (const TopicPartition& partition : partitions) {
        MR_RETURN_IF_ERROR(reader->Fetch(partition, 1 << 20).status());
      }
    }
  }
  return running.engine()->Stop();
}

absl::Status PrintPages(const ReaderOptions& options) {
  SetClock clock(TimestampFromMillis(options.now_ms));
  Running running(options, &clock);
  MR_ASSIGN_OR_RETURN(Engine * engine,
                      running.Start(BuildFeedCacheWith({.celebrities_from = options.push_below})));
  for (const int64_t user : UsersOfInput()) {
    for (const FeedOrder order : {FeedOrder::kScore, FeedOrder::kFollowedFirst}) {
      MR_RETURN_IF_ERROR(PrintPagesOf(engine, user, order, clock.Now()));
    }
  }
  return WaitForPages(running, options.active, &clock);
}

int Main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const bool asks = !words.empty() && words[0] != "run";
  if (words.size() < (asks ? 8 : 3)) {
    std::fputs("usage: feed-reader run|feeds|pages ABOVE BELOW …, see its source\n", stderr);
    return 2;
  }
  ReaderOptions options{.pull_above = std::stoll(words[1]), .push_below = std::stoll(words[2])};
  if (!asks) {
    const worker::TopologyFactory with_tiers = [options] {
      return BuildFeedFanOutWith(
          {.pull_above = options.pull_above, .push_below = options.push_below});
    };
    return worker::Main(argc - 3, argv + 3, {with_tiers});
  }
  options.log = words[3];
  options.state = words[4];
  options.partitions = std::stoi(words[5]);
  options.now_ms = std::stoll(words[6]);
  options.active = std::stoll(words[7]);
  kafka::RegisterKafkaScheme();
  const absl::Status done = words[0] == "feeds" ? PrintFeeds(options) : PrintPages(options);
  if (!done.ok()) std::fprintf(stderr, "%s\n", std::string(done.message()).c_str());
  return done.ok() ? 0 : 1;
}

}  // namespace
}  // namespace millrace::topologies

int main(int argc, char** argv) { return millrace::topologies::Main(argc, argv); }
