// The authors of hot posts by followers: what is suggested to who has shown no taste yet.
//
//   hot.posts.v1 ─► by post (its author) ─► by author (followers) ─► one list ─► all tasks of users
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "connectors/debezium/change.h"
#include "millrace/processor.h"
#include "schemas/hot_board.h"
#include "schemas/ids.h"
#include "schemas/social_rows.h"
#include "schemas/user_list.h"
#include "topologies/common/follower_changes.h"
#include "topologies/suggestions/facts.h"
#include "topologies/suggestions/similar_facts.h"

namespace millrace::topologies::suggest {

inline constexpr size_t kMostPopular = 50;
// An author whose posts were on no board for so long is not hot any more.
inline constexpr Duration kHotFor = std::chrono::minutes(10);
inline constexpr Duration kListEvery = std::chrono::minutes(1);

class HotPosts final
    : public Processor<schemas::HotBoardKey, schemas::HotBoard, schemas::PostId, OnBoard> {
 public:
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;
};

// Keeps who wrote which post, while it exists. Passes nothing on.
class PostAuthors final
    : public Processor<schemas::PostId, debezium::Change<schemas::Post>, schemas::UserId, OnBoard> {
 public:
  void Init(Context& context) override {
    authors_ = context.Store<int64_t, int64_t>("post-authors");
  }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  KeyValueStore<int64_t, int64_t> authors_;
};

class HotPostAuthors final : public Processor<schemas::PostId, OnBoard, schemas::UserId, OnBoard> {
 public:
  void Init(Context& context) override {
    authors_ = context.Store<int64_t, int64_t>("post-authors");
  }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  KeyValueStore<int64_t, int64_t> authors_;
};

// Counts followers, and says who has lost the last one.
class Followers final : public Processor<schemas::UserId, FollowerChange, schemas::UserId, Left> {
 public:
  void Init(Context& context) override {
    followers_ = context.Store<int64_t, int64_t>("followers");
  }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  KeyValueStore<int64_t, int64_t> followers_;
};

class HotAuthors final : public Processor<schemas::UserId, OnBoard, schemas::UserId, HotAuthor> {
 public:
  void Init(Context& context) override {
    followers_ = context.Store<int64_t, int64_t>("followers");
  }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  KeyValueStore<int64_t, int64_t> followers_;
};

// One task: the list, when it has changed, at most once a minute of stream time.
class PopularList final
    : public Processor<schemas::UserId, HotAuthor, schemas::UserId, schemas::UserList> {
 public:
  void Init(Context& context) override;
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  void Tell(Timestamp now, Context& context);

  KeyValueStore<int64_t, HotAuthor> hot_;
  std::vector<schemas::ListedUser> told_;
};

}  // namespace millrace::topologies::suggest
