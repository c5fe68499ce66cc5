#include "topology/subtopologies.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string_view>

namespace millrace::detail {

namespace {

size_t IndexOf(NodeId id) { return static_cast<size_t>(id.value()); }

// Disjoint sets of node indexes.
class UnionFind {
 public:
  explicit UnionFind(size_t size) : parent_(size) {
    std::iota(parent_.begin(), parent_.end(), size_t{0});
  }
  size_t Root(size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void Unite(size_t a, size_t b) { parent_[Root(a)] = Root(b); }

 private:
  std::vector<size_t> parent_;
};

UnionFind GroupNodes(const TopologyData& data) {
  UnionFind groups(data.nodes.size());
  std::map<std::string_view, size_t> first_user;
  for (size_t i = 0; i < data.nodes.size(); ++i) {
    for (NodeId parent : data.nodes[i].parents) groups.Unite(i, IndexOf(parent));
    for (const std::string& store : data.nodes[i].stores) {
      groups.Unite(i, first_user.try_emplace(store, i).first->second);
    }
  }
  return groups;
}

template <class T>
void AppendOnce(const std::vector<T>& from, std::vector<T>* to) {
  for (const T& item : from) {
    if (std::find(to->begin(), to->end(), item) == to->end()) to->push_back(item);
  }
}

// The stores that the sub-topology's nodes use, in the order in which the topology declares them.
std::vector<std::string> StoresOf(const TopologyData& data, const SubtopologySpec& sub) {
  std::vector<std::string> stores;
  for (const StoreSpec& store : data.stores) {
    const bool used = std::any_of(sub.nodes.begin(), sub.nodes.end(), [&](NodeId id) {
      const std::vector<std::string>& names = data.node(id).stores;
      return std::find(names.begin(), names.end(), store.name) != names.end();
    });
    if (used) stores.push_back(store.name);
  }
  return stores;
}

std::vector<bool> Upstream(const TopologyData& data, const std::vector<NodeId>& nodes) {
  std::vector<bool> seen(data.nodes.size(), false);
  std::vector<NodeId> open = nodes;
  while (!open.empty()) {
    const NodeId id = open.back();
    open.pop_back();
    if (seen[IndexOf(id)]) continue;
    seen[IndexOf(id)] = true;
    const std::vector<NodeId>& parents = data.node(id).parents;
    open.insert(open.end(), parents.begin(), parents.end());
  }
  return seen;
}

}  // namespace

void SetGlobalStoresApart(TopologyData* data) {
  std::set<std::string> global;
  for (const NodeSpec& node : data->nodes) {
    if (node.global) global.insert(node.stores.begin(), node.stores.end());
  }
  for (NodeSpec& node : data->nodes) {
    if (node.global) continue;
    const auto reads =
        std::stable_partition(node.stores.begin(), node.stores.end(),
                              [&](const std::string& store) { return !global.contains(store); });
    node.global_stores.assign(reads, node.stores.end());
    node.stores.erase(reads, node.stores.end());
  }
}

std::vector<SubtopologySpec> CutIntoSubtopologies(const TopologyData& data) {
  UnionFind groups = GroupNodes(data);
  std::map<size_t, size_t> number_of_root;
  std::vector<SubtopologySpec> subtopologies;
  for (size_t i = 0; i < data.nodes.size(); ++i) {
    const size_t number =
        number_of_root.try_emplace(groups.Root(i), number_of_root.size()).first->second;
    if (number == subtopologies.size()) subtopologies.emplace_back();
    subtopologies[number].nodes.push_back(NodeId(static_cast<int32_t>(i)));
    AppendOnce(data.nodes[i].topics, &subtopologies[number].source_topics);
    subtopologies[number].global = data.nodes[i].global;
  }
  for (SubtopologySpec& sub : subtopologies) sub.stores = StoresOf(data, sub);
  return subtopologies;
}

std::vector<CopartitionGroup> ResolveCopartitions(const TopologyData& data,
                                                  const std::vector<CopartitionRequest>& requests) {
  std::vector<CopartitionGroup> groups;
  for (const CopartitionRequest& request : requests) {
    const std::vector<bool> upstream = Upstream(data, request.nodes);
    CopartitionGroup group{{}, request.reason};
    for (size_t i = 0; i < data.nodes.size(); ++i) {
      if (upstream[i]) AppendOnce(data.nodes[i].topics, &group.topics);
    }
    if (group.topics.size() > 1) groups.push_back(std::move(group));
  }
  return groups;
}

}  // namespace millrace::detail
