#include "millrace/copartition.h"

#include <string>
#include <utility>

#include "dsl/flow.h"

namespace millrace::detail {

void RequireCopartition(const StreamHandle& a, const StreamHandle& b, std::string reason) {
  if (FromTwoBuilders(a.flow, b.flow, "CoPartition")) return;
  a.flow->graph().RequireCopartition({a.node, b.node}, std::move(reason));
}

}  // namespace millrace::detail
