// The second half of feed-fan-out: what is said of authors and posts becomes rows of feeds.
#pragma once

#include <cstdint>
#include <optional>

#include "millrace/processor.h"
#include "schemas/ids.h"
#include "topologies/common/normalise/erased_hashes.h"
#include "topologies/feed-fan-out/feeds.h"
#include "topologies/feed-fan-out/follow_index.h"
#include "topologies/feed-fan-out/jobs.h"
#include "topologies/feed-fan-out/options.h"
#include "topologies/feed-fan-out/user_command.h"
#include "topologies/feed-fan-out/user_output.h"

namespace millrace::topologies::feed {

// Has the users of one partition: whom they follow, and their feeds. A post of an author with few
// followers here is written at once; with more it is a job, and a slice of it is done now and then
// between the others' records, so that no post waits for the one before. What comes later of the
// same post takes the job's place. A job walks over the followers as they are when it gets to them.
class Users final : public Processor<schemas::UserId, UserCommand, schemas::FeedKey, UserOutput> {
 public:
  explicit Users(FeedFanOutOptions options) : options_(options) {}
  void Init(Context& context) override;
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  // Of all that is written from here on.
  void SetTime(Timestamp now);

  void OnPost(const UserCommand& command);
  void OnFollow(const UserCommand& command);
  void OnUnfollow(const UserCommand& command);
  void OnRefill(const UserCommand& command);
  void OnTier(const UserCommand& command);
  void OnJob(const JobKey& key);
  void OnRead(const UserCommand& command);
  void OnErase(const UserCommand& command, const Headers& headers);

  // The number of the latest command that removed the post, if that was lately; else -1.
  int64_t RemovedBySequence(int64_t author, int64_t post) const;
  void InsertPosts(const UserCommand& command);
  // Asks authors for older posts if the user's feed has become too short.
  void RefillIfShort(int64_t user);

  void StartJob(const JobKey& key, const Job& job);
  // Passes the job's name on to this task through the log: while there is a job there is a record
  // that was not consumed, and nobody takes the engine for idle.
  void SendJob(const JobKey& key);
  void KeepSlicing();
  void TakeTurn();
  // Does a slice of the job, and then ends it (true) or keeps how far it came.
  bool Advance(const JobKey& key, Job job);
  // Do a slice. True when nothing is left.
  bool WritePost(const JobKey& key, Job* job);
  bool AskAuthors(const JobKey& key, Job* job);
  void WriteRow(int64_t user, Timestamp followed_at, const Job& job, int64_t author);

  void Request(int64_t author, const AuthorNews& news, Timestamp time);
  void Measure(const Job& job, Histogram* histogram);

  const FeedFanOutOptions options_;
  FollowIndex follows_;
  Feeds feeds_;
  Jobs jobs_;
  KeyValueStore<int64_t, PulledAuthor> pulled_;
  WindowStore<DeadPost, RemovedBy> dead_;
  ErasedHashes* erased_ = nullptr;
  UserHash hash_;
  std::optional<Punctuation> slices_;  // while there are jobs
  // Slices take no more than half of the time, though all tasks may be one thread's.
  Timestamp rest_until_ = kNoTimestamp;
  Context* context_ = nullptr;
  Timestamp now_;  // of what is written
  UserOutput output_;

  Counter* rows_ = nullptr;
  Counter* outdated_ = nullptr;
  Counter* unknown_reads_ = nullptr;
  Counter* erased_late_ = nullptr;
  Counter* refills_ = nullptr;
  Histogram* at_once_ = nullptr;
  Histogram* as_job_ = nullptr;
};

}  // namespace millrace::topologies::feed
