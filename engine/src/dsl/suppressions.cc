// Suppressed tables.
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dsl/flow.h"
#include "dsl/tables.h"
#include "millrace/detail/lowering.h"
#include "millrace/serde.h"

namespace millrace::detail {

TableHandle AddEmitOnCommit(const TableHandle& parent, const Codec* key, const Codec* value) {
  auto table = std::make_shared<TableNode>();
  table->parents = {parent.table};
  const NodeId node =
      AddNode(parent.flow, parent.node, "emit-on-commit-", MakeEmitOnCommit(key, value));
  return {parent.flow, node, std::move(table)};
}

TableHandle AddSuppress(const TableHandle& parent, Suppression what) {
  const std::shared_ptr<Flow>& flow = parent.flow;
  const TableNode* windows = FindWindows(parent.table.get());
  if (windows != nullptr) what.windowed = windows->windowed;
  if (what.until_closed) {
    if (windows == nullptr) {
      flow->graph().AddError(absl::StrCat("Suppress \"", what.store.name, "\" waits for windows, ",
                                          "but its table has none; aggregate in windows first"));
      return parent;
    }
    what.limit = windows->closes_after;
  } else if (what.limit < Duration(0)) {
    flow->graph().AddError(
        absl::StrCat("Suppress \"", what.store.name, "\" has a negative limit; it must not be"));
  }
  what.store.key = CodecOf<Bytes>();
  what.store.value = CodecOf<Bytes>();
  auto table = std::make_shared<TableNode>();
  table->parents = {parent.table};
  const StoreSpec store = what.store;
  const NodeId node = AddNode(flow, parent.node, store.name, MakeSuppress(std::move(what), table));
  flow->graph().ConnectStore(node, store.name);
  flow->graph().AddStore(store);
  return {flow, node, std::move(table)};
}

}  // namespace millrace::detail
