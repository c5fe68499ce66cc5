// The first half of feed-fan-out: what authors' news means for the partitions of their followers.
#pragma once

#include <cstdint>
#include <vector>

#include "millrace/processor.h"
#include "schemas/ids.h"
#include "topologies/feed-fan-out/author_rows.h"
#include "topologies/feed-fan-out/options.h"
#include "topologies/feed-fan-out/timeline.h"
#include "topologies/feed-fan-out/user_command.h"

namespace millrace::topologies::feed {

// Of an author it knows the posts, and how many followers there are in which partition, but not who
// they are: a post is one command to each partition that has any. All that is said of an author
// goes through here in one order, so a follow never misses a post: those before come with it, and
// those behind are pushed.
class Authors final : public Processor<schemas::UserId, AuthorNews, schemas::UserId, UserCommand> {
 public:
  explicit Authors(FeedFanOutOptions options) : options_(options) {}
  void Init(Context& context) override;
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  void OnPost(const AuthorNews& news);
  void OnPostGone(const AuthorNews& news);
  void OnFollow(const AuthorNews& news);
  void OnUnfollow(const AuthorNews& news);
  void OnRefill(const AuthorNews& news);

  // Counts a follower who comes or goes, and moves the author to the tier of that many.
  void Count(int64_t follower, int32_t by);
  void SetTier(Tier tier);
  // Fills `command` with the author's posts that are for its user.
  void AddPosts(PostsFor wanted, UserCommand* command);
  // Says of posts that the one at `at` has moved whom they are for now.
  void TellShifted(PostAt at, bool has_come);
  void SendInsert(PostAt at, Timestamp hundredth, bool notifies);
  // Sends the command to every partition with followers, or to its own.
  void Broadcast(UserCommand command);
  void Send(UserCommand& command);

  const FeedFanOutOptions options_;
  KeyValueStore<schemas::UserId, Author> authors_;
  Timeline timeline_;
  Context* context_ = nullptr;
  Counter* commands_ = nullptr;

  // Of the record that is being processed.
  schemas::UserId id_;
  Author author_;
  Timestamp now_;
};

}  // namespace millrace::topologies::feed
