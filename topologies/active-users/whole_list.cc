#include "topologies/active-users/whole_list.h"

#include <algorithm>
#include <chrono>

#include "topologies/active-users/active_counts.h"

namespace millrace::topologies::active {

void WholeList::Init(Context& context) {
  parts_ = context.Store<int32_t, schemas::UserList>("parts");
  told_ = context.Store<std::string, schemas::UserList>("told");
}

void WholeList::Process(const Record<int32_t, schemas::UserList>& record, Context& context) {
  parts_.Put(*record.key, *record.value, record.timestamp);
  schemas::UserList whole;
  for (auto part = parts_.All(); part.Valid(); part.Next()) {
    whole.at = std::max(whole.at, part.value().at);
  }
  for (auto part = parts_.All(); part.Valid(); part.Next()) {
    if (part.value().at <= whole.at - std::chrono::hours(1)) continue;
    const auto& users = part.value().users;
    whole.users.insert(whole.users.end(), users.begin(), users.end());
  }
  KeepMostActive(&whole.users);
  const std::string key = kKey;
  const auto told = told_.Get(key);
  if (told && told->users == whole.users) return;
  told_.Put(key, whole, whole.at);
  context.Forward({.key = &key, .value = &whole, .timestamp = whole.at});
}

}  // namespace millrace::topologies::active
