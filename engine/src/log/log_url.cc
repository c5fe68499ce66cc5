#include "millrace/log_url.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "millrace/memory_log.h"
#include "millrace/status.h"

namespace millrace {
namespace {

std::map<std::string, LogOpener>& Schemes() {
  static auto* const schemes = new std::map<std::string, LogOpener>();
  return *schemes;
}

std::string KnownSchemes() {
  std::string known = "local:DIRECTORY, memory:";
  for (const auto& [scheme, opener] : Schemes()) absl::StrAppend(&known, ", ", scheme, ":");
  return known;
}

}  // namespace

void RegisterLogScheme(const std::string& scheme, LogOpener opener) {
  Schemes()[scheme] = std::move(opener);
}

absl::StatusOr<std::unique_ptr<Log>> OpenLog(const std::string& url, const LocalLogOptions& local) {
  const size_t colon = url.find(':');
  const std::string scheme = url.substr(0, colon);
  if (colon == std::string::npos) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", url, "' is no log URL; did you mean local:", url, "? Known are ", KnownSchemes()));
  }
  if (scheme == "local") {
    MR_ASSIGN_OR_RETURN(std::unique_ptr<LocalLog> log,
                        LocalLog::Open(url.substr(colon + 1), local));
    return log;
  }
  if (scheme == "memory") return NewMemoryLog();
  const auto found = Schemes().find(scheme);
  if (found != Schemes().end()) return found->second(url);
  return absl::InvalidArgumentError(
      absl::StrCat("no transport for '", url, "' in this program; known are ", KnownSchemes()));
}

}  // namespace millrace
