#include "topologies/affinity/reactions.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace millrace::topologies::affinity {
namespace {

using debezium::Change;
using schemas::Comment;
using schemas::Like;
using schemas::PostId;
using schemas::UserId;

constexpr Duration kPatienceCheck = std::chrono::seconds(10);
constexpr size_t kMostForgottenAtOnce = 100;

int64_t UserOf(const Like& like) { return like.user; }
int64_t UserOf(const Comment& comment) { return comment.author; }
Source SourceOf(const Like&) { return Source::kLikes; }
Source SourceOf(const Comment&) { return Source::kComments; }

template <class T>
std::string BytesOf(const T& value) {
  std::string bytes;
  Serde<T>::Encode(value, &bytes);
  return bytes;
}

}  // namespace

bool PostBook::Tell(const Waiting& interaction, Timestamp timestamp, const Headers& headers,
                    Context& context) {
  const auto author = authors_.Get(interaction.post);
  if (!author) return false;
  if (interaction.user == author->author) return true;
  const UserId user{interaction.user};
  const Fact fact{.author = author->author, .by = interaction.by, .at = interaction.at};
  context.Forward({.key = &user, .value = &fact, .timestamp = timestamp, .headers = &headers});
  return true;
}

void PostBook::Wait(Waiting* interaction, Timestamp timestamp, const Headers& headers,
                    Context& context) {
  if (waiting_->IsFull()) {
    context.Refuse("its post is unknown, and too many wait for theirs", PoisonClass::kReference);
  }
  interaction->since = context.WallClock();
  waiting_->Enter(*interaction, timestamp, headers);
}

void PostBook::PostExists(int64_t post, int64_t author, Context& context) {
  const PostAuthor now{.author = author};
  const auto before = authors_.Get(post);
  if (before && *before == now) return;
  authors_.Put(post, now, context.StreamTime());
  for (const WaitingRoom::Guest& guest : waiting_->LeaveFor(post)) {
    Tell(guest.waiting, guest.timestamp, guest.headers, context);
  }
}

void PostBook::PostIsGone(int64_t post, int64_t author, Context& context) {
  const Timestamp now = context.StreamTime();
  ForgetGonePosts(now - kGonePostKept);
  if (erased_.Contains(author)) return authors_.Delete(post);
  authors_.Put(post, {.author = author, .gone = true}, now);
  gone_.Put({.gone_at = now, .post = post}, author, now);
}

void PostBook::ForgetGonePosts(Timestamp before) {
  std::vector<GonePost> forgotten;
  for (auto row = gone_.All(); row.Valid() && row.key().gone_at < before; row.Next()) {
    forgotten.push_back(row.key());
    if (forgotten.size() == kMostForgottenAtOnce) break;  // the next ones have their turn
  }
  for (const GonePost& post : forgotten) {
    const auto author = authors_.Get(post.post);
    if (author && author->gone) authors_.Delete(post.post);
    gone_.Delete(post);
  }
}

int64_t PostBook::Erase(int64_t user, Timestamp at) {
  erased_.Add(user, at);
  const int64_t waited = waiting_->Forget(user);
  std::vector<GonePost> forgotten;
  for (auto row = gone_.All(); row.Valid(); row.Next()) {
    if (row.value() == user) forgotten.push_back(row.key());
  }
  for (const GonePost& post : forgotten) {
    authors_.Delete(post.post);
    gone_.Delete(post);
  }
  return waited + static_cast<int64_t>(forgotten.size());
}

void PostAuthors::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  if (record.key == nullptr || record.value == nullptr) return;
  const auto& change = *record.value;
  if (change.is_upsert()) {
    book_.PostExists(record.key->value, change.after->author, context);
  } else if (change.is_delete()) {
    if (!change.before.has_value()) {
      context.Refuse("a deletion does not say what it deletes", PoisonClass::kSchema);
    }
    book_.PostIsGone(record.key->value, change.before->author, context);
  }
}

template <class Row>
void RowReactions<Row>::Process(const Record<PostId, Change<Row>>& record, Context& context) {
  if (record.key == nullptr || record.value == nullptr) return;
  const Change<Row>& change = *record.value;
  if (change.is_delete() && !change.before.has_value()) {
    context.Refuse("a deletion does not say what it deletes", PoisonClass::kSchema);
  }
  const bool counted = change.before.has_value();
  const bool counts = change.is_upsert();
  if (counted && counts && change.before->created_at == change.after->created_at) return;
  const auto count = [&](const Row& row, int32_t by) {
    Waiting interaction{.post = record.key->value,
                        .user = UserOf(row),
                        .by = by,
                        .at = row.created_at,
                        .source = SourceOf(row)};
    if (book_.Tell(interaction, record.timestamp, *record.headers, context)) return;
    interaction.value = BytesOf(change);
    book_.Wait(&interaction, record.timestamp, *record.headers, context);
  };
  if (counted) count(*change.before, -1);
  if (counts) count(*change.after, +1);
}
template class RowReactions<Like>;
template class RowReactions<Comment>;

void ShareFacts::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  if (record.value == nullptr) return;
  if (record.value->type != schemas::ClientEventType::kShare) return;
  const std::optional<PostEvent> share = events_.Read(record, context);
  schemas::ClientEvent event = *record.value;
  event.at = share->at;
  const PostId post{share->post};
  context.Forward(
      {.key = &post, .value = &event, .timestamp = event.at, .headers = record.headers});
}

void Shares::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  const schemas::ClientEvent& event = *record.value;
  Waiting interaction{.post = record.key->value,
                      .user = event.user,
                      .by = 1,
                      .at = event.at,
                      .source = Source::kEvents};
  if (book_.Tell(interaction, record.timestamp, *record.headers, context)) return;
  interaction.value = BytesOf(event);
  book_.Wait(&interaction, record.timestamp, *record.headers, context);
}

void ForgetAuthors::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  if (record.value == nullptr) return;
  const int64_t rows = book_.Erase(record.value->user, record.timestamp);
  if (rows == 0) return;
  const schemas::ErasureDone done{.user = record.value->user,
                                  .request = record.value->request,
                                  .topology = "affinity",
                                  .store = "authors",
                                  .rows = rows};
  context.Forward(record.WithValue(&done));
}

void LostReactions::Init(Context& context) {
  waiting_ = context.StoreOf<WaitingRoom>("waiting");
  context.Schedule(kPatienceCheck, {.type = PunctuationType::kWallClock},
                   [this, &context](Timestamp now) { Lose(now, context); });
}

void LostReactions::Lose(Timestamp now, Context& context) {
  while (auto guest = waiting_->LeaveIfSince(now - kPatience)) {
    const Waiting& lost = guest->waiting;
    // What is taken back of a post that nobody knows was never counted.
    if (lost.by < 0) continue;
    std::string key;
    Serde<PostId>::Encode({lost.post}, &key);
    Headers headers = guest->headers;
    headers.Add("dlq.class", std::string(PoisonClassName(PoisonClass::kReference)));
    headers.Add("dlq.application", context.application_id());
    headers.Add("dlq.step", "lost-reactions");
    headers.Add("__streams.errors.message", "its post did not come for five minutes");
    const LostRecord record{.source = lost.source, .value = lost.value};
    context.Forward(
        {.key = &key, .value = &record, .timestamp = guest->timestamp, .headers = &headers});
  }
}

}  // namespace millrace::topologies::affinity
