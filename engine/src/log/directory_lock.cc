#include "log/directory_lock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "millrace/local_log.h"
#include "millrace/status.h"

namespace millrace {
namespace {

constexpr std::string_view kFormat = "millrace local log, format 1\n";
// What may lie in a log's directory before it has a FORMAT: our own beginnings, and what the
// worker keeps beside the log.
constexpr std::array<std::string_view, 7> kOurNames = {
    "LOCK", "ACKED", "db", "FORMAT.new", "state", "control.sock", "lost+found"};

std::string LockPath(const std::string& directory) { return directory + "/LOCK"; }

absl::Status ErrnoStatus(const char* what, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(what, " ", path));
}

struct flock WholeFile(short type) {
  struct flock lock = {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

std::optional<int> ReadPid(int file) {
  char text[16];
  const ssize_t size = ::pread(file, text, sizeof(text), 0);
  int pid = 0;
  if (size <= 0 || !absl::SimpleAtoi(absl::string_view(text, static_cast<size_t>(size)), &pid)) {
    return std::nullopt;
  }
  return pid;
}

absl::Status WritePid(int file, const std::string& path) {
  const std::string pid = absl::StrCat(::getpid(), "\n");
  if (::ftruncate(file, 0) != 0 ||
      ::pwrite(file, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return ErrnoStatus("cannot write", path);
  }
  return absl::OkStatus();
}

absl::Status SyncPath(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC);
  if (file < 0) return ErrnoStatus("cannot open", path);
  const bool synced = ::fsync(file) == 0;
  const absl::Status status = synced ? absl::OkStatus() : ErrnoStatus("cannot sync", path);
  ::close(file);
  return status;
}

absl::Status CheckNothingForeign(const std::string& directory) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename();
    if (std::find(kOurNames.begin(), kOurNames.end(), name) == kOurNames.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", directory, "' is not a log: it holds '", name,
                       "' but no file FORMAT; name an empty or a new directory"));
    }
  }
  if (error) return absl::UnavailableError(absl::StrCat(directory, ": ", error.message()));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<DirectoryLock>> DirectoryLock::Acquire(
    const std::string& directory) {
  const std::string path = LockPath(directory);
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return ErrnoStatus("cannot open", path);
  std::unique_ptr<DirectoryLock> lock(new DirectoryLock(file));
  struct flock whole = WholeFile(F_WRLCK);
  if (::fcntl(file, F_OFD_SETLK, &whole) == 0) {
    MR_RETURN_IF_ERROR(WritePid(file, path));
    return lock;
  }
  if (errno != EAGAIN && errno != EACCES) return ErrnoStatus("cannot lock", path);
  const std::optional<int> pid = ReadPid(file);
  return absl::FailedPreconditionError(absl::StrCat(
      "the log in '", directory, "' is held by ",
      pid.has_value() ? absl::StrCat("process ", *pid) : std::string("another process")));
}

DirectoryLock::~DirectoryLock() { ::close(file_); }

absl::Status MakeDirectory(const std::string& directory) {
  if (::mkdir(directory.c_str(), 0755) == 0 || errno == EEXIST) {
    struct stat info = {};
    if (::stat(directory.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("'", directory, "' is not a directory"));
  }
  if (errno == ENOENT) {
    const std::string parent = std::filesystem::path(directory).parent_path();
    return absl::NotFoundError(absl::StrCat("cannot make the log's directory '", directory, "': '",
                                            parent, "' does not exist"));
  }
  return ErrnoStatus("cannot make the log's directory", directory);
}

absl::StatusOr<bool> HasFormat(const std::string& directory) {
  std::ifstream file(directory + "/FORMAT");
  if (!file.is_open()) {
    MR_RETURN_IF_ERROR(CheckNothingForeign(directory));
    return false;
  }
  std::stringstream text;
  text << file.rdbuf();
  if (text.str() == kFormat) return true;
  return absl::InvalidArgumentError(
      absl::StrCat("'", directory, "/FORMAT' does not name a format that this version can read (",
                   "it knows \"", AbslView(kFormat.substr(0, kFormat.size() - 1)), "\")"));
}

absl::Status WriteFormat(const std::string& directory) {
  const std::string path = directory + "/FORMAT";
  const std::string draft = path + ".new";
  std::ofstream(draft, std::ios::trunc) << kFormat;
  MR_RETURN_IF_ERROR(SyncPath(draft, O_RDONLY));
  if (::rename(draft.c_str(), path.c_str()) != 0) return ErrnoStatus("cannot create", path);
  return SyncPath(directory, O_RDONLY | O_DIRECTORY);
}

absl::StatusOr<std::optional<int>> LocalLogHolder(const std::string& directory) {
  const std::string path = LockPath(directory);
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  if (file < 0) return ErrnoStatus("cannot open", path);
  struct flock whole = WholeFile(F_WRLCK);
  const bool asked = ::fcntl(file, F_OFD_GETLK, &whole) == 0;
  const absl::Status failure = asked ? absl::OkStatus() : ErrnoStatus("cannot ask about", path);
  const std::optional<int> pid = ReadPid(file);
  ::close(file);
  MR_RETURN_IF_ERROR(failure);
  if (whole.l_type == F_UNLCK) return std::nullopt;
  if (pid.has_value()) return pid;
  return absl::UnavailableError(absl::StrCat("a process is just about to open '", directory, "'"));
}

}  // namespace millrace
