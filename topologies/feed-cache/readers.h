// The half of feed-cache by user: feeds and tastes, and the pages that are written ahead of time.
// All steps share their stores, so they run in one task.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "connectors/debezium/change.h"
#include "millrace/metrics.h"
#include "millrace/processor.h"
#include "schemas/affinity.h"
#include "schemas/cache_entry.h"
#include "schemas/feed_entry.h"
#include "schemas/hot_board.h"
#include "schemas/ids.h"
#include "schemas/user_list.h"
#include "topologies/common/follower_changes.h"
#include "topologies/feed-cache/cached_page.h"
#include "topologies/feed-cache/facts.h"
#include "topologies/feed-cache/page.h"

namespace millrace::topologies::cache {

// How often changes are told and the pages of active users are looked at: less than the 5 seconds
// within which a change is to be seen.
inline constexpr Duration kRound = std::chrono::seconds(2);
inline constexpr Duration kPageLives = std::chrono::seconds(60);
inline constexpr Duration kVersionLives = std::chrono::seconds(120);
inline constexpr int64_t kWarmedLimit = 20;

// The stores as MakePage sees them, in a task.
class StoreView final : public FeedView {
 public:
  static std::vector<std::string> Stores() {
    return {"entries",  "entry-times", "affinity", "follows", "celebrities", "dirty",
            "versions", "pages",       "posts",    "hot",     "engagement"};
  }
  template <class Context>
  void Open(Context& context) {
    entries = context.template Store<Entry, int64_t>("entries");
    entry_times = context.template Store<EntryKey, int64_t>("entry-times");
    affinity = context.template Store<UserAuthor, int64_t>("affinity");
    follows = context.template Store<UserAuthor, Nothing>("follows");
    celebrities = context.template Store<int64_t, Nothing>("celebrities");
    dirty = context.template Store<int64_t, Nothing>("dirty");
    versions = context.template Store<int64_t, FeedVersion>("versions");
    pages = context.template Store<int64_t, WrittenPage>("pages");
    posts = context.template Store<PostIndexKey, PostFact>("posts");
    hot = context.template Store<int64_t, schemas::HotBoard>("hot");
    engagement = context.template Store<int64_t, Fixed>("engagement");
  }

  // Something of the user has changed: no page of before is right any more.
  void MarkChanged(int64_t user, Timestamp at);

  void Entries(int64_t user,
               const std::function<bool(const Entry&, int64_t)>& visit) const override;
  void PulledAuthors(int64_t user, const std::function<void(int64_t)>& visit) const override;
  void Affinities(int64_t user, const std::function<void(int64_t, int64_t)>& visit) const override;
  std::optional<PostFact> Post(int64_t post) const override;
  void PostsOf(int64_t author,
               const std::function<bool(int64_t, const PostFact&)>& visit) const override;
  void HotPosts(const std::function<bool(int64_t)>& visit) const override;
  Fixed EngagementOf(int64_t post) const override;

  KeyValueStore<Entry, int64_t> entries;         // -> author
  KeyValueStore<EntryKey, int64_t> entry_times;  // -> created_at, in milliseconds
  KeyValueStore<UserAuthor, int64_t> affinity;   // -> interactions
  KeyValueStore<UserAuthor, Nothing> follows;
  KeyValueStore<int64_t, Nothing> celebrities;
  KeyValueStore<int64_t, Nothing> dirty;  // users whose pages are no longer right
  KeyValueStore<int64_t, FeedVersion> versions;
  KeyValueStore<int64_t, WrittenPage> pages;
  KeyValueStore<PostIndexKey, PostFact> posts;  // these three are global
  KeyValueStore<int64_t, schemas::HotBoard> hot;
  KeyValueStore<int64_t, Fixed> engagement;
};

// Entries of feeds; every round it tells which feeds have changed, and writes the first pages of
// active users where they are not what was written.
class Warmer final
    : public Processor<schemas::FeedKey, schemas::FeedEntry, std::string, schemas::CacheEntry> {
 public:
  void Init(Context& context) override;
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  void Round(Timestamp now, Context& context);
  void Warm(int64_t user, Timestamp now, Context& context);
  void Cool(const std::vector<int64_t>& active, Timestamp now, Context& context);
  void TellVersion(int64_t user, Timestamp now, Context& context);
  void ForgetOldVersions(Timestamp now);
  void Send(const std::string& key, const schemas::CacheEntry* entry, Timestamp now,
            Context& context);

  StoreView view_;
  KeyValueStore<std::string, schemas::UserList> active_;
  Counter* pages_written_ = nullptr;
};

class Tastes final
    : public Processor<schemas::AffinityKey, schemas::Affinity, std::string, schemas::CacheEntry> {
 public:
  void Init(Context& context) override { view_.Open(context); }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  StoreView view_;
};

class Follows final : public Processor<schemas::UserId, debezium::Change<schemas::Follow>,
                                       std::string, schemas::CacheEntry> {
 public:
  void Init(Context& context) override { view_.Open(context); }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  StoreView view_;
};

class Celebrities final
    : public Processor<schemas::UserId, Celebrity, std::string, schemas::CacheEntry> {
 public:
  void Init(Context& context) override { view_.Open(context); }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  StoreView view_;
};

// By author: who has `from` followers is a celebrity as long as there are any: what was not pushed
// meanwhile is not pushed when they are fewer again.
class FollowerCounts final
    : public Processor<schemas::UserId, FollowerChange, schemas::UserId, Celebrity> {
 public:
  explicit FollowerCounts(int64_t from) : from_(from) {}
  void Init(Context& context) override {
    counts_ = context.Store<int64_t, FollowerCount>("follower-counts");
  }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  const int64_t from_;
  KeyValueStore<int64_t, FollowerCount> counts_;
};

}  // namespace millrace::topologies::cache
