// The process that the kill -9 test kills: runs the topology on a local log until it dies.
//   kill9_worker LOG_DIRECTORY STATE_DIRECTORY PROGRESS_FILE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>

#include "integration/kill9_topology.h"
#include "millrace/engine.h"
#include "millrace/local_log.h"

namespace millrace::kill9 {
namespace {

int64_t CommittedRecords(Log* log) {
  int64_t sum = 0;
  const GroupOffsets offsets = log->CommittedOffsets("kill9").value_or(GroupOffsets());
  for (const auto& [partition, offset] : offsets) {
    if (partition.topic == kIn.name()) sum += offset.next.value();
  }
  return sum;
}

absl::Status Run(const std::string& directory, const std::string& state, Progress* progress) {
  MR_ASSIGN_OR_RETURN(auto log, LocalLog::Open(directory));
  progress->processed = 0;
  progress->committed_at_start = CommittedRecords(log.get());
  MR_ASSIGN_OR_RETURN(Topology topology, BuildTopology(progress));
  MR_ASSIGN_OR_RETURN(
      auto engine,
      Engine::Create(topology, log.get(),
                     {.state_directory = state, .threads = 2, .commit_interval = Duration(10)}));
  MR_RETURN_IF_ERROR(engine->Start());
  return WaitUntilIdle({engine.get()}, [&] { return !engine->status().ok(); });
}

}  // namespace
}  // namespace millrace::kill9

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const int file = ::open(argv[3], O_RDWR);
  void* page = ::mmap(nullptr, sizeof(millrace::kill9::Progress), PROT_READ | PROT_WRITE,
                      MAP_SHARED, file, 0);
  if (page == MAP_FAILED) return 2;
  const absl::Status status =
      millrace::kill9::Run(argv[1], argv[2], static_cast<millrace::kill9::Progress*>(page));
  if (!status.ok()) std::fprintf(stderr, "kill9_worker: %s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
