#include "topologies/feed-fan-out/fan_out.h"

namespace millrace::topologies {

void FanOut::Init(Context& context) {
  posts_ = context.Store<AuthorPost, RowTime>("posts-by-author");
  followers_ = context.Store<AuthorFollower, RowTime>("followers-by-author");
}

void FanOut::Process(const Record<int64_t, AuthorFact>& record, Context& context) {
  const int64_t author = *record.key;
  const AuthorFact& fact = *record.value;
  if (fact.kind == AuthorFact::Kind::kPost) {
    if (KeepPost(author, fact, record.timestamp)) {
      TellFollowers(author, fact, record.timestamp, context);
    }
  } else if (KeepFollower(author, fact, record.timestamp)) {
    TellFollower(author, fact, record.timestamp, context);
  }
}

bool FanOut::KeepPost(int64_t author, const AuthorFact& fact, Timestamp now) {
  const AuthorPost key{.author = author, .post = fact.id};
  if (fact.exists == static_cast<bool>(posts_.Get(key))) return false;
  if (fact.exists) {
    posts_.Put(key, {.created_at = fact.created_at}, now);
  } else {
    posts_.Delete(key);
  }
  return true;
}

bool FanOut::KeepFollower(int64_t author, const AuthorFact& fact, Timestamp now) {
  const AuthorFollower key{.author = author, .follower = fact.id};
  if (fact.exists == static_cast<bool>(followers_.Get(key))) return false;
  if (fact.exists) {
    followers_.Put(key, {.created_at = fact.created_at}, now);
  } else {
    followers_.Delete(key);
  }
  return true;
}

void FanOut::TellFollowers(int64_t author, const AuthorFact& post, Timestamp now,
                           Context& context) {
  const FeedChange change{
      .enters = post.exists, .post = post.id, .author = author, .created_at = post.created_at};
  prefix_.clear();
  FieldSerde<AuthorFollower>::EncodePrefix<1>({.author = author}, &prefix_);
  for (auto row = followers_.Prefix(prefix_); row.Valid(); row.Next()) {
    context.Forward({.key = &row.key().follower, .value = &change, .timestamp = now});
  }
}

void FanOut::TellFollower(int64_t author, const AuthorFact& follower, Timestamp now,
                          Context& context) {
  FeedChange change{.enters = follower.exists, .author = author};
  prefix_.clear();
  FieldSerde<AuthorPost>::EncodePrefix<1>({.author = author}, &prefix_);
  for (auto row = posts_.Prefix(prefix_); row.Valid(); row.Next()) {
    change.post = row.key().post;
    change.created_at = row.value().created_at;
    context.Forward({.key = &follower.id, .value = &change, .timestamp = now});
  }
}

}  // namespace millrace::topologies
