#include "runtime/instance_id.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "millrace/status.h"

namespace millrace {
namespace {

absl::Status Check(const std::string& id, const std::string& where) {
  const auto allowed = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-';
  };
  if (!id.empty() && std::all_of(id.begin(), id.end(), allowed)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "'", id, "' (", where, ") is no instance id: use letters, digits, '.', '_', '-'"));
}

}  // namespace

absl::StatusOr<std::string> InstanceId(const std::string& configured,
                                       const std::string& state_directory) {
  if (!configured.empty()) {
    MR_RETURN_IF_ERROR(Check(configured, "option instance_id"));
    return configured;
  }
  std::error_code error;
  std::filesystem::create_directories(state_directory, error);
  const std::string path = absl::StrCat(state_directory, "/instance-id");
  std::string id;
  if (std::ifstream file(path); file >> id) {
    MR_RETURN_IF_ERROR(Check(id, path));
    return id;
  }
  std::random_device random;
  id = absl::StrFormat("%08x", random());
  // Whole or not at all: a torn name would be a name of its own.
  const std::string temporary = path + ".new";
  std::ofstream file(temporary);
  file << id << "\n";
  file.close();
  std::filesystem::rename(temporary, path, error);
  if (!file || error) {
    return absl::UnavailableError(absl::StrCat("cannot write ", path, ": ", error.message()));
  }
  return id;
}

}  // namespace millrace
