// What every engine of feed-cache knows of all posts: its global stores.
#pragma once

#include <cstdint>

#include "connectors/debezium/change.h"
#include "millrace/processor.h"
#include "schemas/engagement.h"
#include "schemas/hot_board.h"
#include "schemas/ids.h"
#include "schemas/social_rows.h"
#include "topologies/common/ranking/score.h"
#include "topologies/feed-cache/facts.h"

namespace millrace::topologies::cache {

// Store posts: the newest posts of every author, by id and by author. What falls out of an author's
// newest ones is forgotten, so the store has a bound: twice kPostsOfAuthor rows for each.
inline constexpr int kPostsOfAuthor = 50;

class KeepPosts final
    : public Processor<schemas::PostId, debezium::Change<schemas::Post>, int64_t, int64_t> {
 public:
  void Init(Context& context) override { posts_ = context.Store<PostIndexKey, PostFact>("posts"); }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  void Forget(int64_t post);
  void ForgetOldOnes(int64_t author);

  KeyValueStore<PostIndexKey, PostFact> posts_;
};

// Store engagement: post -> E, where it is not 0.
class KeepEngagement final
    : public Processor<schemas::PostId, schemas::PostEngagement, int64_t, int64_t> {
 public:
  void Init(Context& context) override {
    engagement_ = context.Store<int64_t, Fixed>("engagement");
  }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  KeyValueStore<int64_t, Fixed> engagement_;
};

// Store hot: the newest board of the day, under 0.
class KeepHot final : public Processor<schemas::HotBoardKey, schemas::HotBoard, int64_t, int64_t> {
 public:
  void Init(Context& context) override { hot_ = context.Store<int64_t, schemas::HotBoard>("hot"); }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  KeyValueStore<int64_t, schemas::HotBoard> hot_;
};

}  // namespace millrace::topologies::cache
