// What the verifier found wrong: counted by invariant, the first few in words.
//
//   I1   nothing lost, nothing doubled, nothing from a record that was not committed
//   I2   each value is the fold of what came before it
//   I3   order per key
//   I4   no transaction is left open
//   I5   committed positions never go back, and end at the end
//   I6   the stores hold what the outputs say
//   I8   one writer at a time: no zombie's record behind its successor's
//   I15  a reader beside never saw anything else than what there is in the end
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace millrace::campaign {

class Violations {
 public:
  void Add(const std::string& invariant, std::string what) {
    if (counts_[invariant]++ < kWordsPerInvariant) words_.push_back(invariant + ": " + what);
  }
  bool empty() const { return counts_.empty(); }
  const std::map<std::string, int64_t>& counts() const { return counts_; }
  const std::vector<std::string>& words() const { return words_; }

 private:
  static constexpr int64_t kWordsPerInvariant = 10;
  std::map<std::string, int64_t> counts_;
  std::vector<std::string> words_;
};

}  // namespace millrace::campaign
