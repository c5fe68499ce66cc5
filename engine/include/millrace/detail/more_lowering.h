// The untyped half of the verbs that Kafka Streams does not have; lowering.h has the rest.
#pragma once

#include <string>

#include "millrace/detail/lowering.h"
#include "millrace/detail/more_operators.h"
#include "millrace/detail/table_lowering.h"

namespace millrace::detail {

struct DeduplicateStep {
  StoreSpec store;  // of ids
  Deduplication what;
  const Codec* value = nullptr;  // of the stream; null: no Serde
  LateTopic late;
};
StreamHandle AddDeduplicate(const StreamHandle& stream, DeduplicateStep step);

StreamHandle AddCountWindow(GroupedNode* grouped, StoreSpec store, CountedFold fold);

TableHandle AddTableExpiry(const TableHandle& table, StoreSpec store, TableExpiry what);

TableHandle AddTableTop(GroupedTableNode* grouped, StoreSpec store, TableTop what);

}  // namespace millrace::detail
