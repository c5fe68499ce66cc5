// GlobalTable<K, V>: the latest value of each key of a topic, all of its partitions, whole in every
// engine; made by TopologyBuilder::GlobalTableFrom. Streams look into it under any key, without a
// repartition topic. It suits small tables that are read everywhere.
//
// A handle on a topology under construction, as Table; nothing but joins and processors can be made
// of it. Each engine keeps one copy, in "<state_directory>/<application id>/<store>-global", that
// its tasks share. It follows its topic on a thread of its own, so that a record meets whatever the
// table holds at that moment. Only the start is ordered: a step that reads it runs from when it
// holds all that was in its topic at the engine's start. Its topic should be compacted: it is the
// only durable copy, and is read again when the state is lost.
#pragma once

#include <utility>

#include "millrace/detail/lowering.h"

namespace millrace {

template <class K, class V>
class GlobalTable {
 public:
  using Key = K;
  using Value = V;

  // For the verbs themselves.
  explicit GlobalTable(detail::GlobalHandle handle) : handle_(std::move(handle)) {}
  const detail::GlobalHandle& handle() const { return handle_; }

 private:
  detail::GlobalHandle handle_;
};

}  // namespace millrace
