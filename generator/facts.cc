#include "generator/facts.h"

#include <array>

namespace millrace::gen {
namespace {

constexpr std::array<std::string_view, kFactKinds> kNames = {
    "follow", "unfollow", "post",           "edit",  "delete-post", "like", "reaction",
    "unlike", "comment",  "delete-comment", "share", "impression",  "read", "erase"};

void AppendField(int64_t number, std::string* out) {
  *out += ' ';
  AppendInt(number, out);
}

void AppendMillis(RowTime time, std::string* out) {
  AppendField(std::chrono::floor<Duration>(time).time_since_epoch().count(), out);
}

}  // namespace

std::string_view NameOf(FactKind kind) { return kNames[static_cast<size_t>(kind)]; }

std::string_view NameOf(Audience audience) {
  switch (audience) {
    case Audience::kPublic:
      return "public";
    case Audience::kFollowers:
      return "followers";
    case Audience::kPrivate:
      break;
  }
  return "private";
}

void AppendFactLine(const Fact& fact, std::string* out) {
  *out += NameOf(fact.kind);
  AppendMillis(fact.at, out);
  AppendMillis(fact.created_at, out);
  switch (fact.kind) {
    case FactKind::kFollow:
    case FactKind::kUnfollow:
      AppendField(fact.user, out);
      AppendField(fact.author, out);
      break;
    case FactKind::kPost:
    case FactKind::kEditPost:
    case FactKind::kDeletePost:
      AppendField(fact.post, out);
      AppendField(fact.user, out);
      if (fact.kind == FactKind::kDeletePost) break;
      *out += ' ';
      *out += NameOf(fact.audience);
      break;
    case FactKind::kComment:
    case FactKind::kDeleteComment:
    case FactKind::kShare:
    case FactKind::kImpression:
      AppendField(static_cast<int64_t>(fact.number), out);
      [[fallthrough]];
    case FactKind::kLike:
    case FactKind::kChangeReaction:
    case FactKind::kUnlike:
    case FactKind::kRead:
      AppendField(fact.post, out);
      [[fallthrough]];
    case FactKind::kErase:
      AppendField(fact.user, out);
      break;
  }
  *out += '\n';
}

}  // namespace millrace::gen
