// Lists of users: who is active, and who is suggested to whom.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "millrace/serde.h"
#include "millrace/time.h"

namespace millrace::schemas {

struct ListedUser {
  int64_t user = 0;
  int64_t count = 0;   // events of the hour; interactions of 90 days; followers
  std::string source;  // of suggestions: "affinity", "similar" (collaborative) or "popular"
  bool operator==(const ListedUser&) const = default;
};

// Best first. Topics active.users.v1 (one key, "1h") and suggested.users.v1 (keyed by the user).
//
//   {"at":"…","users":[{"user_id":7,"count":31,"source":"affinity"},…]}
struct UserList {
  Timestamp at = kNoTimestamp;
  std::vector<ListedUser> users;
  bool operator==(const UserList&) const = default;
};

}  // namespace millrace::schemas

template <>
struct millrace::Serde<millrace::schemas::UserList> {
  static void Encode(const schemas::UserList& list, std::string* out);
  static absl::Status Decode(std::string_view bytes, schemas::UserList* out);
  static std::string ToJson(const schemas::UserList& list);
};
