// The untyped half of the verbs that regroup, transform and join tables; lowering.h has the rest.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "millrace/detail/foreign_key_operators.h"
#include "millrace/detail/lowering.h"
#include "millrace/detail/table_operators.h"

namespace millrace::detail {

// A table on its way into an aggregation; repartitioned once, however many there are.
struct GroupedTableNode {
  TableHandle table;
  Regrouping what;
  std::string repartition;  // name of the topic
  Partitioner partitioner;
  std::optional<StreamHandle> regrouped;  // once it is there
};
TableHandle AddTableAggregate(GroupedTableNode* grouped, StoreSpec store,
                              TableAggregation aggregation);

TableHandle AddTableTransformValues(const TableHandle& parent, StoreSpec store,
                                    const std::vector<std::string>& stores,
                                    TransformerFactory make);

// Without a store the result is a view: reading it joins the two rows again.
TableHandle AddTableJoin(const TableHandle& left, const TableHandle& right, TableJoin join,
                         std::optional<StoreSpec> store);

struct ForeignKeyStep {
  std::string name;  // of the step, and the start of the names of its topics and its store
  ForeignKeyJoin join;
  Partitioner partitioner;         // of the right table's keys
  std::optional<StoreSpec> store;  // of the result
};
TableHandle AddForeignKeyJoin(const TableHandle& left, const TableHandle& right,
                              ForeignKeyStep step);

}  // namespace millrace::detail
