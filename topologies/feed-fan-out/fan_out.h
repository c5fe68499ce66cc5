// The heart of feed-fan-out: posts of an author times followers of the author.
#pragma once

#include <cstdint>
#include <string>

#include "millrace/processor.h"
#include "topologies/feed-fan-out/facts.h"

namespace millrace::topologies {

// Keeps both sides by author. What is new on one side meets everything on the other, so that a post
// enters a feed when the later of the two, post and follow, comes; what goes on one side leaves
// with everything on the other. A fact that is known already changes nothing. The other side is
// walked and forwarded row by row: a million followers take no memory.
class FanOut final : public Processor<int64_t, AuthorFact, int64_t, FeedChange> {
 public:
  void Init(Context& context) override;
  void Process(const Record<int64_t, AuthorFact>& record, Context& context) override;

 private:
  // Each says whether the fact is news.
  bool KeepPost(int64_t author, const AuthorFact& fact, Timestamp now);
  bool KeepFollower(int64_t author, const AuthorFact& fact, Timestamp now);
  void TellFollowers(int64_t author, const AuthorFact& post, Timestamp now, Context& context);
  void TellFollower(int64_t author, const AuthorFact& follower, Timestamp now, Context& context);

  KeyValueStore<AuthorPost, RowTime> posts_;
  KeyValueStore<AuthorFollower, RowTime> followers_;
  std::string prefix_;
};

}  // namespace millrace::topologies
