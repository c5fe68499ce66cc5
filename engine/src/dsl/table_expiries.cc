// Tables whose rows are deleted when they are not updated for a while.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dsl/flow.h"
#include "dsl/tables.h"
#include "millrace/detail/more_lowering.h"
#include "millrace/serde.h"

namespace millrace::detail {

TableHandle AddTableExpiry(const TableHandle& parent, StoreSpec store, TableExpiry what) {
  const std::shared_ptr<Flow>& flow = parent.flow;
  GraphBuilder& graph = flow->graph();
  if (what.ttl <= Duration(0) || what.check_every < Duration(0)) {
    graph.AddError(absl::StrCat("ExpireAfter \"", store.name, "\" has a time of ",
                                std::min(what.ttl, what.check_every).count(),
                                " ms; give it a positive one"));
    return parent;
  }
  if (what.check_every == Duration(0)) what.check_every = std::max(what.ttl / 10, Duration(1));
  auto table = std::make_shared<TableNode>();
  table->parents = {parent.table};
  KeepIn(store, table.get());
  StoreSpec times = store;
  times.name = store.name + "-times";
  times.key = CodecOf<Bytes>();
  times.value = CodecOf<Bytes>();
  what.times = times.name;
  what.key = store.key;
  if (const TableNode* windows = FindWindows(parent.table.get())) what.windowed = windows->windowed;
  const TableHandle made =
      AddTableNode(flow, parent.node, "", MakeTableExpiry(std::move(what), table), table, store);
  graph.ConnectStore(made.node, times.name);
  graph.AddStore(std::move(times));
  return made;
}

}  // namespace millrace::detail
