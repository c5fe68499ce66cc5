// The judgement of a whole campaign, over what its topics hold in the end.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "integration/kafka/campaign/violations.h"
#include "millrace/log.h"

namespace millrace::campaign {

struct Evidence {
  Log* committed = nullptr;    // borrowed; shows committed records only
  Log* uncommitted = nullptr;  // the same log with everything in it; null: it cannot show that
  std::string application = "campaign";
  std::vector<std::string> seen_files;        // of `campaign_verifier follow`
  std::vector<std::string> regression_files;  // of the same
  std::vector<std::string> store_dumps;       // of the workers, at rest; empty: not judged
};

struct Verdict {
  Violations violations;
  int64_t inputs = 0;
  std::map<std::string, int64_t> outputs;         // by topic
  std::map<std::string, int64_t> writer_changes;  // by topic
  int64_t seen = 0;                               // records, by the readers beside
  int64_t rows = 0;                               // of stores, judged
  // Records of output topics that were written and never committed; -1: not known.
  int64_t aborted = -1;
};

// Errors are of the log; what is wrong with the records is in the verdict.
absl::StatusOr<Verdict> Judge(const Evidence& evidence);

// One JSON object in one line.
std::string ToJson(const Verdict& verdict);

}  // namespace millrace::campaign
