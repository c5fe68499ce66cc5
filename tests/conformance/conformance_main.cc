// conformance --vectors DIR [--topology NAME] [--seed N]: replays recorded vectors of Kafka
// Streams. Prints the first difference of each case that fails, then "N passed, M failed". Exit
// code 0: all passed; 1: some failed (a topology that is not written yet counts as failed); 2: the
// command line, an unknown topology or an unreadable file.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "conformance/replay.h"

namespace millrace::conformance {
namespace {

namespace fs = std::filesystem;

struct Options {
  fs::path vectors;
  std::string topology;
  std::string seed;
};

int Usage() {
  std::fprintf(stderr, "usage: conformance --vectors DIR [--topology NAME] [--seed N]\n");
  return 2;
}

bool Parse(int argc, char** argv, Options* options) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string flag = argv[i];
    if (flag == "--vectors") {
      options->vectors = argv[i + 1];
    } else if (flag == "--topology") {
      options->topology = argv[i + 1];
    } else if (flag == "--seed") {
      options->seed = argv[i + 1];
    } else {
      return false;
    }
  }
  return argc % 2 == 1 && !options->vectors.empty();
}

// The wanted files, by topology and seed.
std::vector<fs::path> Files(const Options& options) {
  std::vector<fs::path> files;
  for (const auto& folder : fs::directory_iterator(options.vectors)) {
    const std::string name = folder.path().filename();
    if (!folder.is_directory() || (!options.topology.empty() && name != options.topology)) continue;
    for (const auto& file : fs::directory_iterator(folder)) {
      const std::string stem = file.path().stem();
      if (options.seed.empty() || stem == "seed-" + options.seed) files.push_back(file.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

int Run(const Options& options) {
  std::error_code error;
  if (!fs::is_directory(options.vectors, error)) {
    std::fprintf(stderr, "conformance: %s is no directory\n", options.vectors.c_str());
    return 2;
  }
  const std::vector<fs::path> files = Files(options);
  if (files.empty()) {
    std::fprintf(stderr, "conformance: no vectors of topology '%s', seed '%s' in %s\n",
                 options.topology.c_str(), options.seed.c_str(), options.vectors.c_str());
    return 2;
  }
  std::map<std::string, Entry> entries;
  for (Entry& entry : AllEntries()) entries.emplace(entry.name, std::move(entry));
  int passed = 0;
  int failed = 0;
  for (const fs::path& file : files) {
    const std::string name = file.parent_path().filename();
    const auto entry = entries.find(name);
    if (entry == entries.end() && !options.topology.empty()) {
      std::fprintf(stderr, "conformance: unknown topology '%s'\n", name.c_str());
      return 2;
    }
    std::string difference = "the topology is not written yet\n";
    if (entry != entries.end()) {
      absl::StatusOr<std::string> found = FirstDifference(entry->second, file);
      if (!found.ok()) {
        std::fprintf(stderr, "conformance: %s\n", std::string(found.status().message()).c_str());
        return 2;
      }
      difference = *std::move(found);
    }
    ++(difference.empty() ? passed : failed);
    if (!difference.empty()) {
      std::printf("FAILED %s %s: %s", name.c_str(), file.stem().c_str(), difference.c_str());
    }
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace millrace::conformance

int main(int argc, char** argv) {
  millrace::conformance::Options options;
  if (!millrace::conformance::Parse(argc, argv, &options)) return millrace::conformance::Usage();
  return millrace::conformance::Run(options);
}
