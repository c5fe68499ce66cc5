#include "generator/ldbc_replay.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "millrace/status.h"

namespace millrace::gen {
namespace {

constexpr std::string_view kFollowsHeader = "Person.id|Person.id|creationDate";
constexpr std::string_view kPostsHeader =
    "id|imageFile|creationDate|locationIP|browserUsed|language|content|length|creator|Forum.id|"
    "place";
constexpr std::string_view kCommentsHeader =
    "id|creationDate|locationIP|browserUsed|content|length|creator|place|replyOfPost|"
    "replyOfComment";
constexpr std::string_view kLikesHeader = "Person.id|Post.id|creationDate";

// Places in a line of the update stream: its time, the time of what it depends on, its kind, and
// the kind's own fields.
constexpr size_t kUpdateTime = 0;
constexpr size_t kUpdateKind = 2;
enum Kind : int64_t {
  kLikePost = 2,
  kAddPost = 6,
  kAddComment = 7,
  kAddFriendship = 8,
};
constexpr int64_t kKinds = 8;

// LDBC's comments have numbers, the table has UUIDs: version 8, the one for own schemes.
absl::StatusOr<RowUuid> CommentIdOf(const CsvReader& file, int64_t number) {
  if (number < 0 || number >= int64_t{1} << 48) {
    return file.Wrong(absl::StrCat("the comment's id is out of range: ", number));
  }
  return RowUuid{.high = 0x8000, .low = uint64_t{1} << 63 | static_cast<uint64_t>(number)};
}

// A photo has no text; the column wants one, and its name tells the photos apart.
std::string_view BodyOf(const CsvReader& file, size_t content, size_t image) {
  return file.field(content).empty() ? file.field(image) : file.field(content);
}

absl::StatusOr<FollowRow> ReadFollow(const CsvReader& file, size_t at) {
  FollowRow row;
  MR_ASSIGN_OR_RETURN(row.follower, file.Int(at));
  MR_ASSIGN_OR_RETURN(row.followee, file.Int(at + 1));
  return row;
}

absl::StatusOr<LikeRow> ReadLike(const CsvReader& file, size_t at) {
  LikeRow row;
  MR_ASSIGN_OR_RETURN(row.user, file.Int(at));
  MR_ASSIGN_OR_RETURN(row.post, file.Int(at + 1));
  return row;
}

FollowRow OtherWay(const FollowRow& row) {
  return {.follower = row.followee, .followee = row.follower, .created_at = row.created_at};
}

}  // namespace

absl::StatusOr<std::unique_ptr<LdbcReplay>> LdbcReplay::Open(const std::string& folder,
                                                             const Options& options) {
  const auto open = [&folder](const char* name, std::string_view header) {
    return CsvReader::Open(folder + "/" + name, header);
  };
  MR_ASSIGN_OR_RETURN(CsvReader follows, open("person_knows_person_0_0.csv", kFollowsHeader));
  MR_ASSIGN_OR_RETURN(CsvReader posts, open("post_0_0.csv", kPostsHeader));
  MR_ASSIGN_OR_RETURN(CsvReader comments, open("comment_0_0.csv", kCommentsHeader));
  MR_ASSIGN_OR_RETURN(CsvReader roots, open("comment_0_0.csv", kCommentsHeader));
  MR_ASSIGN_OR_RETURN(CsvReader likes, open("person_likes_post_0_0.csv", kLikesHeader));
  MR_ASSIGN_OR_RETURN(CsvReader updates, open("updateStream_0_0_forum.csv", ""));
  std::unique_ptr<LdbcReplay> replay(new LdbcReplay(options, std::move(follows), std::move(posts),
                                                    std::move(comments), std::move(likes),
                                                    std::move(updates)));
  MR_RETURN_IF_ERROR(replay->Begin(std::move(roots)));
  return replay;
}

LdbcReplay::LdbcReplay(const Options& options, CsvReader follows, CsvReader posts,
                       CsvReader comments, CsvReader likes, CsvReader updates)
    : options_(options),
      follows_(std::move(follows)),
      posts_(std::move(posts)),
      comments_(std::move(comments)),
      likes_(std::move(likes)),
      updates_(std::move(updates)) {}

absl::Status LdbcReplay::Begin(CsvReader comments) {
  MR_RETURN_IF_ERROR(LearnRoots(std::move(comments)));
  MR_ASSIGN_OR_RETURN(has_update_, updates_.Next(kUpdateKind + 1));
  if (!has_update_) return updates_.Wrong("holds no update, so the snapshot has no time");
  MR_ASSIGN_OR_RETURN(const RowTime taken_at, updates_.Millis(kUpdateTime));
  writer_.set_now(taken_at);
  return absl::OkStatus();
}

// A comment may stand above the one that it replies to, so some roots wait for others.
absl::Status LdbcReplay::LearnRoots(CsvReader comments) {
  std::vector<std::pair<int64_t, int64_t>> waiting;  // comment, the one it replies to
  while (true) {
    MR_ASSIGN_OR_RETURN(const bool more, comments.Next(10));
    if (!more) break;
    MR_ASSIGN_OR_RETURN(const int64_t id, comments.Int(0));
    const bool replies_to_post = !comments.field(8).empty();
    MR_ASSIGN_OR_RETURN(const int64_t parent, comments.Int(replies_to_post ? 8 : 9));
    if (replies_to_post) {
      post_of_comment_[id] = parent;
    } else {
      waiting.emplace_back(id, parent);
    }
  }
  while (!waiting.empty()) {
    std::vector<std::pair<int64_t, int64_t>> still_waiting;
    for (const auto& [id, parent] : waiting) {
      auto root = post_of_comment_.find(parent);
      if (root == post_of_comment_.end()) {
        still_waiting.emplace_back(id, parent);
      } else {
        const int64_t post = root->second;
        post_of_comment_[id] = post;
      }
    }
    if (still_waiting.size() == waiting.size()) {
      return comments.Wrong(absl::StrCat("comment ", waiting[0].first, " replies to ",
                                         waiting[0].second, ", which leads to no post"));
    }
    waiting = std::move(still_waiting);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> LdbcReplay::Next(ChangeRecord* out) {
  while (phase_ != Phase::kLive) {
    MR_ASSIGN_OR_RETURN(const bool more, NextSnapshot(out));
    if (more) return true;
    phase_ = static_cast<Phase>(static_cast<int>(phase_) + 1);
  }
  return NextUpdate(out);
}

// Snapshot

absl::StatusOr<bool> LdbcReplay::NextSnapshot(ChangeRecord* out) {
  if (other_way_.has_value()) {
    writer_.Snapshot({.first_table = true, .last_row = follows_.AtLastLine()},
                     *std::exchange(other_way_, std::nullopt), out);
    return true;
  }
  struct Table {
    CsvReader* file;
    size_t fields;
    absl::Status (LdbcReplay::*snapshot)(ChangeRecord*);
  };
  const Table tables[] = {{&follows_, 3, &LdbcReplay::SnapshotFollow},
                          {&posts_, 11, &LdbcReplay::SnapshotPost},
                          {&comments_, 10, &LdbcReplay::SnapshotComment},
                          {&likes_, 3, &LdbcReplay::SnapshotLike}};
  const Table& table = tables[static_cast<int>(phase_)];
  MR_ASSIGN_OR_RETURN(const bool more, table.file->Next(table.fields));
  if (more) MR_RETURN_IF_ERROR((this->*table.snapshot)(out));
  return more;
}

SnapshotPlace LdbcReplay::Place(const CsvReader& file) const {
  return {.first_table = phase_ == Phase::kFollows,
          .last_table = phase_ == Phase::kLikes,
          .first_row = file.line() == 2,
          .last_row = file.AtLastLine()};
}

absl::Status LdbcReplay::SnapshotFollow(ChangeRecord* out) {
  MR_ASSIGN_OR_RETURN(FollowRow row, ReadFollow(follows_, 0));
  MR_ASSIGN_OR_RETURN(row.created_at, follows_.Iso(2));
  SnapshotPlace place = Place(follows_);
  place.last_row = false;
  writer_.Snapshot(place, row, out);
  other_way_ = OtherWay(row);
  return absl::OkStatus();
}

absl::Status LdbcReplay::SnapshotPost(ChangeRecord* out) {
  PostRow row;
  MR_ASSIGN_OR_RETURN(row.id, posts_.Int(0));
  MR_ASSIGN_OR_RETURN(row.author, posts_.Int(8));
  MR_ASSIGN_OR_RETURN(row.created_at, posts_.Iso(2));
  row.body = BodyOf(posts_, 6, 1);
  writer_.Snapshot(Place(posts_), row, out);
  return absl::OkStatus();
}

absl::Status LdbcReplay::SnapshotComment(ChangeRecord* out) {
  CommentRow row;
  MR_ASSIGN_OR_RETURN(const int64_t id, comments_.Int(0));
  MR_ASSIGN_OR_RETURN(row.id, CommentIdOf(comments_, id));
  MR_ASSIGN_OR_RETURN(row.author, comments_.Int(6));
  MR_ASSIGN_OR_RETURN(row.created_at, comments_.Iso(1));
  row.post = post_of_comment_.at(id);
  if (comments_.field(8).empty()) {
    MR_ASSIGN_OR_RETURN(const int64_t parent, comments_.Int(9));
    MR_ASSIGN_OR_RETURN(row.parent, CommentIdOf(comments_, parent));
  }
  row.body = comments_.field(4);
  writer_.Snapshot(Place(comments_), row, out);
  return absl::OkStatus();
}

absl::Status LdbcReplay::SnapshotLike(ChangeRecord* out) {
  MR_ASSIGN_OR_RETURN(LikeRow row, ReadLike(likes_, 0));
  MR_ASSIGN_OR_RETURN(row.created_at, likes_.Iso(2));
  writer_.Snapshot(Place(likes_), row, out);
  return absl::OkStatus();
}

// Update stream

absl::StatusOr<bool> LdbcReplay::NextUpdate(ChangeRecord* out) {
  bool made = false;
  while (!made) {
    if (changes_ == options_.changes_max) return false;
    if (other_way_.has_value()) {
      writer_.Create(*std::exchange(other_way_, std::nullopt), out);
      break;
    }
    if (!has_update_) return false;
    MR_ASSIGN_OR_RETURN(made, Update(out));
    MR_ASSIGN_OR_RETURN(has_update_, updates_.Next(kUpdateKind + 1));
  }
  ++changes_;
  return true;
}

absl::StatusOr<bool> LdbcReplay::Update(ChangeRecord* out) {
  MR_ASSIGN_OR_RETURN(const RowTime at, updates_.Millis(kUpdateTime));
  if (at < writer_.now()) return updates_.Wrong("goes back in time");
  writer_.set_now(at);
  MR_ASSIGN_OR_RETURN(const int64_t kind, updates_.Int(kUpdateKind));
  // Fields of its own, after the three that all have.
  const size_t fields = kind == kAddPost ? 15 : kind == kAddComment ? 14 : 6;
  if (kind < 1 || kind > kKinds) return updates_.Wrong(absl::StrCat("no update kind: ", kind));
  if (updates_.fields() < fields) {
    return updates_.Wrong(absl::StrCat(updates_.fields(), " fields, at least ", fields));
  }
  if (kind == kAddPost) {
    MR_RETURN_IF_ERROR(LivePost(out));
  } else if (kind == kAddComment) {
    MR_RETURN_IF_ERROR(LiveComment(out));
  } else if (kind == kLikePost) {
    MR_ASSIGN_OR_RETURN(LikeRow row, ReadLike(updates_, 3));
    MR_ASSIGN_OR_RETURN(row.created_at, updates_.Millis(5));
    writer_.Create(row, out);
  } else if (kind == kAddFriendship) {
    MR_ASSIGN_OR_RETURN(FollowRow row, ReadFollow(updates_, 3));
    MR_ASSIGN_OR_RETURN(row.created_at, updates_.Millis(5));
    writer_.Create(row, out);
    other_way_ = OtherWay(row);
  } else {
    return false;
  }
  return true;
}

absl::Status LdbcReplay::LivePost(ChangeRecord* out) {
  PostRow row;
  MR_ASSIGN_OR_RETURN(row.id, updates_.Int(3));
  MR_ASSIGN_OR_RETURN(row.created_at, updates_.Millis(5));
  MR_ASSIGN_OR_RETURN(row.author, updates_.Int(11));
  row.body = BodyOf(updates_, 9, 4);
  writer_.Create(row, out);
  return absl::OkStatus();
}

absl::Status LdbcReplay::LiveComment(ChangeRecord* out) {
  CommentRow row;
  MR_ASSIGN_OR_RETURN(const int64_t id, updates_.Int(3));
  MR_ASSIGN_OR_RETURN(row.id, CommentIdOf(updates_, id));
  MR_ASSIGN_OR_RETURN(row.created_at, updates_.Millis(4));
  MR_ASSIGN_OR_RETURN(row.author, updates_.Int(9));
  MR_ASSIGN_OR_RETURN(row.post, updates_.Int(11));
  MR_ASSIGN_OR_RETURN(const int64_t parent, updates_.Int(12));
  if (row.post < 0) {
    auto root = post_of_comment_.find(parent);
    if (root == post_of_comment_.end()) {
      return updates_.Wrong(absl::StrCat("replies to comment ", parent, ", which does not exist"));
    }
    row.post = root->second;
    MR_ASSIGN_OR_RETURN(row.parent, CommentIdOf(updates_, parent));
  }
  post_of_comment_[id] = row.post;
  row.body = updates_.field(7);
  writer_.Create(row, out);
  return absl::OkStatus();
}

}  // namespace millrace::gen
