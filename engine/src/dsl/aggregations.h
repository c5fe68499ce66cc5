// The common part of all aggregations of grouped streams: the nodes that fold records into a store.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "millrace/detail/lowering.h"

namespace millrace::detail {

struct FoldStep {
  std::string name;               // that of the table's store
  std::vector<StoreSpec> stores;  // that the nodes use
  std::shared_ptr<TableNode> table;
  // Of a node with that fold, and the name of the sink for its late records.
  std::function<ProcessorFactory(Aggregation, std::string late)> make;
  LateTopic late;           // of a single stream
  bool has_windows = true;  // records may be late
};

// One node for one stream.
TableHandle AddFold(GroupedNode* grouped, const FoldStep& step, Aggregation fold);
// A node for each stream, "<name>-1" and so on, all on the same stores; their updates come together
// in a node with the step's name.
TableHandle AddFolds(const std::vector<Cogrouped>& members, const FoldStep& step);

}  // namespace millrace::detail
