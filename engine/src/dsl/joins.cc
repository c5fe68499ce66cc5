// Joins of a stream with a table.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dsl/flow.h"
#include "dsl/tables.h"
#include "millrace/detail/lowering.h"

namespace millrace::detail {

namespace {

// The stream, with the records of a key in the partition of the table's row.
StreamHandle Keyed(const StreamHandle& stream, const StreamTableJoin& join, const char* verb) {
  if (!stream.key_changed) return stream;
  if (join.name.empty()) {
    stream.flow->graph().AddError(absl::StrCat(
        verb, " follows a step that changes the key, so it needs a repartition topic; name it: ",
        verb, "(\"name\", table, function)"));
    return stream;
  }
  return AddRepartition(
      stream,
      {.name = join.name, .key = join.key, .value = join.value, .keep_null_keys = join.left});
}

}  // namespace

StreamHandle AddStreamTableJoin(const StreamHandle& stream, const TableHandle& table,
                                StreamTableJoin join) {
  const char* verb = join.left ? "LeftJoin" : "Join";
  if (FromTwoBuilders(stream.flow, table.flow, verb)) return stream;
  GraphBuilder& graph = stream.flow->graph();
  if (IsKeptNowhere(table, verb)) return stream;
  const StreamHandle keyed = Keyed(stream, join, verb);
  std::string name = !join.name.empty() ? join.name : join.left ? "left-join-" : "join-";
  const NodeId node = AddNode(keyed, std::move(name),
                              MakeStreamTableJoin(std::move(join.join), join.left, table.table));
  for (const std::string& store : table.table->getter_stores) graph.ConnectStore(node, store);
  graph.RequireCopartition({keyed.node, table.node},
                           absl::StrCat("step \"", graph.node(node).name, "\""));
  return {keyed.flow, node};
}

}  // namespace millrace::detail
