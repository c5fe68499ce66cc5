// Reads of a running post-metrics engine. Thread: any. Errors: those of store_reader.h.
#pragma once

#include "absl/status/statusor.h"
#include "millrace/engine.h"
#include "schemas/engagement.h"

namespace millrace::topologies {

// The row of a post and clock hour; zeros where nothing stands. Hours are kept for 31 days.
absl::StatusOr<schemas::PostMetrics> GetPostMetrics(Engine* engine, const schemas::PostHour& hour);

// All there ever was of a post, and its engagement as it was told last.
absl::StatusOr<schemas::PostEngagement> GetPostEngagement(Engine* engine, int64_t post);

}  // namespace millrace::topologies
