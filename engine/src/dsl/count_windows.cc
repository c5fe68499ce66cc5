// Aggregations of grouped streams per number of records.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dsl/flow.h"
#include "millrace/detail/more_lowering.h"

namespace millrace::detail {

StreamHandle AddCountWindow(GroupedNode* grouped, StoreSpec store, CountedFold fold) {
  const std::shared_ptr<Flow>& flow = grouped->stream.flow;
  const std::string name = store.name;
  if (fold.size < 1) {
    flow->graph().AddError(absl::StrCat("step \"", name, "\" has windows of ", fold.size,
                                        " records; give them at least 1"));
    return grouped->stream;
  }
  RepartitionOnce(grouped, name);
  fold.store = name;
  const NodeId node = AddNode(grouped->stream, name, MakeCountWindow(std::move(fold)));
  flow->graph().ConnectStore(node, name);
  flow->graph().AddStore(std::move(store));
  return {flow, node};
}

}  // namespace millrace::detail
