// kafka://host:port[,host:port…]
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace millrace::kafka {

// "host:port,host:port" for the client library; a port that is not given is 9092. InvalidArgument
// names the part that is wrong.
absl::StatusOr<std::string> BrokersOfUrl(const std::string& url);

// Whether all of `brokers` are on this machine.
bool IsLoopback(const std::string& brokers);

}  // namespace millrace::kafka
