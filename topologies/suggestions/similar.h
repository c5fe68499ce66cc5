// The search for authors whom similar users follow. Each user's row of affinity counts is published
// in an index by author; whoever's list is made asks it:
//
//   the user's task            by author                 the neighbours' tasks
//   row ── a taste each ─────► tasters (index)
//   taster-answers ◄────────── the others there
//   the nearest ── a question each ────────────────────► follows
//   followee-answers ◄────────────────────────────────── whom they follow
//   similar
//
// All answers of a search carry its id; those of a search that another one has overtaken are
// dropped.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "millrace/processor.h"
#include "topologies/suggestions/facts.h"
#include "topologies/suggestions/output.h"
#include "topologies/suggestions/similar_facts.h"
#include "topologies/suggestions/similarity.h"

namespace millrace::topologies::suggest {

class SimilarSearch {
 public:
  static std::vector<std::string> Stores() {
    return {"published", "searches",   "taster-answers", "followee-answers",
            "similar",   "similar-of", "recently-left"};
  }
  void Open(OutputContext& context, KeyValueStore<UserCountAuthor, Nothing> by_count,
            KeyValueStore<UserAuthor, Nothing> follows);

  // Publishes the user's row and begins a search. A row that can have no neighbours has none: what
  // was found before is forgotten.
  void Begin(int64_t user, Timestamp now, OutputContext& context);
  // Both return what was found with the last answer of a search.
  std::optional<SimilarAuthors> Take(int64_t user, const TastersOf& tasters,
                                     OutputContext& context);
  std::optional<SimilarAuthors> Take(int64_t user, const FolloweesOf& followees);

  // What the last search has found, best first.
  SimilarAuthors Found(int64_t user) const;
  void SetFound(int64_t user, const SimilarAuthors& authors, Timestamp now);
  // Whose lists the author left: nobody follows the author any more. Answers that are under way may
  // not know it, so the author is found by no search for a while.
  std::vector<int64_t> Leave(int64_t author, Timestamp now);
  void ForgetLeftBefore(Timestamp time);

 private:
  std::vector<UserCountAuthor> RowOf(int64_t user) const;
  void Withdraw(int64_t user, const std::vector<UserCountAuthor>& row, Timestamp now,
                OutputContext& context);
  void Ask(const std::vector<Neighbour>& neighbours, int64_t user, Search search,
           OutputContext& context);
  void Drop(int64_t user);

  KeyValueStore<UserCountAuthor, Nothing> by_count_;
  KeyValueStore<UserAuthor, Nothing> follows_;
  KeyValueStore<UserAuthor, int64_t> published_;
  KeyValueStore<int64_t, Search> searches_;
  KeyValueStore<Answer, TastersOf> tasters_;
  KeyValueStore<Answer, FolloweesOf> followees_;
  KeyValueStore<int64_t, SimilarAuthors> similar_;
  KeyValueStore<AuthorUser, Nothing> similar_of_;
  KeyValueStore<int64_t, int64_t> recently_left_;  // author -> when, in milliseconds
};

// At a neighbour's: whom the neighbour follows.
class Followees final
    : public Processor<schemas::UserId, FollowQuestion, schemas::UserId, FolloweesOf> {
 public:
  void Init(Context& context) override { follows_ = context.Store<UserAuthor, Nothing>("follows"); }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  KeyValueStore<UserAuthor, Nothing> follows_;
};

}  // namespace millrace::topologies::suggest
