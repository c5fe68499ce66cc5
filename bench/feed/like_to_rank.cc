#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "bench/feed/measures.h"
#include "bench/feed/resources.h"
#include "generator/change_writer.h"
#include "millrace/engine.h"
#include "millrace/local_log.h"
#include "millrace/partitioner.h"
#include "millrace/status.h"
#include "millrace/store_reader.h"
#include "schemas/topics.h"
#include "topologies/affinity/affinity.h"
#include "topologies/cdc-normalise/cdc_normalise.h"
#include "topologies/feed-fan-out/feed_fan_out.h"
#include "topologies/feed-rank/facts.h"
#include "topologies/feed-rank/feed_rank.h"

namespace millrace::bench {
namespace {

constexpr std::chrono::seconds kPatience(10);
constexpr Duration kBetweenLooks(2);
constexpr size_t kFetchBytes = 1 << 20;
// An entry of a feed.
struct Candidate {
  int64_t user = 0;
  int64_t post = 0;
  int64_t author = 0;
};

// Reads a topic from its beginning, typed.
template <class K, class V>
class TopicReader {
 public:
  TopicReader(const Topic<K, V>& topic, std::unique_ptr<LogReader> reader, int partitions)
      : topic_(topic.name()), reader_(std::move(reader)), partitions_(partitions) {}

  static absl::StatusOr<TopicReader> Open(Log* log, const Topic<K, V>& topic) {
    MR_ASSIGN_OR_RETURN(auto reader, log->NewReader());
    MR_ASSIGN_OR_RETURN(const TopicDescription description, log->DescribeTopic(topic.name()));
    const int partitions = static_cast<int>(description.partitions.size());
    for (int32_t p = 0; p < partitions; ++p) {
      MR_RETURN_IF_ERROR(reader->Assign({topic.name(), PartitionId(p)}, Offset(0)));
    }
    return TopicReader(topic, std::move(reader), partitions);
  }

  // Calls `see` with key and value of what is new; a null value is skipped.
  template <class See>
  absl::Status Poll(const See& see) {
    for (int32_t p = 0; p < partitions_; ++p) {
      while (true) {
        MR_ASSIGN_OR_RETURN(const RecordBatch batch,
                            reader_->Fetch({topic_, PartitionId(p)}, kFetchBytes));
        for (const RecordView& record : batch.records) {
          if (!record.key.has_value() || !record.value.has_value()) continue;
          K key;
          V value;
          MR_RETURN_IF_ERROR(Serde<K>::Decode(*record.key, &key));
          MR_RETURN_IF_ERROR(Serde<V>::Decode(*record.value, &value));
          see(key, value);
        }
        if (batch.at_end) break;
      }
    }
    return absl::OkStatus();
  }

 private:
  std::string topic_;
  std::unique_ptr<LogReader> reader_;
  int partitions_;
};

using RankRows = StoreReader<topologies::rank::FeedPost, topologies::rank::FeedRow>;

class LikeToRank {
 public:
  LikeToRank(const NetworkSize& size, const std::string& directory)
      : size_(size), directory_(directory) {}

  absl::StatusOr<LikeToRankResult> Run(int likes) {
    MR_ASSIGN_OR_RETURN(log_, LocalLog::Open(directory_ + "/log"));
    MR_ASSIGN_OR_RETURN(Loader loader, Loader::Open(log_.get(), size_, Clock::System()->Now()));
    MR_RETURN_IF_ERROR(loader.LoadSnapshot());
    MR_RETURN_IF_ERROR(loader.LoadRest());
    MR_RETURN_IF_ERROR(StartAll());
    MR_ASSIGN_OR_RETURN(const std::vector<Candidate> candidates, FindCandidates());
    MR_ASSIGN_OR_RETURN(const RankRows ranks,
                        (ReaderOf<topologies::rank::FeedPost, topologies::rank::FeedRow>(
                            engines_.back().get(), "feed")));
    MR_ASSIGN_OR_RETURN(producer_, log_->NewProducer({}));
    MR_ASSIGN_OR_RETURN(likes_, producer_->OpenTopic("cdc.likes"));
    LikeToRankResult result;
    for (int i = 0; i < likes && i < static_cast<int>(candidates.size()); ++i) {
      MR_RETURN_IF_ERROR(One(candidates[static_cast<size_t>(i)], ranks, &result));
    }
    for (const auto& engine : engines_) MR_RETURN_IF_ERROR(engine->Stop());
    return result;
  }

 private:
  absl::Status StartAll() {
    std::vector<Engine*> all;
    for (const auto build : {topologies::BuildCdcNormalise, topologies::BuildFeedFanOut,
                             topologies::BuildAffinity, topologies::BuildFeedRank}) {
      MR_ASSIGN_OR_RETURN(Topology topology, build());
      EngineOptions options;
      options.state_directory = directory_ + "/state";
      options.default_partitions = size_.partitions;
      MR_ASSIGN_OR_RETURN(auto engine, Engine::Create(topology, log_.get(), options));
      MR_RETURN_IF_ERROR(engine->Start());
      all.push_back(engine.get());
      engines_.push_back(std::move(engine));
    }
    return WaitUntilIdle(all);
  }

  // An entry of each of many users.
  absl::StatusOr<std::vector<Candidate>> FindCandidates() {
    using EntryReader = TopicReader<schemas::FeedKey, schemas::FeedEntry>;
    MR_ASSIGN_OR_RETURN(EntryReader entries, EntryReader::Open(log_.get(), topics::kFeedEntries));
    std::vector<Candidate> candidates;
    std::set<int64_t> users;
    MR_RETURN_IF_ERROR(
        entries.Poll([&](const schemas::FeedKey& key, const schemas::FeedEntry& entry) {
          if (entry.author == key.user || !users.insert(key.user).second) return;
          candidates.push_back({.user = key.user, .post = key.post, .author = entry.author});
        }));
    return candidates;
  }

  absl::Status One(const Candidate& like, const RankRows& ranks, LikeToRankResult* result) {
    const topologies::rank::FeedPost place{.user = like.user, .post = like.post};
    MR_ASSIGN_OR_RETURN(const auto before, ranks.Get(place));
    if (!before.has_value()) return absl::OkStatus();  // it has left the feed
    const Timestamp now = Clock::System()->Now();
    writer_.set_now(gen::RowTime(now));
    writer_.Create(
        gen::LikeRow{.post = like.post, .user = like.user, .created_at = gen::RowTime(now)},
        &record_);
    const Stopwatch stopwatch;
    MR_RETURN_IF_ERROR(producer_->Produce(likes_, PartitionForKey(record_.key, likes_.partitions),
                                          record_.AsOutgoing()));
    MR_RETURN_IF_ERROR(producer_->Commit({}).status());
    while (stopwatch.Seconds() < kPatience.count()) {
      MR_ASSIGN_OR_RETURN(const auto row, ranks.Get(place));
      if (row.has_value() && row->value.affinity != before->value.affinity) {
        result->millis.push_back(stopwatch.Seconds() * 1e3);
        return absl::OkStatus();
      }
      std::this_thread::sleep_for(kBetweenLooks);
    }
    ++result->unanswered;
    return absl::OkStatus();
  }

  const NetworkSize size_;
  const std::string directory_;
  std::unique_ptr<Log> log_;
  std::vector<std::unique_ptr<Engine>> engines_;
  std::unique_ptr<LogProducer> producer_;
  TopicHandle likes_;
  gen::ChangeWriter writer_;
  gen::ChangeRecord record_;
};

}  // namespace

absl::StatusOr<LikeToRankResult> MeasureLikeToRank(const NetworkSize& size, int likes,
                                                   const std::string& directory) {
  return LikeToRank(size, directory).Run(likes);
}

}  // namespace millrace::bench
