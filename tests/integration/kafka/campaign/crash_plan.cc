#include "integration/kafka/campaign/crash_plan.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace millrace::campaign {

absl::StatusOr<CrashPlan> CrashPlan::Parse(const std::string& text) {
  CrashPlan plan;
  absl::string_view rest = text;
  plan.signal_ = absl::ConsumeSuffix(&rest, ":stop") ? SIGSTOP : SIGKILL;
  const size_t at = rest.find('@');
  plan.point_ = std::string(rest.substr(0, at));
  const bool known = std::find(std::begin(kCrashPoints), std::end(kCrashPoints), plan.point_) !=
                     std::end(kCrashPoints);
  if (!known || at == absl::string_view::npos ||
      !absl::SimpleAtoi(rest.substr(at + 1), &plan.at_) || plan.at_ < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", text,
        "' is not POINT@N or POINT@N:stop; points: ", absl::StrJoin(kCrashPoints, ", ")));
  }
  return plan;
}

void CrashPlan::Reached(std::string_view point) {
  if (point != point_) return;
  if (reached_.fetch_add(1) + 1 == at_) ::kill(::getpid(), signal_);
}

void CrashPlan::Reached(CrashPoint point) {
  switch (point) {
    case CrashPoint::kBeforeChangelog:
      return Reached("before-changelog");
    case CrashPoint::kAfterChangelog:
      return Reached("after-changelog");
    case CrashPoint::kAfterLogCommit:
      return Reached("after-log-commit");
    case CrashPoint::kBetweenStores:
      return Reached("between-stores");
    case CrashPoint::kAfterApply:
      return Reached("after-apply");
  }
}

}  // namespace millrace::campaign
