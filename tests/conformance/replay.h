// Replays recorded input on a topology of the catalogue and compares with what Kafka Streams did.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "conformance/catalogue.h"

namespace millrace::conformance {

// Every topology that is written so far.
std::vector<Entry> AllEntries();

// The first step or store that differs, in full; empty if none does. NotFound, InvalidArgument: the
// file cannot be read, or is no vector.
absl::StatusOr<std::string> FirstDifference(const Entry& entry,
                                            const std::filesystem::path& vector);

}  // namespace millrace::conformance
