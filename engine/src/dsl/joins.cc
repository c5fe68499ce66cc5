// Joins of a stream with a table.
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dsl/flow.h"
#include "dsl/tables.h"
#include "millrace/detail/lowering.h"
#include "millrace/serde.h"

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

// Whether the table has the history that records need which wait for `grace`.
bool ReachesBack(const TableHandle& table, const StreamTableJoin& join, GraphBuilder* graph) {
  if (join.key == nullptr || join.value == nullptr) {
    graph->AddError(absl::StrCat("step \"", join.name, "\" keeps records that wait, but their ",
                                 join.key == nullptr ? "key" : "value",
                                 " type has no Serde; specialise millrace::Serde"));
    return false;
  }
  const std::optional<Duration>& history = table.table->history;
  if (*join.grace < Duration(0)) {
    graph->AddError(absl::StrCat("step \"", join.name, "\" has a grace of ", join.grace->count(),
                                 " ms; it cannot be negative"));
    return false;
  }
  if (history.has_value() && *history >= *join.grace) return true;
  graph->AddError(
      absl::StrCat("step \"", join.name, "\" looks back by a grace of ", join.grace->count(),
                   " ms into the table \"", graph->node(table.node).name, "\", which has ",
                   history.has_value() ? absl::StrCat("a history of ", history->count(), " ms")
                                       : std::string("no history"),
                   "; give its store one that is as long: {.history = ...}"));
  return false;
}

StoreSpec WaitingRecords(const StreamTableJoin& join) {
  StoreSpec store;
  store.name = absl::StrCat(join.name, "-buffer");
  store.key = CodecOf<Bytes>();
  store.value = CodecOf<Bytes>();
  if (join.in_memory) store.backend = StoreBackendKind::kMemory;
  return store;
}

// Joins once the stream has gone on by the grace.
NodeId AddGraceJoin(const StreamHandle& stream, const TableHandle& table, StreamTableJoin join) {
  StoreSpec store = WaitingRecords(join);
  const NodeId node = AddNode(stream, join.name,
                              MakeStreamTableGraceJoin({.join = std::move(join.join),
                                                        .left = join.left,
                                                        .grace = *join.grace,
                                                        .store = store.name,
                                                        .key = join.key,
                                                        .value = join.value},
                                                       table.table));
  stream.flow->graph().ConnectStore(node, store.name);
  stream.flow->graph().AddStore(std::move(store));
  return node;
}

NodeId AddJoin(const StreamHandle& stream, const TableHandle& table, StreamTableJoin join) {
  if (join.grace.has_value()) return AddGraceJoin(stream, table, std::move(join));
  std::string name = !join.name.empty() ? join.name : join.left ? "left-join-" : "join-";
  return AddNode(stream, std::move(name),
                 MakeStreamTableJoin(std::move(join.join), join.left, table.table));
}

}  // namespace

StreamHandle AddStreamTableJoin(const StreamHandle& stream, const TableHandle& table,
                                StreamTableJoin join) {
  const char* verb = join.left ? "LeftJoin" : "Join";
  if (FromTwoBuilders(stream.flow, table.flow, verb)) return stream;
  GraphBuilder& graph = stream.flow->graph();
  if (IsKeptNowhere(table, verb)) return stream;
  if (join.grace.has_value() && !ReachesBack(table, join, &graph)) return stream;
  const StreamHandle keyed = Keyed(stream, join, verb);
  const NodeId node = AddJoin(keyed, table, std::move(join));
  for (const std::string& store : table.table->getter_stores) graph.ConnectStore(node, store);
  graph.RequireCopartition({keyed.node, table.node},
                           absl::StrCat("step \"", graph.node(node).name, "\""));
  return {keyed.flow, node};
}

}  // namespace millrace::detail
