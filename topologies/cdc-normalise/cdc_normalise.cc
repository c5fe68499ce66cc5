#include "topologies/cdc-normalise/cdc_normalise.h"

#include <utility>

#include "millrace/topology_builder.h"
#include "schemas/topics.h"
#include "topologies/common/normalise/normalise.h"

namespace millrace::topologies {

absl::StatusOr<Topology> BuildCdcNormalise() {
  TopologyBuilder flow("cdc-normalise");
  NormalPosts(&flow).To(topics::kNormalPosts);
  NormalFollows(&flow).To(topics::kNormalFollows);
  NormalLikes(&flow).To(topics::kNormalLikes);
  NormalComments(&flow).To(topics::kNormalComments);
  return std::move(flow).Build();
}

}  // namespace millrace::topologies
