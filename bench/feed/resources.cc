#include "bench/feed/resources.h"

#include <sys/resource.h>

#include <algorithm>
#include <filesystem>

namespace millrace::bench {
namespace {

double ProcessCpu() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

Stopwatch::Stopwatch() : started_(std::chrono::steady_clock::now()), cpu_(ProcessCpu()) {}

double Stopwatch::Seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
}

double Stopwatch::CpuSeconds() const { return ProcessCpu() - cpu_; }

int64_t BytesBelow(const std::string& directory) {
  int64_t bytes = 0;
  std::error_code gone;  // a compaction may delete a file meanwhile
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory, gone)) {
    if (!entry.is_regular_file(gone)) continue;
    const auto size = entry.file_size(gone);
    if (!gone) bytes += static_cast<int64_t>(size);
  }
  return bytes;
}

double Percentile(std::vector<double> values, int percent) {
  const size_t rank =
      std::min(values.size() - 1, values.size() * static_cast<size_t>(percent) / 100);
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(rank), values.end());
  return values[rank];
}

}  // namespace millrace::bench
