// First steps of affinity, by post: likes, comments and shares find the author of their post and
// become facts about the user who made them. The steps share their stores, so they run in one task.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "connectors/debezium/change.h"
#include "millrace/processor.h"
#include "millrace/topology_builder.h"
#include "schemas/client_event.h"
#include "schemas/ids.h"
#include "schemas/social_rows.h"
#include "schemas/user_events.h"
#include "topologies/affinity/facts.h"
#include "topologies/affinity/waiting_room.h"
#include "topologies/common/erased_users.h"
#include "topologies/common/post_events.h"

namespace millrace::topologies::affinity {

// How long an interaction waits for its post, by the clock: while a backlog is read, posts and what
// is said of them are hours of stream time apart.
inline constexpr Duration kPatience = std::chrono::minutes(5);
// For so long the author of a deleted post is still known: what was liked before may be unliked.
inline constexpr Duration kGonePostKept = std::chrono::hours(24 * 90);

// What the steps know together about posts.
class PostBook {
 public:
  using Context = ProcessorContext<schemas::UserId, Fact>;
  // Of every step that has a PostBook.
  static std::vector<std::string> Stores() {
    return {"authors", "gone-posts", "waiting", "erased-authors"};
  }

  template <class Context>
  void Open(Context& context) {
    authors_ = context.template Store<int64_t, PostAuthor>("authors");
    gone_ = context.template Store<GonePost, int64_t>("gone-posts");
    waiting_ = context.template StoreOf<WaitingRoom>("waiting");
    erased_.Open(context.template Store<int64_t, int64_t>("erased-authors"),
                 context.application_id());
  }
  // Tells the user's task. False: the post is unknown.
  bool Tell(const Waiting& interaction, Timestamp timestamp, const Headers& headers,
            Context& context);
  // Refuses (REFERENCE) when too many wait already.
  void Wait(Waiting* interaction, Timestamp timestamp, const Headers& headers, Context& context);
  void PostExists(int64_t post, int64_t author, Context& context);
  void PostIsGone(int64_t post, int64_t author, Context& context);
  // Forgets the user, but for posts that are not deleted yet. Says how many rows that were.
  int64_t Erase(int64_t user, Timestamp at);

 private:
  void ForgetGonePosts(Timestamp before);

  KeyValueStore<int64_t, PostAuthor> authors_;
  KeyValueStore<GonePost, int64_t> gone_;
  WaitingRoom* waiting_ = nullptr;
  ErasedUsers erased_;
};

class PostAuthors final
    : public Processor<schemas::PostId, debezium::Change<schemas::Post>, schemas::UserId, Fact> {
 public:
  void Init(Context& context) override { book_.Open(context); }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  PostBook book_;
};

// A row counts while it exists, on the day on which it was made.
template <class Row>
class RowReactions final
    : public Processor<schemas::PostId, debezium::Change<Row>, schemas::UserId, Fact> {
 public:
  using Context = ProcessorContext<schemas::UserId, Fact>;
  void Init(Context& context) override { book_.Open(context); }
  void Process(const Record<schemas::PostId, debezium::Change<Row>>& record,
               Context& context) override;

 private:
  PostBook book_;
};
using Likes = RowReactions<schemas::Like>;
using Comments = RowReactions<schemas::Comment>;
extern template class RowReactions<schemas::Like>;
extern template class RowReactions<schemas::Comment>;

// The shares among the events of clients, by post. A clock that is ahead is set back to the log's.
class ShareFacts final
    : public Processor<std::string, schemas::ClientEvent, schemas::PostId, schemas::ClientEvent> {
 public:
  void Init(Context& context) override { events_.Open(context); }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  PostEvents events_;
};

// Shares are never taken back.
class Shares final
    : public Processor<schemas::PostId, schemas::ClientEvent, schemas::UserId, Fact> {
 public:
  void Init(Context& context) override { book_.Open(context); }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  PostBook book_;
};

// Erasure, on the side of the posts.
class ForgetAuthors final : public Processor<schemas::UserId, schemas::UserErased, schemas::UserId,
                                             schemas::ErasureDone> {
 public:
  void Init(Context& context) override { book_.Open(context); }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  PostBook book_;
};

// What has waited for too long: dead letters, keyed by the post.
struct LostRecord {
  Source source = Source::kLikes;
  std::string value;
};
class LostReactions final
    : public Processor<schemas::PostId, debezium::Change<schemas::Post>, std::string, LostRecord> {
 public:
  void Init(Context& context) override;
  // Posts are looked at by PostAuthors; this step only wants their time.
  void Process(const Record<KeyIn, ValueIn>&, Context&) override {}

 private:
  void Lose(Timestamp now, Context& context);
  WaitingRoom* waiting_ = nullptr;
};

}  // namespace millrace::topologies::affinity
