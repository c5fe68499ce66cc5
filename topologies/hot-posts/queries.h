// Reads of a running hot-posts engine. Thread: any. Errors: those of store_reader.h.
#pragma once

#include <cstddef>

#include "absl/status/statusor.h"
#include "millrace/engine.h"
#include "schemas/hot_board.h"

namespace millrace::topologies {

enum class HotWindow { kHour, kDay };

// The first `limit` posts of the last board, with its time; an empty one without a time while none
// was made.
absl::StatusOr<schemas::HotBoard> GetHot(Engine* engine, HotWindow window, size_t limit);

}  // namespace millrace::topologies
