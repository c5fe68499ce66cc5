#include "topologies/word-count/word_count.h"

#include <utility>

#include "millrace/topology_builder.h"
#include "topologies/word-count/words.h"

namespace millrace::topologies {

absl::StatusOr<Topology> BuildWordCount() {
  TopologyBuilder flow("word-count");
  flow.From(kLines)
      .FlatMapValues([](const std::string& line, Emit<std::string>& emit) {
        ForEachWord(line, [&emit](const std::string& word) { emit(word); });
      })
      .GroupBy("words", [](const std::string& word) { return word; })
      .Count("counts")
      .ToStream()
      .To(kWordCounts);
  return std::move(flow).Build();
}

}  // namespace millrace::topologies
