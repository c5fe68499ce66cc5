// Reads of a running affinity engine. Thread: any. Errors: those of store_reader.h.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "millrace/engine.h"
#include "schemas/affinity.h"

namespace millrace::topologies {

// How often the user reacted to the author's posts in the last 90 days: 0 interactions if never.
absl::StatusOr<schemas::Affinity> GetAffinity(Engine* engine, const schemas::AffinityKey& key);

// All authors whose posts the user reacted to, by author.
absl::StatusOr<std::vector<schemas::Affinity>> GetAffinities(Engine* engine, int64_t user);

}  // namespace millrace::topologies
