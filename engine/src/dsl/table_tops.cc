// The best rows of the groups of a table.
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dsl/flow.h"
#include "dsl/tables.h"
#include "millrace/detail/more_lowering.h"
#include "millrace/serde.h"

namespace millrace::detail {

TableHandle AddTableTop(GroupedTableNode* grouped, StoreSpec store, TableTop what) {
  const StreamHandle rows = Regrouped(grouped);
  GraphBuilder& graph = rows.flow->graph();
  if (what.size == 0) {
    graph.AddError(absl::StrCat("Top \"", store.name, "\" asks for 0 rows; ask for at least 1"));
  }
  StoreSpec all = store;
  all.name = store.name + "-rows";
  all.key = CodecOf<Bytes>();
  all.value = CodecOf<int64_t>();
  what.rows = all.name;
  what.key = store.key;
  auto table = std::make_shared<TableNode>();
  KeepIn(store, table.get());
  const TableHandle made =
      AddTableNode(rows.flow, rows.node, "", MakeTableTop(std::move(what), table), table, store);
  graph.ConnectStore(made.node, all.name);
  graph.AddStore(std::move(all));
  return made;
}

}  // namespace millrace::detail
