// The compiled operators behind foreign-key joins; engine/src/processor/subscription.h draws how
// they work together.
#pragma once

#include <memory>
#include <string>

#include "millrace/detail/operators.h"
#include "millrace/detail/topology_data.h"

namespace millrace::detail {

struct ForeignKeyJoin {
  // The right table's key that is in a left row; null: there is none. Calls the sink once.
  ValueMapper foreign_key;
  // Called with the left row as the record's value, and the right one.
  Joiner join;
  bool left = false;             // also without a right row
  const Codec* key = nullptr;    // of the left table
  const Codec* value = nullptr;  // of the left table
  const Codec* other_key = nullptr;
  const Codec* other_value = nullptr;
  std::string store;  // of subscriptions: Bytes -> Bytes
};

// REQUIRES: updates with old values.
ProcessorFactory MakeSubscriptionSend(ForeignKeyJoin join);
ProcessorFactory MakeSubscriptionReceive(ForeignKeyJoin join,
                                         std::shared_ptr<const TableNode> right);
ProcessorFactory MakeForeignUpdate(ForeignKeyJoin join);
// Forwards results to the child `result`, and subscriptions to the child `again` (inner joins).
ProcessorFactory MakeResponseResolve(ForeignKeyJoin join, std::shared_ptr<const TableNode> left,
                                     std::string result, std::string again);
// Back to the partition in which the left row is.
Partitioner ResponsePartitioner();

}  // namespace millrace::detail
