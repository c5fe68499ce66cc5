// Aggregations of tables, and tables of what stateful objects make of rows.
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dsl/flow.h"
#include "dsl/tables.h"
#include "millrace/detail/table_lowering.h"

namespace millrace::detail {

// The topic has no filter before it: the step before sends no null keys.
StreamHandle Regrouped(GroupedTableNode* grouped) {
  if (grouped->regrouped.has_value()) return *grouped->regrouped;
  const TableHandle& table = grouped->table;
  LacksOldValues(table, absl::StrCat("GroupBy \"", grouped->repartition, "\""));
  const NodeId select =
      AddNode(table.flow, table.node, "table-group-by-", MakeTableGroupBy(grouped->what));
  NoteTypes(table.flow, select, grouped->what.key, CodecOf<Bytes>());
  grouped->regrouped = AddRepartition({table.flow, select}, {.name = grouped->repartition,
                                                             .partitioner = grouped->partitioner,
                                                             .key = grouped->what.key,
                                                             .value = CodecOf<Bytes>(),
                                                             .keep_null_keys = true});
  return *grouped->regrouped;
}

namespace {

std::shared_ptr<TableNode> KeptTable(const StoreSpec& store) {
  auto table = std::make_shared<TableNode>();
  KeepIn(store, table.get());
  return table;
}

}  // namespace

TableHandle AddTableAggregate(GroupedTableNode* grouped, StoreSpec store,
                              TableAggregation aggregation) {
  const StreamHandle rows = Regrouped(grouped);
  aggregation.value = grouped->what.value;
  const std::shared_ptr<TableNode> table = KeptTable(store);
  return AddTableNode(rows.flow, rows.node, "", MakeTableAggregate(std::move(aggregation), table),
                      table, std::move(store));
}

TableHandle AddTableTransformValues(const TableHandle& parent, StoreSpec store,
                                    const std::vector<std::string>& stores,
                                    TransformerFactory make) {
  const std::shared_ptr<TableNode> table = KeptTable(store);
  table->parents = {parent.table};
  const TableHandle made =
      AddTableNode(parent.flow, parent.node, "", MakeTableTransformValues(std::move(make), table),
                   table, std::move(store));
  for (const std::string& name : stores) parent.flow->graph().ConnectStore(made.node, name);
  return made;
}

}  // namespace millrace::detail
