// The campaign's judge, a process of its own that shares nothing with the workers but the log.
//   campaign_verifier follow --log URL --seen FILE --regressions FILE
//     until SIGTERM; prints "seen N lag N" five times a second
//   campaign_verifier judge --log URL [--seen FILE,…] [--regressions FILE,…] [--stores FILE,…]
//     prints the verdict as JSON; exit code 0: nothing wrong, 3: something is
#include <pthread.h>
#include <signal.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "integration/kafka/campaign/arguments.h"
#include "integration/kafka/campaign/follower.h"
#include "integration/kafka/campaign/open_log.h"
#include "integration/kafka/campaign/verdict.h"
#include "millrace/status.h"

namespace millrace::campaign {
namespace {

constexpr int kViolated = 3;

absl::StatusOr<int> RunFollow(Arguments arguments, const sigset_t& signals) {
  FollowOptions options;
  MR_ASSIGN_OR_RETURN(const std::string url, arguments.Required("log"));
  MR_ASSIGN_OR_RETURN(options.seen_file, arguments.Required("seen"));
  MR_ASSIGN_OR_RETURN(options.regressions_file, arguments.Required("regressions"));
  options.application = arguments.Text("app", options.application);
  MR_RETURN_IF_ERROR(arguments.NothingElse());
  options.stop = [&signals] {
    const timespec at_once = {.tv_sec = 0, .tv_nsec = 0};
    return ::sigtimedwait(&signals, nullptr, &at_once) > 0;
  };
  options.on_progress = [](int64_t seen, int64_t lag) {
    std::printf("seen %lld lag %lld\n", static_cast<long long>(seen), static_cast<long long>(lag));
    std::fflush(stdout);
  };
  MR_ASSIGN_OR_RETURN(const std::unique_ptr<Log> log, OpenLogOf(url, WarningsToStderr()));
  MR_RETURN_IF_ERROR(Follow(options, log.get()));
  return 0;
}

std::vector<std::string> Files(const std::string& list) {
  return absl::StrSplit(list, ',', absl::SkipEmpty());
}

absl::StatusOr<int> RunJudge(Arguments arguments) {
  Evidence evidence;
  MR_ASSIGN_OR_RETURN(const std::string url, arguments.Required("log"));
  evidence.application = arguments.Text("app", evidence.application);
  evidence.seen_files = Files(arguments.Text("seen", ""));
  evidence.regression_files = Files(arguments.Text("regressions", ""));
  evidence.store_dumps = Files(arguments.Text("stores", ""));
  MR_RETURN_IF_ERROR(arguments.NothingElse());
  kafka::KafkaOptions kafka = WarningsToStderr();
  MR_ASSIGN_OR_RETURN(const std::unique_ptr<Log> committed, OpenLogOf(url, kafka));
  evidence.committed = committed.get();
  std::unique_ptr<Log> uncommitted;
  if (IsKafka(url)) {
    kafka.read_uncommitted = true;
    MR_ASSIGN_OR_RETURN(uncommitted, OpenLogOf(url, kafka));
    evidence.uncommitted = uncommitted.get();
  }
  MR_ASSIGN_OR_RETURN(const Verdict verdict, Judge(evidence));
  std::printf("%s\n", ToJson(verdict).c_str());
  return verdict.violations.empty() ? 0 : kViolated;
}

absl::StatusOr<int> Run(int argc, char** argv, const sigset_t& signals) {
  const std::string command = argc > 1 ? argv[1] : "";
  if (command == "follow") return RunFollow(Arguments(argc, argv, 2), signals);
  if (command == "judge") return RunJudge(Arguments(argc, argv, 2));
  return absl::InvalidArgumentError("usage: campaign_verifier follow|judge --log URL …");
}

}  // namespace
}  // namespace millrace::campaign

int main(int argc, char** argv) {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const absl::StatusOr<int> code = millrace::campaign::Run(argc, argv, signals);
  if (code.ok()) return *code;
  std::fprintf(stderr, "campaign_verifier: %s\n", code.status().ToString().c_str());
  return 1;
}
