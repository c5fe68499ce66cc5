// The half of feed-rank by user: the rows of feeds with all that their scores are made of, and what
// is published of them. All steps share their stores, so they run in one task.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "millrace/metrics.h"
#include "millrace/processor.h"
#include "schemas/affinity.h"
#include "schemas/feed_entry.h"
#include "schemas/ids.h"
#include "schemas/user_feed_row.h"
#include "topologies/common/ranking/kinetic_ranking.h"
#include "topologies/feed-rank/facts.h"

namespace millrace::topologies::rank {

// A feed is published at most that often; positions behind the hundredth are none.
inline constexpr Duration kPublishEvery = std::chrono::seconds(60);
inline constexpr size_t kRanked = 100;
inline constexpr double kRelevanceStep = 0.01;

// The stores of the steps by user.
class FeedBook {
 public:
  static std::vector<std::string> Stores() {
    return {"feed", "holders", "held-posts", "reader-affinity", "readers", "wakes"};
  }
  template <class Context>
  void Open(Context& context) {
    feed = context.template Store<FeedPost, FeedRow>("feed");
    holders = context.template Store<Holder, Nothing>("holders");
    held_posts = context.template Store<int64_t, HeldPost>("held-posts");
    affinity = context.template Store<ReaderAuthor, Fixed>("reader-affinity");
    readers = context.template Store<int64_t, Reader>("readers");
    wakes = context.template Store<Wake, Nothing>("wakes");
  }

  // The feed of the user has changed, and has so many rows more: it is to be published as soon as
  // it may be. A reader without rows is forgotten.
  void Touch(int64_t user, Timestamp now, int64_t rows = 0);
  void SetReader(int64_t user, const Reader& reader);

  KeyValueStore<FeedPost, FeedRow> feed;
  KeyValueStore<Holder, Nothing> holders;
  KeyValueStore<int64_t, HeldPost> held_posts;
  KeyValueStore<ReaderAuthor, Fixed> affinity;
  KeyValueStore<int64_t, Reader> readers;
  KeyValueStore<Wake, Nothing> wakes;
};

// Says when the first feed of this partition gets a post, and when the last one loses it.
class Holders final
    : public Processor<schemas::FeedKey, schemas::FeedEntry, schemas::PostId, Interest> {
 public:
  void Init(Context& context) override { book_.Open(context); }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  FeedBook book_;
};

// Entries come and go at once; their positions follow when the feed is published.
class FeedRows final : public Processor<schemas::FeedKey, schemas::FeedEntry, schemas::FeedKey,
                                        schemas::UserFeedRow> {
 public:
  void Init(Context& context) override;
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  void Put(const FeedPost& key, const schemas::FeedEntry& entry, Context& context);
  void Remove(const FeedPost& key, Timestamp now, Context& context);
  void PublishDue(Timestamp now, Context& context);
  // Puts the feed in order, says what has changed of it, and when it will next by itself.
  void Publish(int64_t user, Timestamp now, Context& context);
  void Send(const FeedPost& key, const FeedRow& row, Timestamp now, Context& context);

  FeedBook book_;
  Counter* sent_ = nullptr;
  // Scratch of one publication: rows in the order of posts.
  std::vector<RankedPost> ranked_;
  std::vector<FeedRow> rows_;
};

// A changes: of the rows of that author in the feed of that reader.
class ReaderAffinities final : public Processor<schemas::AffinityKey, schemas::Affinity,
                                                schemas::FeedKey, schemas::UserFeedRow> {
 public:
  void Init(Context& context) override { book_.Open(context); }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  FeedBook book_;
};

// E changes: of the rows of that post in every feed of this partition.
class HeldEngagements final
    : public Processor<schemas::PostId, HolderNews, schemas::FeedKey, schemas::UserFeedRow> {
 public:
  void Init(Context& context) override { book_.Open(context); }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  FeedBook book_;
};

}  // namespace millrace::topologies::rank
