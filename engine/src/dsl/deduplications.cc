// Streams without duplicates.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dsl/flow.h"
#include "millrace/detail/more_lowering.h"
#include "millrace/serde.h"

namespace millrace::detail {

StreamHandle AddDeduplicate(const StreamHandle& stream, DeduplicateStep step) {
  GraphBuilder& graph = stream.flow->graph();
  const std::string name = step.store.name;
  Deduplication& what = step.what;
  if (what.horizon < Duration(0) || what.grace < Duration(0)) {
    graph.AddError(absl::StrCat("Deduplicate \"", name, "\" has a negative ",
                                what.horizon < Duration(0) ? "horizon" : "grace",
                                "; it must not be"));
    return stream;
  }
  // Records without a key have no duplicates, in any partition.
  const StreamHandle keyed = RepartitionIfNeeded(
      stream, {.name = name, .key = what.key, .value = step.value, .keep_null_keys = true});
  if (what.select_id != nullptr) step.store.key = CodecOf<Bytes>();
  step.store.value = CodecOf<Bytes>();
  step.store.kind = StoreKind::kWindow;
  // The oldest record that is looked at looks back by the horizon.
  step.store.retention = what.horizon + what.grace + Duration(1);
  what.store = name;
  what.late = LateSinkName(name, step.late);
  const NodeId node = AddNode(keyed, name, MakeDeduplicate(std::move(what)));
  graph.ConnectStore(node, name);
  graph.AddStore(std::move(step.store));
  AddLateSink(keyed.flow, node, step.late);
  return {keyed.flow, node};
}

}  // namespace millrace::detail
