#include "topologies/outbox-router/announcement.h"

#include <array>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "connectors/debezium/envelope.h"
#include "millrace/status.h"

namespace millrace::topologies {
namespace {

using debezium::JsonRow;
using debezium::JsonValue;
using debezium::TimeForm;
using schemas::PostCreated;
using schemas::PostUpdated;
using schemas::UserFollowed;

// The canonical name first.
using Names = std::span<const std::string_view>;
constexpr std::string_view kPost[] = {"post_id", "postId"};
constexpr std::string_view kAuthor[] = {"author_id", "authorId", "user_id", "userId"};
constexpr std::string_view kVisibility[] = {"visibility"};
constexpr std::string_view kCreatedAt[] = {"created_at", "createdAt"};
constexpr std::string_view kFollower[] = {"follower_id", "followerId"};
constexpr std::string_view kFollowee[] = {"following_id", "followingId", "followee_id",
                                          "followeeId"};
constexpr std::string_view kTimestamp[] = {"timestamp", "created_at", "createdAt"};

enum class Type { kPostCreated, kPostUpdated, kUserFollowed };
constexpr std::array<std::pair<std::string_view, Type>, 9> kTypes = {{
    {"POST_CREATED", Type::kPostCreated},
    {"post.created", Type::kPostCreated},
    {"post.created.v1", Type::kPostCreated},
    {"POST_UPDATED", Type::kPostUpdated},
    {"post.updated", Type::kPostUpdated},
    {"post.updated.v1", Type::kPostUpdated},
    {"USER_FOLLOWED", Type::kUserFollowed},
    {"user.followed", Type::kUserFollowed},
    {"user.followed.v1", Type::kUserFollowed},
}};

// The name under which the payload has the field; the canonical one if it has none.
std::string_view NameIn(JsonRow* payload, Names names) {
  for (const std::string_view name : names) {
    if (payload->Find(name).has_value()) return name;
  }
  return names.front();
}

absl::Status ReadId(JsonRow* payload, Names names, int64_t* out) {
  return payload->Read(NameIn(payload, names), out);
}

// ISO-8601 text, or milliseconds.
absl::Status ReadTime(JsonRow* payload, Names names, Timestamp* out) {
  const std::string_view name = NameIn(payload, names);
  const bool counts = payload->Find(name).kind == JsonValue::Kind::kInteger;
  return payload->Read(name, counts ? TimeForm::kMillis : TimeForm::kZoned, out);
}

// In any case: PUBLIC and public.
absl::Status ReadVisibility(JsonRow* payload, schemas::Visibility* out) {
  const JsonValue& value = payload->Find(kVisibility[0]);
  if (value.kind == JsonValue::Kind::kString) {
    for (const auto& [member, text] : debezium::EnumNames<schemas::Visibility>::kAll) {
      if (!absl::EqualsIgnoreCase({text.data(), text.size()},
                                  {value.text.data(), value.text.size()})) {
        continue;
      }
      *out = member;
      return absl::OkStatus();
    }
  }
  return payload->Mismatch(kVisibility[0], "public, followers or private");
}

template <class Event>
absl::Status ReadPost(JsonRow* payload, Event* out) {
  MR_RETURN_IF_ERROR(ReadId(payload, kPost, &out->post));
  MR_RETURN_IF_ERROR(ReadId(payload, kAuthor, &out->author));
  MR_RETURN_IF_ERROR(ReadVisibility(payload, &out->visibility));
  return ReadTime(payload, kCreatedAt, &out->created_at);
}

absl::Status ReadUpdate(const std::string& bytes, JsonRow* payload, PostUpdated* out) {
  MR_RETURN_IF_ERROR(ReadPost(payload, out));
  const JsonValue& changed = payload->Find("changed");
  if (changed.kind != JsonValue::Kind::kArray) return payload->Mismatch("changed", "an array");
  std::vector<std::string> columns;  // the next line overwrites *payload
  MR_RETURN_IF_ERROR(debezium::DecodeTexts(bytes, "changed", &columns));
  out->changed = absl::StrJoin(columns, ",");
  return absl::OkStatus();
}

absl::Status ReadFollow(JsonRow* payload, UserFollowed* out) {
  MR_RETURN_IF_ERROR(ReadId(payload, kFollower, &out->follower));
  MR_RETURN_IF_ERROR(ReadId(payload, kFollowee, &out->followee));
  out->at.reset();
  if (!payload->Find(NameIn(payload, kTimestamp)).has_value()) return absl::OkStatus();
  return ReadTime(payload, kTimestamp, &out->at.emplace());
}

absl::Status ReadPayload(Type type, const std::string& bytes, Announcement* out) {
  MR_ASSIGN_OR_RETURN(JsonRow * payload, debezium::DecodeObject(bytes));
  switch (type) {
    case Type::kPostCreated:
      return ReadPost(payload, &out->event.emplace<PostCreated>());
    case Type::kPostUpdated:
      return ReadUpdate(bytes, payload, &out->event.emplace<PostUpdated>());
    case Type::kUserFollowed:
      break;
  }
  return ReadFollow(payload, &out->event.emplace<UserFollowed>());
}

}  // namespace

absl::Status ParseAnnouncement(const schemas::OutboxRow& row, Announcement* out) {
  out->id = row.id;
  for (const auto& [name, type] : kTypes) {
    if (name != row.type) continue;
    const absl::Status status = ReadPayload(type, row.payload, out);
    if (status.ok()) return status;
    return absl::FailedPreconditionError(absl::StrCat("payload: ", status.message()));
  }
  return absl::FailedPreconditionError("type: unknown");
}

}  // namespace millrace::topologies
