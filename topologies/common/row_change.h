// What a change record of a table says about its row, for the first step behind a cdc topic.
#pragma once

#include "connectors/debezium/change.h"
#include "millrace/processor.h"
#include "millrace/record.h"

namespace millrace::topologies {

enum class RowState {
  kExists,   // the row is as the change says
  kGone,     // it was deleted; a tombstone says so once more
  kNoChange  // a message of the database: it is about no row
};

// Refuses (as poison) what cannot be said of one row: a truncated table, a change without a key.
template <class Key, class Row, class Context>
RowState StateAfter(const Record<Key, debezium::Change<Row>>& record, Context& context) {
  using debezium::Op;
  const Op op = record.value == nullptr ? Op::kTombstone : record.value->op;
  if (op == Op::kMessage) return RowState::kNoChange;
  if (op == Op::kTruncate) context.Refuse("the table was truncated: its rows are still kept here");
  if (record.key == nullptr) context.Refuse("a change of a row without a key");
  return record.value != nullptr && record.value->is_upsert() ? RowState::kExists : RowState::kGone;
}

}  // namespace millrace::topologies
