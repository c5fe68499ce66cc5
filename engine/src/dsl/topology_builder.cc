#include "millrace/topology_builder.h"

#include "dsl/flow.h"

namespace millrace {

TopologyBuilder::TopologyBuilder(std::string name, TopologyOptions options)
    : flow_(std::make_shared<detail::Flow>(std::move(name), std::move(options.errors))) {
  flow_->graph().SetAdvanceWhenIdle(options.advance_when_idle);
}

TopologyBuilder::TopologyBuilder(TopologyBuilder&&) noexcept = default;
TopologyBuilder& TopologyBuilder::operator=(TopologyBuilder&&) noexcept = default;
TopologyBuilder::~TopologyBuilder() = default;

void TopologyBuilder::AddStore(detail::StoreSpec store) {
  flow_->graph().AddStore(std::move(store));
}

absl::StatusOr<Topology> TopologyBuilder::Build() && { return flow_->Build(); }

}  // namespace millrace
