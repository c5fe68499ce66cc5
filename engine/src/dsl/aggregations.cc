// Aggregations of grouped streams, plain and windowed.
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dsl/flow.h"
#include "millrace/detail/lowering.h"

namespace millrace::detail {

namespace {

// Sends the grouped stream through its repartition topic before its first aggregation; the later
// ones find it there. A topic without a name takes that of the step that it feeds.
void RepartitionOnce(GroupedNode* grouped, const std::string& step) {
  grouped->stream = RepartitionIfNeeded(
      grouped->stream, {.name = grouped->repartition.empty() ? step : grouped->repartition,
                        .key = grouped->key,
                        .value = grouped->value});
}

// Adds the step, called like its store, that makes `table`.
TableHandle AddStoringStep(const GroupedNode& grouped, StoreSpec store, ProcessorFactory factory,
                           std::shared_ptr<TableNode> table) {
  const std::shared_ptr<Flow>& flow = grouped.stream.flow;
  const NodeId node = AddNode(grouped.stream, store.name, std::move(factory));
  flow->graph().ConnectStore(node, store.name);
  flow->graph().AddStore(std::move(store));
  return {flow, node, std::move(table)};
}

void CheckWindows(const std::string& step, const TimeWindows& windows, GraphBuilder* graph) {
  const auto refuse = [&](const char* what, Duration value, const char* remedy) {
    graph->AddError(absl::StrCat("step \"", step, "\" has windows with ", what, " of ",
                                 value.count(), " ms; ", remedy));
  };
  if (windows.size <= Duration(0)) {
    refuse("a size", windows.size, "give them a positive one");
  } else if (windows.advance <= Duration(0) || windows.advance > windows.size) {
    refuse("an advance", windows.advance, "it must be positive and not above their size");
  }
  if (windows.grace < Duration(0)) refuse("a grace", windows.grace, "it cannot be negative");
}

// Rows that late records may still change must be kept.
void CheckRetention(const std::string& step, const TimeWindows& windows, Duration retention,
                    GraphBuilder* graph) {
  const Duration least = windows.size + windows.grace;
  if (retention >= least) return;
  graph->AddError(absl::StrCat("store \"", step, "\" keeps windows for ", retention.count(),
                               " ms, less than their size and grace, ", least.count(),
                               " ms; raise its retention"));
}

}  // namespace

TableHandle AddAggregate(GroupedNode* grouped, StoreSpec store, Aggregation aggregation) {
  RepartitionOnce(grouped, store.name);
  auto table = std::make_shared<TableNode>();
  table->store = store.name;
  table->getter = StoreGetter(store.name);
  table->getter_stores = {store.name};
  return AddStoringStep(*grouped, std::move(store), MakeAggregate(std::move(aggregation), table),
                        table);
}

TableHandle AddWindowedAggregate(GroupedNode* grouped, WindowedAggregate step) {
  const std::string name = step.store.name;
  GraphBuilder& graph = grouped->stream.flow->graph();
  CheckWindows(name, step.windows, &graph);
  RepartitionOnce(grouped, name);
  step.store.kind = StoreKind::kWindow;
  step.store.window_size = step.windows.size;
  step.store.retention = step.retention.value_or(step.windows.size + step.windows.grace);
  CheckRetention(name, step.windows, step.store.retention, &graph);
  auto table = std::make_shared<TableNode>();
  table->store = name;
  table->getter = WindowStoreGetter(name, step.windowed);
  table->getter_stores = {name};
  return AddStoringStep(
      *grouped, std::move(step.store),
      MakeWindowedAggregate(std::move(step.fold), step.windows, step.windowed, table), table);
}

}  // namespace millrace::detail
