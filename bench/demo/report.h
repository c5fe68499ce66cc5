// What the demo shows at its end: the newest board of hot posts and one user's feed.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "millrace/log.h"

namespace millrace::demo {

// The first lines of the newest board as a table; says so if there is none yet.
absl::StatusOr<std::string> HotPostsTable(Log* log, int rows);

// The newest entries in the feed of a user whose feed changed lately, as a table.
absl::StatusOr<std::string> OneFeed(Log* log, int rows);

}  // namespace millrace::demo
