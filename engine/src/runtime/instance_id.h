// The name of this process in the group of its application, kept with its state.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace millrace {

// `configured` if it is set, else what "<state_directory>/instance-id" says; the file is made with
// a random name if there is none. Durable when it returns. InvalidArgument: not [A-Za-z0-9._-]+.
absl::StatusOr<std::string> InstanceId(const std::string& configured,
                                       const std::string& state_directory);

}  // namespace millrace
