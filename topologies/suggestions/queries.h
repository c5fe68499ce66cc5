// Reads of a running suggestions engine. Thread: any. Errors: those of store_reader.h.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "millrace/engine.h"
#include "schemas/user_list.h"

namespace millrace::topologies {

// Whom the user might want to follow, best first, 20 at most. Of a user of whom nothing is known:
// the authors of hot posts.
absl::StatusOr<schemas::UserList> GetSuggested(Engine* engine, int64_t user);

}  // namespace millrace::topologies
