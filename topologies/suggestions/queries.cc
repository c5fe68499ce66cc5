#include "topologies/suggestions/queries.h"

#include <algorithm>

#include "millrace/status.h"
#include "millrace/store_reader.h"
#include "topologies/suggestions/lists.h"

namespace millrace::topologies {

absl::StatusOr<schemas::UserList> GetSuggested(Engine* engine, int64_t user) {
  using schemas::UserList;
  MR_ASSIGN_OR_RETURN(auto suggested, (ReaderOf<int64_t, UserList>(engine, "suggested")));
  MR_ASSIGN_OR_RETURN(auto row, suggested.Get(user));
  if (row.has_value()) return row->value;
  MR_ASSIGN_OR_RETURN(auto popular, (ReaderOf<int64_t, UserList>(engine, "popular")));
  MR_ASSIGN_OR_RETURN(row, popular.Get(0));
  if (!row.has_value()) return UserList{};
  UserList list = row->value;
  std::erase_if(list.users, [user](const auto& listed) { return listed.user == user; });
  if (list.users.size() > suggest::kListLength) list.users.resize(suggest::kListLength);
  return list;
}

}  // namespace millrace::topologies
