#include "millrace/topology.h"

#include "millrace/detail/topology_data.h"
#include "topology/describe.h"

namespace millrace {

const std::string& Topology::name() const { return data_->name; }

std::string Topology::Describe() const { return detail::DescribeText(*data_); }
std::string Topology::DescribeJson() const { return detail::DescribeJson(*data_); }
std::string Topology::DescribeDot() const { return detail::DescribeDot(*data_); }

}  // namespace millrace
