// Tables: sources, views, and the way back to a stream.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dsl/flow.h"
#include "dsl/tables.h"
#include "millrace/detail/lowering.h"

namespace millrace::detail {

void KeepIn(const StoreSpec& store, TableNode* table) {
  table->store = store.name;
  if (store.kind == StoreKind::kVersioned) {
    table->getter = VersionedStoreGetter(store.name);
    table->history = store.retention;
  } else {
    table->getter = StoreGetter(store.name);
  }
  table->getter_stores = {store.name};
}

TableHandle AddTableNode(const std::shared_ptr<Flow>& flow, NodeId parent, std::string stem,
                         ProcessorFactory factory, std::shared_ptr<TableNode> table,
                         std::optional<StoreSpec> store) {
  std::string name = store.has_value() ? store->name : std::move(stem);
  const NodeId node = AddNode(flow, parent, std::move(name), std::move(factory));
  if (store.has_value()) {
    flow->graph().ConnectStore(node, store->name);
    flow->graph().AddStore(*std::move(store));
  }
  return {flow, node, std::move(table)};
}

const TableNode* FindWindows(const TableNode* table) {
  while (table->windowed == nullptr) {
    if (table->parents.size() != 1) return nullptr;
    table = table->parents.front().get();
  }
  return table;
}

bool IsKeptNowhere(const TableHandle& table, const std::string& step) {
  if (table.table->getter != nullptr) return false;
  GraphBuilder& graph = table.flow->graph();
  graph.AddError(absl::StrCat(step, " looks into the table \"", graph.node(table.node).name,
                              "\", which is kept in no store; give the table a store"));
  return true;
}

bool LacksOldValues(const TableHandle& table, const std::string& step) {
  if (EnableOldValues(table.table.get())) return false;
  GraphBuilder& graph = table.flow->graph();
  graph.AddError(absl::StrCat(step, " needs the rows before the updates of the table \"",
                              graph.node(table.node).name,
                              "\", which is kept in no store; give the table a store"));
  return true;
}

namespace {

// A view of `parent`: kept in the store if there is one, else read through the parent.
std::shared_ptr<TableNode> ViewOf(const TableHandle& parent,
                                  const std::optional<StoreSpec>& store) {
  auto view = std::make_shared<TableNode>();
  view->parents = {parent.table};
  if (store.has_value()) KeepIn(*store, view.get());
  return view;
}

}  // namespace

TableHandle AddTable(const StreamHandle& stream, std::optional<StoreSpec> store) {
  auto table = std::make_shared<TableNode>();
  if (store.has_value()) KeepIn(*store, table.get());
  return AddTableNode(stream.flow, stream.node, "table-", MakeTableSource(table), table,
                      std::move(store));
}

namespace {

// Lets the topic of `source` be the changelog of the store.
void RestoreFrom(const StreamHandle& source, StoreSpec* store) {
  GraphBuilder& graph = source.flow->graph();
  const NodeSpec& node = graph.node(source.node);
  if (node.wall_clock_time) {
    graph.AddError(absl::StrCat("store \"", store->name, "\" is restored from topic \"",
                                node.topics.front().name,
                                "\", but takes its times from the clock; use the log's"));
  }
  store->changelog = false;
  store->source_topic = node.topics.front().name;
}

}  // namespace

TableHandle AddCompactedTable(const StreamHandle& source, StoreSpec store) {
  RestoreFrom(source, &store);
  const std::string name = store.name;
  if (store.kind != StoreKind::kKeyValue && store.kind != StoreKind::kVersioned) {
    source.flow->graph().AddError(absl::StrCat(
        "store \"", name, "\" has no rows of keys; tell AddReadOnlyStore<P> how to fill it"));
  }
  TableHandle table = AddTable(source, std::move(store));
  source.flow->graph().mutable_node(table.node).refills = name;
  return table;
}

void AddReadOnlyStore(const StreamHandle& source, StoreSpec store, ProcessorFactory factory) {
  RestoreFrom(source, &store);
  GraphBuilder& graph = source.flow->graph();
  const NodeId node = AddNode(source, store.name, std::move(factory));
  graph.mutable_node(node).refills = store.name;
  graph.ConnectStore(node, store.name);
  graph.AddStore(std::move(store));
}

TableHandle AddToTable(const StreamHandle& stream, StoreSpec store) {
  const StreamHandle keyed =
      RepartitionIfNeeded(stream, {.name = store.name, .key = store.key, .value = store.value});
  return AddTable(keyed, std::move(store));
}

TableHandle AddTableFilter(const TableHandle& parent, Predicate matches, bool negate,
                           std::optional<StoreSpec> store) {
  const std::shared_ptr<TableNode> view = ViewOf(parent, store);
  // Where the old row can be known, a row that did not match before needs no tombstone. In a
  // history the latest row is not always the one before.
  view->send_old_values = !parent.table->history.has_value() && EnableOldValues(parent.table.get());
  if (!store.has_value() && parent.table->getter != nullptr) {
    view->getter = FilterGetter(matches, negate, parent.table->getter);
    view->getter_stores = parent.table->getter_stores;
    view->history = parent.table->history;
  }
  return AddTableNode(parent.flow, parent.node, negate ? "table-filter-not-" : "table-filter-",
                      MakeTableFilter(std::move(matches), negate, view), view, std::move(store));
}

TableHandle AddTableMapValues(const TableHandle& parent, ValueMapper map,
                              std::optional<StoreSpec> store) {
  const std::shared_ptr<TableNode> view = ViewOf(parent, store);
  if (!store.has_value() && parent.table->getter != nullptr) {
    view->getter = MapValuesGetter(map, parent.table->getter);
    view->getter_stores = parent.table->getter_stores;
    view->history = parent.table->history;
  }
  return AddTableNode(parent.flow, parent.node, "table-map-values-",
                      MakeTableMapValues(std::move(map), view), view, std::move(store));
}

StreamHandle AddToStream(const TableHandle& table) {
  return {table.flow, AddNode(table.flow, table.node, "to-stream-", MakeToStream())};
}

}  // namespace millrace::detail
