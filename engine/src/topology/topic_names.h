// How a topology's topics are shown and found.
#pragma once

#include <string>

#include "millrace/detail/topology_data.h"

namespace millrace::detail {

// The name without the application's prefix, as Kafka Streams describes it: "words-repartition".
inline std::string DisplayName(const TopicRef& topic) {
  return topic.internal ? topic.name + "-repartition" : topic.name;
}

// The repartition behind an internal topic; null for a topic of the outside.
inline const RepartitionSpec* FindRepartition(const TopologyData& data, const TopicRef& topic) {
  if (!topic.internal) return nullptr;
  for (const RepartitionSpec& repartition : data.repartitions) {
    if (repartition.name == topic.name) return &repartition;
  }
  return nullptr;
}

}  // namespace millrace::detail
