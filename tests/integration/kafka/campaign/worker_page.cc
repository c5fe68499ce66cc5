#include "integration/kafka/campaign/worker_page.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "millrace/status.h"

namespace millrace::campaign {

absl::StatusOr<std::unique_ptr<WorkerPageWriter>> WorkerPageWriter::Open(const std::string& file) {
  const auto failed = [&] {
    return absl::UnavailableError(absl::StrCat(file, ": ", std::strerror(errno)));
  };
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (descriptor < 0) return failed();
  void* page = MAP_FAILED;
  if (::ftruncate(descriptor, sizeof(WorkerPage)) == 0) {
    page = ::mmap(nullptr, sizeof(WorkerPage), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  }
  if (page == MAP_FAILED) return failed();
  ::close(descriptor);
  return std::unique_ptr<WorkerPageWriter>(new WorkerPageWriter(static_cast<WorkerPage*>(page)));
}

WorkerPageWriter::~WorkerPageWriter() { ::munmap(page_, sizeof(WorkerPage)); }

WorkerPage::Thread& WorkerPageWriter::Mine() {
  thread_local int64_t slot = -1;
  if (slot < 0) {
    slot = page_->threads.fetch_add(1);
    MR_CHECK(slot < WorkerPage::kThreads, "more threads than the page has slots");
  }
  return page_->of[slot];
}

}  // namespace millrace::campaign
