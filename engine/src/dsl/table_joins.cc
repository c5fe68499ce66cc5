// Joins of two tables with the same keys.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "dsl/flow.h"
#include "dsl/tables.h"
#include "millrace/detail/table_lowering.h"

namespace millrace::detail {

namespace {

const char* VerbOf(TableJoinKind kind) {
  switch (kind) {
    case TableJoinKind::kInner:
      return "Join";
    case TableJoinKind::kLeft:
      return "LeftJoin";
    case TableJoinKind::kOuter:
      return "OuterJoin";
  }
  return "Join";
}

// Whether an update that arrives at `node` has gone through the table in that store: a table's node
// has the store's name.
bool IsUpstream(const GraphBuilder& graph, const std::string& store, NodeId node) {
  if (graph.node(node).name == store) return true;
  const std::vector<NodeId>& parents = graph.node(node).parents;
  return std::any_of(parents.begin(), parents.end(),
                     [&](NodeId parent) { return IsUpstream(graph, store, parent); });
}
bool ReadsUpstream(const TableHandle& reader, const TableHandle& other) {
  const std::vector<std::string>& stores = reader.table->getter_stores;
  return std::any_of(stores.begin(), stores.end(), [&](const std::string& store) {
    return IsUpstream(other.flow->graph(), store, other.node);
  });
}

std::shared_ptr<TableNode> JoinedTable(const TableHandle& left, const TableHandle& right,
                                       const TableJoin& join,
                                       const std::optional<StoreSpec>& store) {
  auto table = std::make_shared<TableNode>();
  table->parents = {left.table, right.table};
  table->meets_itself = ReadsUpstream(left, right) || ReadsUpstream(right, left);
  if (store.has_value()) {
    KeepIn(*store, table.get());
    return table;
  }
  // The two rows would be lent by the same store, one after the other.
  if (table->meets_itself) return table;
  table->getter = JoinGetter(join, left.table->getter, right.table->getter);
  table->getter_stores = left.table->getter_stores;
  for (const std::string& name : right.table->getter_stores) {
    std::vector<std::string>& stores = table->getter_stores;
    if (std::find(stores.begin(), stores.end(), name) == stores.end()) stores.push_back(name);
  }
  return table;
}

// The node in which the updates of `mine` meet the rows of `other`.
NodeId AddSide(const TableHandle& mine, const TableHandle& other, std::string name,
               const TableJoin& join, TableSide side, const std::shared_ptr<TableNode>& made) {
  const NodeId node =
      AddNode(mine.flow, mine.node, std::move(name), MakeTableJoin(join, side, other.table, made));
  for (const std::string& store : other.table->getter_stores) {
    mine.flow->graph().ConnectStore(node, store);
  }
  return node;
}

}  // namespace

TableHandle AddTableJoin(const TableHandle& left, const TableHandle& right, TableJoin join,
                         std::optional<StoreSpec> store) {
  const char* verb = VerbOf(join.kind);
  if (FromTwoBuilders(left.flow, right.flow, verb)) return left;
  const bool left_is_kept_nowhere = IsKeptNowhere(left, verb);
  if (IsKeptNowhere(right, verb) || left_is_kept_nowhere) return left;
  // Only they tell whether the deletion of a row without a partner ends a result.
  if (join.kind != TableJoinKind::kInner && LacksOldValues(left, verb)) return left;
  if (join.kind == TableJoinKind::kOuter && LacksOldValues(right, verb)) return left;

  GraphBuilder& graph = left.flow->graph();
  const std::shared_ptr<TableNode> table = JoinedTable(left, right, join, store);
  const std::string stem = store.has_value() ? absl::StrCat(store->name, "-join-") : "table-join-";
  const char* number = store.has_value() ? "" : "-";
  NodeSpec node;
  node.parents = {
      AddSide(left, right, absl::StrCat(stem, "this", number), join, TableSide::kLeft, table),
      AddSide(right, left, absl::StrCat(stem, "other", number), join, TableSide::kRight, table)};
  node.name = store.has_value() ? store->name : stem;
  node.passes_on = true;
  // What comes together is a table like one that is read; a view has nothing to keep.
  node.factory = store.has_value() ? MakeTableSource(table) : MakePassThrough();
  const NodeId joined = graph.AddProcessor(std::move(node));
  graph.RequireCopartition({left.node, right.node},
                           absl::StrCat("step \"", graph.node(joined).name, "\""));
  if (store.has_value()) {
    graph.ConnectStore(joined, store->name);
    graph.AddStore(*std::move(store));
  }
  return {left.flow, joined, table};
}

}  // namespace millrace::detail
