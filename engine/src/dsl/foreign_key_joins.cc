// Foreign-key joins: two topics between the two tables, there and back.
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dsl/flow.h"
#include "dsl/tables.h"
#include "millrace/detail/table_lowering.h"
#include "millrace/store.h"

namespace millrace::detail {

namespace {

// One join under construction.
class Lowering {
 public:
  Lowering(const TableHandle& left, const TableHandle& right, ForeignKeyStep step)
      : left_(left), right_(right), step_(std::move(step)), graph_(left.flow->graph()) {}

  TableHandle Add() {
    step_.join.store = Named("subscriptions");
    const NodeId asked = AddSubscriptions();
    const NodeId answered = AddAnswers(asked);
    const std::string reason = absl::StrCat("step \"", step_.name, "\"");
    graph_.RequireCopartition({right_.node, asked}, reason);
    graph_.RequireCopartition({left_.node, answered}, reason);
    return AddResult(answered);
  }

 private:
  std::string Named(const char* part) const { return absl::StrCat(step_.name, "-", part); }

  NodeId AddSubscriptions() {
    const NodeId send = AddNode(left_.flow, left_.node, Named("subscription-send"),
                                MakeSubscriptionSend(step_.join));
    NoteTypes(left_.flow, send, step_.join.other_key, CodecOf<Bytes>());
    return graph_.AddRepartition(send, {.name = Named("subscription"), .partitions = std::nullopt},
                                 step_.join.other_key, CodecOf<Bytes>(), step_.partitioner,
                                 /*keep_null_keys=*/true);
  }

  NodeId AddAnswers(NodeId asked) {
    NodeSpec answers;
    answers.name = Named("answers");
    answers.factory = MakePassThrough();
    answers.passes_on = true;
    answers.key = CodecOf<Bytes>();
    answers.value = CodecOf<Bytes>();
    answers.parents = {
        AddNode(left_.flow, asked, Named("subscription-receive"),
                MakeSubscriptionReceive(step_.join, right_.table)),
        AddNode(left_.flow, right_.node, Named("foreign-update"), MakeForeignUpdate(step_.join))};
    for (const NodeId node : answers.parents) {
      graph_.ConnectStore(node, step_.join.store);
      NoteTypes(left_.flow, node, answers.key, answers.value);
    }
    Connect(answers.parents.front(), *right_.table);
    graph_.AddStore(KeyValueSpec<Bytes, Bytes>(step_.join.store));
    // Keys are passed on as the bytes that they came as, and decoded on the other side.
    const NodeId answered =
        graph_.AddRepartition(graph_.AddProcessor(std::move(answers)),
                              {.name = Named("response"), .partitions = std::nullopt},
                              CodecOf<Bytes>(), CodecOf<Bytes>(), ResponsePartitioner(),
                              /*keep_null_keys=*/true);
    graph_.mutable_node(answered).key = step_.join.key;
    return answered;
  }

  TableHandle AddResult(NodeId answered) {
    const NodeId resolve = AddNode(left_.flow, answered, Named("response-resolve"), nullptr);
    Connect(resolve, *left_.table);
    auto table = std::make_shared<TableNode>();
    if (step_.store.has_value()) KeepIn(*step_.store, table.get());
    const TableHandle result =
        AddTableNode(left_.flow, resolve, step_.name, MakeTableSource(table), table, step_.store);
    graph_.mutable_node(result.node).passes_on = true;
    const std::string again = step_.join.left ? "" : AddAgain(resolve);
    // The step forwards to its children by name, so it is made after them.
    graph_.mutable_node(resolve).factory =
        MakeResponseResolve(step_.join, left_.table, graph_.node(result.node).name, again);
    return result;
  }

  std::string AddAgain(NodeId resolve) {
    NodeSpec sink;
    sink.name = Named("subscription-again");
    sink.parents = {resolve};
    sink.key = step_.join.other_key;
    sink.value = CodecOf<Bytes>();
    sink.sink_topic = {Named("subscription"), /*internal=*/true};
    sink.partitioner = step_.partitioner;
    return graph_.node(graph_.AddSink(std::move(sink))).name;
  }

  void Connect(NodeId node, const TableNode& table) {
    for (const std::string& store : table.getter_stores) graph_.ConnectStore(node, store);
  }

  const TableHandle& left_;
  const TableHandle& right_;
  ForeignKeyStep step_;
  GraphBuilder& graph_;
};

}  // namespace

TableHandle AddForeignKeyJoin(const TableHandle& left, const TableHandle& right,
                              ForeignKeyStep step) {
  const std::string verb =
      absl::StrCat(step.join.left ? "LeftJoin" : "Join", " \"", step.name, "\"");
  if (FromTwoBuilders(left.flow, right.flow, verb.c_str())) return left;
  const bool left_is_kept_nowhere = IsKeptNowhere(left, verb);
  if (IsKeptNowhere(right, verb) || left_is_kept_nowhere || LacksOldValues(left, verb)) return left;
  return Lowering(left, right, std::move(step)).Add();
}

}  // namespace millrace::detail
