// Global tables, stores that a processor feeds from a topic, and joins with them.
#include <string>
#include <utility>

#include "dsl/flow.h"
#include "dsl/tables.h"
#include "millrace/detail/lowering.h"

namespace millrace::detail {

GlobalHandle AddGlobalStore(const std::shared_ptr<Flow>& flow, SourceSpec source, StoreSpec store,
                            ProcessorFactory factory) {
  source.global = true;
  store.changelog = false;  // the topic is the changelog
  NodeSpec node;
  node.name = store.name;
  node.global = true;
  node.parents = {flow->AddSource(std::move(source))};
  node.factory = std::move(factory);
  GraphBuilder& graph = flow->graph();
  const NodeId id = graph.AddProcessor(std::move(node));
  graph.ConnectStore(id, store.name);
  GlobalHandle handle{flow, store.name};
  graph.AddStore(std::move(store));
  return handle;
}

GlobalHandle AddGlobalTable(const std::shared_ptr<Flow>& flow, SourceSpec source, StoreSpec store) {
  auto table = std::make_shared<TableNode>();
  KeepIn(store, table.get());
  return AddGlobalStore(flow, std::move(source), std::move(store), MakeTableSource(table));
}

StreamHandle AddGlobalJoin(const StreamHandle& stream, const GlobalHandle& table,
                           ValueMapper select_key, Joiner join, bool left) {
  if (FromTwoBuilders(stream.flow, table.flow, left ? "LeftJoin" : "Join")) return stream;
  const NodeId node =
      AddNode(stream, left ? "left-join-" : "join-",
              MakeStreamGlobalJoin(std::move(select_key), std::move(join), left, table.store));
  stream.flow->graph().ConnectStore(node, table.store);
  return {stream.flow, node, stream.key_changed};
}

}  // namespace millrace::detail
