#include "topologies/feed-fan-out/authors.h"

#include <algorithm>
#include <utility>

namespace millrace::topologies::feed {

using schemas::UserId;

void Authors::Init(Context& context) {
  authors_ = context.Store<UserId, Author>("authors");
  timeline_ = Timeline(context.Store<AuthorPost, TimelineRow>("timeline"));
  context_ = &context;
  commands_ =
      context.metrics()->counter("fanout_command_total", {{"task", context.task().ToString()}});
}

void Authors::Process(const Record<UserId, AuthorNews>& record, Context&) {
  const AuthorNews& news = *record.value;
  id_ = *record.key;
  now_ = record.timestamp;
  if (news.kind == AuthorNews::Kind::kJob) {
    UserCommand command{.kind = UserCommand::Kind::kJob,
                        .partition = news.partition,
                        .job = news.job,
                        .author = news.job_owner,
                        .post = news.id};
    return Send(command);
  }
  const auto row = authors_.Get(id_);
  author_ = row ? *row : Author();
  switch (news.kind) {
    case AuthorNews::Kind::kPost:
      OnPost(news);
      break;
    case AuthorNews::Kind::kPostGone:
      OnPostGone(news);
      break;
    case AuthorNews::Kind::kFollow:
      OnFollow(news);
      break;
    case AuthorNews::Kind::kUnfollow:
      OnUnfollow(news);
      break;
    case AuthorNews::Kind::kRefill:
      return OnRefill(news);  // changes nothing of the author
    case AuthorNews::Kind::kJob:
      break;
  }
  authors_.Put(id_, author_, now_);
}

void Authors::OnPost(const AuthorNews& news) {
  const PostAt at{news.created_at, news.id};
  if (timeline_.Get(id_.value, at) != nullptr) return;
  const bool is_pushed = author_.tier != Tier::kPull;
  timeline_.Put(id_.value, at, {.is_pushed = is_pushed}, now_);
  // A post that is older than no follow is for all of them.
  const bool is_late = at.created_at < author_.latest_follow;
  if (is_pushed) {
    SendInsert(at, is_late ? timeline_.Hundredth(id_.value, at) : kNever, news.is_new);
  }
  TellShifted(at, /*has_come=*/true);
}

void Authors::OnPostGone(const AuthorNews& news) {
  const PostAt at{news.created_at, news.id};
  const TimelineRow* row = timeline_.Get(id_.value, at);
  if (row == nullptr) return;
  const bool was_pushed = row->is_pushed;
  timeline_.Delete(id_.value, at);
  if (was_pushed) {
    Broadcast({.kind = UserCommand::Kind::kRemove,
               .author = id_.value,
               .post = at.post,
               .created_at = at.created_at,
               .sequence = ++author_.sequence});
  }
  TellShifted(at, /*has_come=*/false);
}

void Authors::TellShifted(PostAt at, bool has_come) {
  timeline_.ForEachShifted(
      id_.value, at, has_come, author_.latest_follow,
      [this](PostAt older, Timestamp hundredth) { SendInsert(older, hundredth, false); });
}

void Authors::SendInsert(PostAt at, Timestamp hundredth, bool notifies) {
  Broadcast({.kind = UserCommand::Kind::kInsert,
             .author = id_.value,
             .post = at.post,
             .created_at = at.created_at,
             .hundredth = hundredth,
             .sequence = ++author_.sequence,
             .notifies = notifies});
}

void Authors::OnFollow(const AuthorNews& news) {
  Count(news.id, +1);
  author_.latest_follow = std::max(author_.latest_follow, news.created_at);
  UserCommand command{.kind = UserCommand::Kind::kFollow,
                      .author = id_.value,
                      .user = news.id,
                      .created_at = news.created_at,
                      .tier = author_.tier};
  AddPosts(PostsFor(news.created_at, std::nullopt, kFeedRows), &command);
  Send(command);
}

void Authors::OnUnfollow(const AuthorNews& news) {
  Count(news.id, -1);
  UserCommand command{.kind = UserCommand::Kind::kUnfollow, .author = id_.value, .user = news.id};
  Send(command);
}

void Authors::OnRefill(const AuthorNews& news) {
  UserCommand command{.kind = UserCommand::Kind::kRefill,
                      .author = id_.value,
                      .user = news.id,
                      .created_at = news.created_at};
  AddPosts(PostsFor(news.created_at, news.before(), kBackfillPosts), &command);
  Send(command);
}

void Authors::AddPosts(PostsFor wanted, UserCommand* command) {
  if (author_.tier == Tier::kPull) return;
  std::vector<PostRef> unpushed;
  command->is_all = timeline_.Read(id_.value, std::move(wanted), &command->posts, &unpushed);
  for (const PostRef& post : unpushed) {
    timeline_.Put(id_.value, post.at(), {.is_pushed = true}, now_);
  }
}

void Authors::Count(int64_t follower, int32_t by) {
  // Users are in as many partitions as authors: the topics between the two have one width.
  const int32_t partition = schemas::PartitionOf(UserId{follower}, context_->TaskCount()).value();
  std::vector<FollowersIn>& all = author_.partitions;
  auto in = std::find_if(all.begin(), all.end(), [partition](const FollowersIn& some) {
    return some.partition == partition;
  });
  if (in == all.end()) in = all.insert(all.end(), {.partition = partition});
  in->count += by;
  author_.followers += by;
  if (author_.followers > options_.pull_above && author_.tier != Tier::kPull) {
    SetTier(Tier::kPull);
  } else if (author_.followers < options_.push_below && author_.tier == Tier::kPull) {
    SetTier(Tier::kDemoted);
  }
  if (in->count <= 0) all.erase(in);
}

void Authors::SetTier(Tier tier) {
  author_.tier = tier;
  Broadcast({.kind = UserCommand::Kind::kTier, .author = id_.value, .tier = tier});
}

void Authors::Broadcast(UserCommand command) {
  for (const FollowersIn& in : author_.partitions) {
    command.partition = in.partition;
    command.followers = in.count;
    Send(command);
  }
}

void Authors::Send(UserCommand& command) {
  commands_->Add();
  context_->Forward({.key = &id_, .value = &command, .timestamp = now_});
}

}  // namespace millrace::topologies::feed
