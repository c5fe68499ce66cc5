// OpenLog: a Log by its URL.
//
//   local:DIRECTORY    the embedded durable log (local_log.h)
//   memory:            a log that is gone with the process (memory_log.h)
//
// Other transports add their schemes with RegisterLogScheme, at the composition root.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "millrace/local_log.h"
#include "millrace/log.h"

namespace millrace {

// InvalidArgument: not a URL of a known scheme; the message lists those that there are. Errors of
// LocalLog::Open.
absl::StatusOr<std::unique_ptr<Log>> OpenLog(const std::string& url,
                                             const LocalLogOptions& local = {});

using LogOpener = std::function<absl::StatusOr<std::unique_ptr<Log>>(const std::string& url)>;

// Makes "<scheme>:…" URLs open with `opener`. Before any thread calls OpenLog.
void RegisterLogScheme(const std::string& scheme, LogOpener opener);

}  // namespace millrace
