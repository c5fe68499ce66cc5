// Fact: one thing that happened in a social network, before any of the forms in which topics tell
// it. The facts in their order are the ideal stream: each once, none late, none damaged.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "generator/change_rows.h"
#include "generator/change_writer.h"

namespace millrace::gen {

enum class FactKind : uint8_t {
  kFollow,
  kUnfollow,
  kPost,
  kEditPost,  // its text, or who may see it
  kDeletePost,
  kLike,
  kChangeReaction,
  kUnlike,
  kComment,
  kDeleteComment,
  kShare,
  kImpression,
  kRead,   // of a feed's entry
  kErase,  // of a user and all that is theirs
};
inline constexpr size_t kFactKinds = 14;

std::string_view NameOf(FactKind kind);

enum class Audience : uint8_t { kPublic, kFollowers, kPrivate };
std::string_view NameOf(Audience audience);

struct Fact {
  FactKind kind = FactKind::kPost;
  bool in_snapshot = false;
  SnapshotPlace place;
  RowTime at;          // of the commit
  RowTime created_at;  // of the row, as its client says: also in facts about its end
  int64_t user = 0;    // who did it; of a post its author
  int64_t author = 0;  // who is followed
  int64_t post = 0;
  uint64_t number = 0;  // of the comment or event
  uint64_t parent = 0;  // number of the comment that this one answers, plus one; 0: none
  Audience audience = Audience::kPublic;
  Audience audience_before = Audience::kPublic;
  uint16_t edits = 0;
  uint8_t reaction = 0;
  uint8_t reaction_before = 0;
  bool has_big = false;
  // How it may be delivered. The rest is chance.
  bool on_time = false;      // its clock is wrong already, or nothing may come behind it
  bool after_likes = false;  // a post whose first likes are to overtake it
};

// One line of the ideal stream with its newline, times in milliseconds:
//   follow AT CREATED USER AUTHOR       unfollow AT CREATED USER AUTHOR
//   post AT CREATED POST AUTHOR AUDIENCE    edit … (the same)    delete-post AT CREATED POST AUTHOR
//   like AT CREATED POST USER           reaction … (the same)    unlike … (the same)
//   comment AT CREATED ID POST USER     delete-comment … (the same)
//   share AT CREATED ID POST USER       impression … (the same)
//   read AT CREATED POST USER           erase AT CREATED USER
// ID is a number. A row of the snapshot has the time of the snapshot as AT.
void AppendFactLine(const Fact& fact, std::string* out);

}  // namespace millrace::gen
