#include "log/acked_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/big_endian.h"
#include "base/checksum.h"
#include "millrace/status.h"

namespace millrace {
namespace {

constexpr int kSlots = 2;
constexpr off_t kSlotDistance = 512;
constexpr size_t kSlotSize = 16;
constexpr uint64_t kSeed = 0x61636b6564;  // keeps a block of zeros from being a valid slot

std::string EncodeSlot(uint64_t sequence) {
  std::string slot;
  AppendBigEndian(sequence, &slot);
  AppendBigEndian(Checksum64(slot, kSeed), &slot);
  return slot;
}

std::optional<uint64_t> ReadSlot(int file, int index) {
  char bytes[kSlotSize];
  if (::pread(file, bytes, kSlotSize, index * kSlotDistance) != ssize_t{kSlotSize}) return {};
  const std::string_view slot(bytes, kSlotSize);
  if (ReadBigEndian<uint64_t>(slot.substr(8)) != Checksum64(slot.substr(0, 8), kSeed)) return {};
  return ReadBigEndian<uint64_t>(slot);
}

}  // namespace

absl::StatusOr<std::unique_ptr<AckedFile>> AckedFile::Open(const std::string& path) {
  int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  const bool existed = file >= 0;
  if (!existed && errno == ENOENT) file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  std::unique_ptr<AckedFile> acked(new AckedFile(file, path));
  acked->existed_ = existed;
  MR_RETURN_IF_ERROR(existed ? acked->Read() : acked->Create());
  return acked;
}

AckedFile::~AckedFile() { ::close(file_); }

absl::Status AckedFile::Create() {
  for (int slot = 0; slot < kSlots; ++slot) MR_RETURN_IF_ERROR(Write(0));
  if (::fsync(file_) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot sync ", path_));
}

absl::Status AckedFile::Read() {
  const std::optional<uint64_t> first = ReadSlot(file_, 0);
  const std::optional<uint64_t> second = ReadSlot(file_, 1);
  if (!first.has_value() && !second.has_value()) {
    return absl::DataLossError(absl::StrCat(
        path_, " is damaged, so nobody can tell whether acknowledged commits are missing; ",
        "remove the file to open the log without that check"));
  }
  const bool first_is_newer = first.has_value() && (!second.has_value() || *first > *second);
  sequence_ = first_is_newer ? *first : *second;
  next_slot_ = first_is_newer ? 1 : 0;
  return absl::OkStatus();
}

absl::Status AckedFile::Write(uint64_t sequence) {
  const std::string slot = EncodeSlot(sequence);
  if (::pwrite(file_, slot.data(), slot.size(), next_slot_ * kSlotDistance) !=
      static_cast<ssize_t>(slot.size())) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path_));
  }
  sequence_ = sequence;
  next_slot_ = (next_slot_ + 1) % kSlots;
  return absl::OkStatus();
}

}  // namespace millrace
