#include "word_length.h"

#include <sstream>

namespace {

void SplitIntoWords(const std::string& line, millrace::Emit<std::string>& emit) {
  std::istringstream words(line);
  for (std::string word; words >> word;) emit(word);
}

int64_t Length(const std::string& word) { return static_cast<int64_t>(word.size()); }

}  // namespace

absl::StatusOr<millrace::Topology> BuildWordLength() {
  millrace::TopologyBuilder flow("word-length");
  flow.From(kLines)
      .FlatMapValues(SplitIntoWords)
      .GroupBy("words-by-length", Length)
      .Count("words-of-length")
      .ToStream()
      .To(kWordLengths);
  return std::move(flow).Build();
}
