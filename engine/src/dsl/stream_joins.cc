// Joins of two streams. Names of steps, stores and topics are Kafka Streams'.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dsl/flow.h"
#include "millrace/detail/lowering.h"
#include "millrace/serde.h"

namespace millrace::detail {

namespace {

StreamHandle Keyed(const StreamHandle& stream, const StreamStreamJoin& step, const char* suffix,
                   const Codec* value) {
  return RepartitionIfNeeded(stream, {.name = step.name + suffix,
                                      .key = step.join.key,
                                      .value = value,
                                      .keep_null_keys = step.join.left_outer});
}

void CheckWindow(const StreamStreamJoin& step, GraphBuilder* graph) {
  const StreamJoin& join = step.join;
  if (join.before + join.after < Duration(0)) {
    graph->AddError(absl::StrCat("join \"", step.name, "\" has a window that ends ",
                                 -(join.before + join.after).count(),
                                 " ms before it starts; before + after must not be negative"));
  }
  if (join.grace < Duration(0)) {
    graph->AddError(absl::StrCat("join \"", step.name, "\" has a grace of ", join.grace.count(),
                                 " ms; it cannot be negative"));
  }
}

StoreSpec WindowSpec(const StreamStreamJoin& step, std::string name, const Codec* value) {
  const StreamJoin& join = step.join;
  StoreSpec spec = step.store;
  spec.name = std::move(name);
  spec.kind = StoreKind::kWindow;
  spec.value = value;
  spec.window_size = join.before + join.after;
  // A record is visible for less than its retention; a match may be as far away as all three.
  const Duration visible(join.kafka_streams_rules ? 0 : 1);
  spec.retention = spec.window_size + join.grace + visible;
  spec.retain_duplicates = true;
  return spec;
}

// The step that keeps a side's records, and the way out of those that are late.
NodeId AddSide(const StreamHandle& stream, const std::string& name, const StoreSpec& store,
               const LateTopic& late) {
  GraphBuilder& graph = stream.flow->graph();
  const NodeId node = AddNode(stream, name, MakeJoinWindow(store.name, LateSinkName(name, late)));
  NoteTypes(stream.flow, node, store.key, store.value);
  graph.ConnectStore(node, store.name);
  graph.AddStore(store);
  AddLateSink(stream.flow, node, late);
  return node;
}

StreamHandle AddTwoSides(const StreamHandle& left, const StreamHandle& right,
                         StreamStreamJoin step) {
  const std::shared_ptr<Flow>& flow = left.flow;
  GraphBuilder& graph = flow->graph();
  StreamJoin& join = step.join;
  const std::string this_join = step.name + (join.right_outer ? "-outer-this-join" : "-this-join");
  const std::string other_join =
      step.name + (join.left_outer ? "-outer-other-join" : "-other-join");
  const StoreSpec left_store = WindowSpec(step, this_join + "-store", join.left);
  const StoreSpec right_store = WindowSpec(step, other_join + "-store", join.right);
  join.left_store = left_store.name;
  join.right_store = right_store.name;
  const NodeId left_side = AddSide(left, step.name + "-this-windowed", left_store, step.late);
  const NodeId right_side =
      AddSide(right, step.name + "-other-windowed", right_store, step.other_late);
  if (join.left_outer) {
    StoreSpec waiting = step.store;
    waiting.name = step.name + (join.right_outer ? "-outer" : "-left") + "-shared-join-store";
    waiting.key = CodecOf<Bytes>();
    waiting.value = CodecOf<Bytes>();
    join.waiting_store = waiting.name;
    graph.AddStore(std::move(waiting));
  }
  const NodeId this_node =
      AddNode(flow, left_side, this_join, MakeStreamJoin(join, JoinSide::kLeft));
  const NodeId other_node =
      AddNode(flow, right_side, other_join, MakeStreamJoin(join, JoinSide::kRight));
  graph.ConnectStore(this_node, join.right_store);
  graph.ConnectStore(other_node, join.left_store);
  if (!join.waiting_store.empty()) {
    graph.ConnectStore(this_node, join.waiting_store);
    graph.ConnectStore(other_node, join.waiting_store);
  }
  NodeSpec merge;
  merge.name = step.name + "-merge";
  merge.parents = {this_node, other_node};
  merge.passes_on = true;
  merge.factory = MakePassThrough();
  return {flow, graph.AddProcessor(std::move(merge))};
}

StreamHandle AddOneSide(const StreamHandle& stream, StreamStreamJoin step) {
  GraphBuilder& graph = stream.flow->graph();
  const StoreSpec store = WindowSpec(step, step.name + "-this-join-store", step.join.left);
  step.join.left_store = store.name;
  const NodeId side = AddSide(stream, step.name + "-this-windowed", store, step.late);
  const NodeId node =
      AddNode(stream.flow, side, step.name + "-merge", MakeStreamSelfJoin(step.join));
  graph.ConnectStore(node, store.name);
  return {stream.flow, node};
}

}  // namespace

StreamHandle AddStreamStreamJoin(const StreamHandle& left, const StreamHandle& right,
                                 StreamStreamJoin step) {
  if (FromTwoBuilders(left.flow, right.flow, "a join")) return left;
  GraphBuilder& graph = left.flow->graph();
  CheckWindow(step, &graph);
  const bool same = left.node == right.node;
  if (step.one_store && (!same || step.join.left_outer)) {
    graph.AddError(absl::StrCat("join \"", step.name, "\" asks for one store, but ",
                                same ? "only Join can do with one" : "joins two streams",
                                "; leave one_store out"));
    return left;
  }
  const StreamHandle keyed = Keyed(left, step, "-left", step.join.left);
  if (step.one_store) return AddOneSide(keyed, std::move(step));
  // A stream that meets itself goes through one topic.
  const StreamHandle other = same ? keyed : Keyed(right, step, "-right", step.join.right);
  const std::string name = step.name;
  const StreamHandle joined = AddTwoSides(keyed, other, std::move(step));
  graph.RequireCopartition({keyed.node, other.node}, absl::StrCat("join \"", name, "\""));
  return joined;
}

}  // namespace millrace::detail
