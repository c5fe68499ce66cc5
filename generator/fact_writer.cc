#include "generator/fact_writer.h"

#include <array>

#include "base/json_text.h"
#include "generator/streams.h"

namespace millrace::gen {
namespace {

constexpr std::array<std::string_view, 4> kReactions = {"like", "love", "wow", "haha"};
// A few that JSON and UTF-8 make interesting.
constexpr std::array<std::string_view, 16> kWords = {
    "river", "stone", "water", "wheel", "quiet", "morning", "über",   "\"quoted\"",
    "坂",    "light", "road",  "a\\b",  "tea",   "late",    "garden", "☂"};
constexpr size_t kBodyBytes = 60;

LikeRow LikeOf(const Fact& fact, uint8_t reaction) {
  return {.post = fact.post,
          .user = fact.user,
          .reaction = kReactions[reaction],
          .created_at = fact.created_at};
}

void AppendField(std::string_view name, int64_t number, std::string* out) {
  *out += out->back() == '{' ? "\"" : ",\"";
  *out += name;
  *out += "\":";
  AppendInt(number, out);
}

void AppendTimeField(std::string_view name, RowTime time, std::string* out) {
  *out += ",\"";
  *out += name;
  *out += "\":";
  AppendTime(time, out);
}

}  // namespace

void FactWriter::Write(const Fact& fact, std::vector<ChangeRecord>* out) {
  changes_.set_now(fact.at);
  used_ = 0;
  switch (fact.kind) {
    case FactKind::kFollow:
    case FactKind::kUnfollow:
      WriteFollow(fact, out);
      break;
    case FactKind::kPost:
    case FactKind::kEditPost:
    case FactKind::kDeletePost:
      WritePost(fact, out);
      break;
    case FactKind::kLike:
    case FactKind::kChangeReaction:
    case FactKind::kUnlike:
      WriteLike(fact, out);
      break;
    case FactKind::kComment:
    case FactKind::kDeleteComment:
      WriteComment(fact, out);
      break;
    case FactKind::kShare:
    case FactKind::kImpression:
      WriteEvent(fact, Add(out));
      break;
    case FactKind::kRead:
      WriteRead(fact, Add(out));
      break;
    case FactKind::kErase:
      WriteErasure(fact, Add(out));
      break;
  }
  out->resize(used_);
}

void FactWriter::WriteStale(const Fact& fact, ChangeRecord* out) {
  switch (fact.kind) {
    case FactKind::kFollow:
      changes_.CreateInSnapshot(
          FollowRow{.follower = fact.user, .followee = fact.author, .created_at = fact.created_at},
          out);
      break;
    case FactKind::kPost:
      changes_.CreateInSnapshot(PostOf(fact), out);
      break;
    case FactKind::kComment:
      changes_.CreateInSnapshot(CommentOf(fact), out);
      break;
    default:
      changes_.CreateInSnapshot(LikeOf(fact, fact.reaction), out);
  }
}

ChangeRecord* FactWriter::Add(std::vector<ChangeRecord>* out) {
  if (used_ == out->size()) out->emplace_back();
  return &(*out)[used_++];
}

template <class Row>
void FactWriter::Insert(const Fact& fact, const Row& row, std::vector<ChangeRecord>* out) {
  if (fact.in_snapshot) {
    changes_.Snapshot(fact.place, row, Add(out));
  } else {
    changes_.Create(row, Add(out));
  }
}

template <class Row>
void FactWriter::Delete(const Row& row, std::vector<ChangeRecord>* out) {
  changes_.Delete(row, Add(out));
  ChangeRecord* tombstone = Add(out);  // may move the one before
  ChangeWriter::Tombstone((*out)[used_ - 2], tombstone);
}

void FactWriter::WriteFollow(const Fact& fact, std::vector<ChangeRecord>* out) {
  const FollowRow row{
      .follower = fact.user, .followee = fact.author, .created_at = fact.created_at};
  if (fact.kind == FactKind::kUnfollow) return Delete(row, out);
  Insert(fact, row, out);
  AnnounceFollow(fact, out);
}

void FactWriter::WritePost(const Fact& fact, std::vector<ChangeRecord>* out) {
  if (fact.kind == FactKind::kDeletePost) return Delete(PostRow{.id = fact.post}, out);
  PostRow row = PostOf(fact);
  if (fact.kind == FactKind::kPost) {
    Insert(fact, row, out);
  } else {
    row.edited_at = fact.at;
    if (fact.has_big) row.big = kUnavailable;
    changes_.Update(row, row, Add(out));
  }
  AnnouncePost(fact, out);
}

void FactWriter::WriteLike(const Fact& fact, std::vector<ChangeRecord>* out) {
  const LikeRow row = LikeOf(fact, fact.reaction);
  if (fact.kind == FactKind::kUnlike) return Delete(row, out);
  if (fact.kind == FactKind::kLike) return Insert(fact, row, out);
  changes_.Update(LikeOf(fact, fact.reaction_before), row, Add(out));
}

void FactWriter::WriteComment(const Fact& fact, std::vector<ChangeRecord>* out) {
  const CommentRow row = CommentOf(fact);
  if (fact.kind == FactKind::kComment) return Insert(fact, row, out);
  // Half of the comments that go are marked first, and purged by the database.
  if (fact.number % 2 == 0) {
    CommentRow marked = row;
    marked.deleted = true;
    changes_.Update(row, marked, Add(out));
  }
  Delete(row, out);
}

// What no table holds

void FactWriter::Begin(const Fact& fact, std::string_view topic, ChangeRecord* out) const {
  out->topic = topic;
  out->timestamp = std::chrono::floor<Duration>(fact.at);
  out->has_key = true;
  out->is_tombstone = false;
  out->headers = Headers();
  out->key.clear();
  out->value.assign("{");
}

void FactWriter::WriteEvent(const Fact& fact, ChangeRecord* out) {
  Begin(fact, kEventsTopic, out);
  AppendUuid(Uuid(kEventStream, fact.number), &out->key);
  out->value += "\"event_id\":";
  out->value += out->key;
  out->value += fact.kind == FactKind::kShare ? ",\"type\":\"share\"" : ",\"type\":\"impression\"";
  AppendField("user_id", fact.user, &out->value);
  AppendField("post_id", fact.post, &out->value);
  AppendTimeField("at", fact.created_at, &out->value);
  out->value += '}';
}

void FactWriter::WriteRead(const Fact& fact, ChangeRecord* out) {
  Begin(fact, kReadsTopic, out);
  AppendInt(fact.user, &out->key);
  AppendField("user_id", fact.user, &out->value);
  AppendField("post_id", fact.post, &out->value);
  AppendTimeField("read_at", fact.created_at, &out->value);
  out->value += '}';
}

void FactWriter::WriteErasure(const Fact& fact, ChangeRecord* out) {
  Begin(fact, kErasedTopic, out);
  AppendInt(fact.user, &out->key);
  AppendField("user_id", fact.user, &out->value);
  out->value += ",\"request_id\":\"erase-";
  AppendInt(fact.user, &out->value);
  out->value += '"';
  AppendTimeField("erased_at", fact.created_at, &out->value);
  out->value += '}';
}

void FactWriter::AnnouncePost(const Fact& fact, std::vector<ChangeRecord>* out) {
  if (!options_.announces || fact.in_snapshot) return;
  payload_.assign("{");
  AppendField("post_id", fact.post, &payload_);
  AppendField("author_id", fact.user, &payload_);
  payload_ += ",\"visibility\":\"";
  payload_ += NameOf(fact.audience);
  payload_ += '"';
  const bool created = fact.kind == FactKind::kPost;
  if (created) {
    payload_ += ",\"media_ids\":[]";
  } else {
    payload_ += ",\"changed\":[";
    payload_ += fact.audience == fact.audience_before ? "\"body\"]" : "\"body\",\"visibility\"]";
  }
  AppendTimeField("created_at", fact.created_at, &payload_);
  payload_ += '}';
  Announce({.aggregate_type = "post",
            .aggregate = fact.post,
            .type = created ? "POST_CREATED" : "POST_UPDATED",
            .payload = payload_},
           out);
}

void FactWriter::AnnounceFollow(const Fact& fact, std::vector<ChangeRecord>* out) {
  if (!options_.announces || fact.in_snapshot) return;
  payload_.assign("{");
  AppendField("follower_id", fact.user, &payload_);
  AppendField("following_id", fact.author, &payload_);
  // Some producers leave the time out: then it is the record's.
  if (announced_ % 4 != 0) AppendTimeField("timestamp", fact.created_at, &payload_);
  payload_ += '}';
  Announce({.aggregate_type = "user",
            .aggregate = fact.author,
            .type = "user.followed",
            .payload = payload_},
           out);
}

void FactWriter::Announce(const OutboxRow& row, std::vector<ChangeRecord>* out) {
  OutboxRow announced = row;
  announced.id = Uuid(kOutboxStream, announced_++);
  ChangeRecord* record = Add(out);
  changes_.Create(announced, record);
  std::string id;
  AppendUuid(announced.id, &id);
  record->headers.Add("id", id.substr(1, id.size() - 2));
}

// What the rows hold

PostRow FactWriter::PostOf(const Fact& fact) {
  // The text depends on the post and its edits alone, so that nobody has to keep it.
  Draws draws(RandomKey(options_.seed, kBodyStream,
                        uint64_t{fact.edits} << 48 | static_cast<uint64_t>(fact.post)));
  MakeBody(draws, fact.post);
  PostRow row{.id = fact.post,
              .author = fact.user,
              .body = body_,
              .visibility = NameOf(fact.audience),
              .created_at = fact.created_at};
  if (fact.has_big) row.big = "a column that is stored out of line";
  return row;
}

CommentRow FactWriter::CommentOf(const Fact& fact) {
  Draws draws(RandomKey(options_.seed, kCommentStream, ~fact.number));
  MakeBody(draws, static_cast<int64_t>(fact.number));
  CommentRow row{.id = Uuid(kCommentStream, fact.number),
                 .post = fact.post,
                 .author = fact.user,
                 .body = body_,
                 .created_at = fact.created_at};
  if (fact.parent > 0) row.parent = Uuid(kCommentStream, fact.parent - 1);
  return row;
}

RowUuid FactWriter::Uuid(uint64_t stream, uint64_t number) const {
  // Version 4 and its variant, as gen_random_uuid() makes them.
  const uint64_t high = RandomKey(options_.seed, stream, number);
  return {(high & ~uint64_t{0xf000}) | 0x4000,
          (Mix64(high) & ~(uint64_t{3} << 62)) | uint64_t{1} << 63};
}

void FactWriter::MakeBody(Draws& draws, int64_t number) {
  body_.clear();
  body_ += '#';
  AppendInt(number, &body_);
  while (body_.size() < kBodyBytes) {
    body_ += ' ';
    body_ += kWords[draws.Below(kWords.size())];
  }
}

}  // namespace millrace::gen
