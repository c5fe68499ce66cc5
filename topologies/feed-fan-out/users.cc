#include "topologies/feed-fan-out/users.h"

#include <algorithm>
#include <string>

#include "topologies/feed-fan-out/client_commands.h"

namespace millrace::topologies::feed {
namespace {

using schemas::FeedSource;

FeedSource SourceOf(Timestamp created_at, Timestamp followed_at) {
  return created_at >= followed_at ? FeedSource::kPush : FeedSource::kBackfill;
}

}  // namespace

void Users::Init(Context& context) {
  context_ = &context;
  follows_.Open(context);
  feeds_.Open(context);
  jobs_.Open(context);
  pulled_ = context.Store<int64_t, PulledAuthor>("pulled");
  dead_ = context.WindowedStore<DeadPost, RemovedBy>("dead");
  erased_ = context.StoreOf<ErasedHashes>("feeds-erased");
  hash_ = UserHash(context.application_id());
  MetricsRegistry* metrics = context.metrics();
  const std::string task = context.task().ToString();
  rows_ = metrics->counter("fanout_rows_total", {{"task", task}});
  outdated_ = metrics->counter("fanout_outdated_commands_total", {{"task", task}});
  unknown_reads_ = metrics->counter("fanout_unknown_reads_total", {{"task", task}});
  erased_late_ = metrics->counter("erased_late_total", {{"table", "reads"}, {"task", task}});
  refills_ = metrics->counter("fanout_refills_total", {{"task", task}});
  at_once_ = metrics->histogram("fanout_duration_seconds", {{"tier", "inline"}});
  as_job_ = metrics->histogram("fanout_duration_seconds", {{"tier", "job"}});
  KeepSlicing();
}

void Users::Process(const Record<KeyIn, ValueIn>& record, Context&) {
  const UserCommand& command = *record.value;
  SetTime(record.timestamp);
  switch (command.kind) {
    case UserCommand::Kind::kInsert:
    case UserCommand::Kind::kRemove:
      return OnPost(command);
    case UserCommand::Kind::kTier:
      return OnTier(command);
    case UserCommand::Kind::kJob:
      return OnJob({command.job, command.author, command.post});
    case UserCommand::Kind::kFollow:
      return OnFollow(command);
    case UserCommand::Kind::kUnfollow:
      return OnUnfollow(command);
    case UserCommand::Kind::kRefill:
      return OnRefill(command);
    case UserCommand::Kind::kRead:
      return OnRead(command);
    case UserCommand::Kind::kErase:
      return OnErase(command, *record.headers);
  }
}

void Users::SetTime(Timestamp now) {
  now_ = now;
  feeds_.SetTime(now);
}

void Users::OnPost(const UserCommand& command) {
  const bool inserts = command.kind == UserCommand::Kind::kInsert;
  const int64_t removed_by = RemovedBySequence(command.author, command.post);
  if (removed_by > command.sequence) return outdated_->Add();
  if (!inserts) {
    dead_.Put({command.author, command.post}, now_, {.sequence = command.sequence});
  }
  const JobKey key{JobKind::kPost, command.author, command.post};
  Job job{.inserts = inserts,
          // What comes back is not new to those who were told of it.
          .notifies = inserts && command.notifies && removed_by < 0,
          .created_at = command.created_at,
          .post = command.post,
          .hundredth = command.hundredth,
          .event_time = now_,
          .since = context_->WallClock()};
  if (command.followers > options_.slice) return StartJob(key, job);
  if (jobs_.Get(key).has_value()) jobs_.End(key);
  while (!WritePost(key, &job)) continue;
  Measure(job, at_once_);
}

int64_t Users::RemovedBySequence(int64_t author, int64_t post) const {
  int64_t sequence = -1;
  const DeadPost key{author, post};
  for (auto row = dead_.Fetch(key, kNoTimestamp, Timestamp::max()); row.Valid(); row.Next()) {
    sequence = std::max(sequence, row.value().sequence);
  }
  return sequence;
}

void Users::OnFollow(const UserCommand& command) {
  if (command.tier != Tier::kPush) OnTier(command);
  const FollowedAt* there = follows_.Get(command.user, command.author);
  const bool is_other = there != nullptr && there->created_at != command.created_at;
  if (is_other) feeds_.RemoveAuthor(command.user, command.author);
  follows_.Put(command.user, command.author, command.created_at, now_);
  InsertPosts(command);
}

void Users::OnUnfollow(const UserCommand& command) {
  follows_.Delete(command.user, command.author);
  feeds_.RemoveAuthor(command.user, command.author);
  RefillIfShort(command.user);
}

void Users::OnRefill(const UserCommand& command) {
  feeds_.AddAwaited(command.user, -1);
  const FollowedAt* follow = follows_.Get(command.user, command.author);
  if (follow != nullptr && follow->created_at == command.created_at) return InsertPosts(command);
  RefillIfShort(command.user);
}

void Users::OnTier(const UserCommand& command) {
  pulled_.Put(command.author, {.tier = command.tier}, now_);
}

void Users::OnRead(const UserCommand& command) {
  if (!erased_->empty() && erased_->Contains(hash_(command.user))) return erased_late_->Add();
  if (!feeds_.MarkRead(command.user, command.post, command.created_at)) unknown_reads_->Add();
}

void Users::OnErase(const UserCommand& command, const Headers& headers) {
  erased_->Add(hash_(command.user), command.created_at);
  const int64_t marks = feeds_.EraseMarks(command.user);
  if (marks == 0) return;
  const Headers::Entry* request = headers.Last(kErasureRequest);
  output_.kind = UserOutput::Kind::kErased;
  output_.erased = {.user = command.user,
                    .request = request == nullptr ? "" : request->value.value_or(""),
                    .topology = context_->application_id(),
                    .store = "read-marks",
                    .rows = marks};
  const schemas::FeedKey key{.user = command.user};
  context_->Forward({.key = &key, .value = &output_, .timestamp = now_});
}

void Users::InsertPosts(const UserCommand& command) {
  for (const PostRef& post : command.posts) {
    const bool wrote =
        feeds_.Insert(command.user, {.author = command.author,
                                     .at = post.at(),
                                     .source = SourceOf(post.created_at, command.created_at)});
    if (wrote) rows_->Add();
  }
  if (!command.is_all) feeds_.RaiseFloor(command.user, command.posts.back().at());
  RefillIfShort(command.user);
}

void Users::RefillIfShort(int64_t user) {
  if (!feeds_.WantsRefill(user)) return;
  refills_->Add();
  const PostAt floor = feeds_.BeginRefill(user);
  StartJob({JobKind::kRefill, user, 0}, {.created_at = floor.created_at,
                                         .post = floor.post,
                                         .event_time = now_,
                                         .since = context_->WallClock()});
}

void Users::StartJob(const JobKey& key, const Job& job) {
  if (jobs_.Start(key, job)) SendJob(key);
  KeepSlicing();
}

// Its time is the clock's: what lies in the log before it comes first.
void Users::SendJob(const JobKey& key) {
  Request(key.owner,
          {.kind = AuthorNews::Kind::kJob,
           .id = key.post,
           .job = key.kind,
           .job_owner = key.owner,
           .partition = context_->task().partition.value()},
          context_->WallClock());
}

void Users::OnJob(const JobKey& key) {
  const std::optional<Job> job = jobs_.Get(key);
  if (job.has_value() && !Advance(key, *job)) SendJob(key);
}

void Users::KeepSlicing() {
  if (jobs_.empty() || slices_.has_value()) return;
  slices_ = context_->Schedule(options_.slice_every, {.type = PunctuationType::kWallClock},
                               [this](Timestamp) { TakeTurn(); });
}

void Users::TakeTurn() {
  const Timestamp start = context_->WallClock();
  if (start < rest_until_) return;
  if (!jobs_.empty()) {
    const JobKey key = jobs_.TakeTurn();
    Advance(key, *jobs_.Get(key));
  }
  const Timestamp end = context_->WallClock();
  rest_until_ = end + (end - start) * context_->TaskCount();
  jobs_.ReportAge();
  if (!jobs_.empty()) return;
  slices_->Cancel();
  slices_.reset();
}

bool Users::Advance(const JobKey& key, Job job) {
  SetTime(job.event_time);
  const bool is_post = key.kind == JobKind::kPost;
  const bool is_done = is_post ? WritePost(key, &job) : AskAuthors(key, &job);
  if (!is_done) {
    jobs_.Put(key, job);
    return false;
  }
  jobs_.End(key);
  if (is_post) {
    Measure(job, as_job_);
  } else {
    feeds_.EndAsking(key.owner);
    RefillIfShort(key.owner);
  }
  return true;
}

bool Users::WritePost(const JobKey& key, Job* job) {
  int32_t left = options_.slice;
  for (auto row = follows_.FollowersOf(key.owner, job->cursor); row.Valid(); row.Next()) {
    if (left-- == 0) return false;
    job->cursor = row.key().follower;
    WriteRow(row.key().follower, row.value().created_at, *job, key.owner);
  }
  return true;
}

void Users::WriteRow(int64_t user, Timestamp followed_at, const Job& job, int64_t author) {
  const FeedSource source = SourceOf(job.created_at, followed_at);
  const bool is_wanted = job.inserts && IsEligible(job.created_at, followed_at, job.hundredth);
  const bool wrote =
      is_wanted ? feeds_.Insert(user, {.author = author,
                                       .at = job.at(),
                                       .source = source,
                                       .notifies = job.notifies && source == FeedSource::kPush})
                : feeds_.Remove(user, author, job.post);
  if (wrote) rows_->Add();
  if (wrote != is_wanted) RefillIfShort(user);
}

bool Users::AskAuthors(const JobKey& key, Job* job) {
  int32_t left = options_.slice;
  for (auto row = follows_.AuthorsOf(key.owner, job->cursor); row.Valid(); row.Next()) {
    if (left-- == 0) return false;
    job->cursor = row.key().author;
    const auto pulled = pulled_.Get(job->cursor);
    if (pulled && pulled->tier == Tier::kPull) continue;
    feeds_.AddAwaited(key.owner, +1);
    Request(job->cursor,
            {.kind = AuthorNews::Kind::kRefill,
             .id = key.owner,
             .created_at = row.value().created_at,
             .before_created_at = job->created_at,
             .before_post = job->post},
            now_);
  }
  return true;
}

void Users::Request(int64_t author, const AuthorNews& news, Timestamp time) {
  output_.kind = UserOutput::Kind::kRequest;
  output_.entry = {.author = author};
  output_.news = news;
  const schemas::FeedKey key{.user = news.id};
  context_->Forward({.key = &key, .value = &output_, .timestamp = time});
}

// From the change of the post to the last of its rows, if it is no old one.
void Users::Measure(const Job& job, Histogram* histogram) {
  if (!job.notifies) return;
  const Duration took = context_->WallClock() - job.event_time;
  histogram->Observe(std::chrono::duration<double>(took).count());
}

}  // namespace millrace::topologies::feed
