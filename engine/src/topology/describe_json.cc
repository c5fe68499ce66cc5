#include <boost/json.hpp>

#include "topology/describe.h"
#include "topology/topic_names.h"

namespace millrace::detail {

namespace {

namespace json = boost::json;

json::array Names(const TopologyData& data, const std::vector<NodeId>& nodes) {
  json::array names;
  for (const NodeId id : nodes) names.emplace_back(data.node(id).name);
  return names;
}

json::array Names(const std::vector<std::string>& strings) {
  return json::array(strings.begin(), strings.end());
}

json::array Names(const std::vector<TopicRef>& topics) {
  json::array names;
  for (const TopicRef& topic : topics) names.emplace_back(DisplayName(topic));
  return names;
}

json::object SubtopologyJson(const TopologyData& data, size_t number) {
  const SubtopologySpec& sub = data.subtopologies[number];
  json::array sources;
  json::array processors;
  json::array sinks;
  for (const NodeId id : sub.nodes) {
    const NodeSpec& node = data.node(id);
    if (node.kind == NodeSpec::Kind::kSource) {
      sources.push_back(json::object{{"name", node.name},
                                     {"topics", Names(node.topics)},
                                     {"children", Names(data, node.children)}});
    } else if (node.kind == NodeSpec::Kind::kProcessor) {
      json::object processor = {{"name", node.name},
                                {"stores", Names(node.stores)},
                                {"parents", Names(data, node.parents)},
                                {"children", Names(data, node.children)}};
      if (!node.global_stores.empty()) processor["global_stores"] = Names(node.global_stores);
      processors.push_back(std::move(processor));
    } else {
      json::value topic = nullptr;
      if (node.topic_chooser == nullptr) topic = json::string(DisplayName(node.sink_topic));
      sinks.push_back(json::object{
          {"name", node.name}, {"topic", topic}, {"parents", Names(data, node.parents)}});
    }
  }
  json::object object = {{"id", number},
                         {"sources", sources},
                         {"processors", processors},
                         {"sinks", sinks},
                         {"stores", Names(sub.stores)}};
  if (sub.global) object["global"] = true;
  return object;
}

json::object StoreJson(const StoreSpec& store) {
  const bool window = store.kind == StoreKind::kWindow;
  const bool session = store.kind == StoreKind::kSession;
  const bool versioned = store.kind == StoreKind::kVersioned;
  json::object object = {
      {"name", store.name},
      {"kind", window      ? "window"
               : session   ? "session"
               : versioned ? "versioned"
                           : "key-value"},
      {"backend", store.backend == StoreBackendKind::kMemory ? "memory" : "rocksdb"},
      {"changelog", store.changelog}};
  if (window) object["window_size_ms"] = store.window_size.count();
  if (window || session) object["retention_ms"] = store.retention.count();
  if (versioned) object["history_ms"] = store.retention.count();
  if (store.max_rows > 0) object["max_rows"] = store.max_rows;
  return object;
}

json::object RepartitionJson(const RepartitionSpec& repartition) {
  json::value partitions = nullptr;
  if (repartition.partitions.has_value()) partitions = *repartition.partitions;
  return {{"name", repartition.name}, {"partitions", partitions}};
}

}  // namespace

std::string DescribeJson(const TopologyData& data) {
  json::array subtopologies;
  for (size_t i = 0; i < data.subtopologies.size(); ++i) {
    subtopologies.push_back(SubtopologyJson(data, i));
  }
  json::array stores;
  for (const StoreSpec& store : data.stores) stores.push_back(StoreJson(store));
  json::array repartitions;
  for (const RepartitionSpec& spec : data.repartitions) {
    repartitions.push_back(RepartitionJson(spec));
  }
  json::array copartitions;
  for (const CopartitionGroup& group : data.copartitions) {
    copartitions.push_back(json::object{{"topics", Names(group.topics)}, {"reason", group.reason}});
  }
  return json::serialize(json::object{{"name", data.name},
                                      {"subtopologies", subtopologies},
                                      {"stores", stores},
                                      {"repartitions", repartitions},
                                      {"copartitions", copartitions}});
}

}  // namespace millrace::detail
