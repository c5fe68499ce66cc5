// The compiled operators behind the verbs that regroup, transform and join tables, and the erased
// functions that they run. See operators.h for the rest and for the rules that hold for all.
#pragma once

#include <functional>
#include <memory>

#include "millrace/detail/operators.h"

namespace millrace::detail {

// -- Aggregations of tables. Two steps with a repartition topic between them.

// Turns a row into a row of a group. Rows without a new key or value belong to no group.
struct Regrouping {
  PairMapper select;
  const Codec* key = nullptr;    // of the group
  const Codec* value = nullptr;  // of the row in the group
};
// Sends, under the group's key, what an update takes out of a group and what it puts in: one record
// where the group stays the same, else the one that takes out first. Values are `Bytes`
// (processor/change_bytes.h). REQUIRES: updates with old values.
ProcessorFactory MakeTableGroupBy(Regrouping what);

struct TableAggregation {
  Aggregation add;
  // The aggregate without the record's value; as Aggregation::apply.
  decltype(Aggregation::apply) subtract;
  const Codec* value = nullptr;  // of the rows in a group
};
// Folds what MakeTableGroupBy sends into the key-value store of `self`.
ProcessorFactory MakeTableAggregate(TableAggregation aggregation,
                                    std::shared_ptr<const TableNode> self);
// Counts the rows of a group in an int64_t.
TableAggregation CountRowsAggregation();

// -- A table of what a stateful object makes of each row.

class ErasedTransformer {
 public:
  virtual ~ErasedTransformer() = default;
  virtual void Init(ErasedContext* context) = 0;
  // Calls the sink once; null deletes. The record's value may be null.
  virtual void Transform(const ErasedRecord& row, ValueSink sink) = 0;
  virtual void Close() = 0;
};
using TransformerFactory = std::function<std::unique_ptr<ErasedTransformer>()>;
// REQUIRES: `self` has a store.
ProcessorFactory MakeTableTransformValues(TransformerFactory make,
                                          std::shared_ptr<const TableNode> self);

// -- Joins of two tables with the same keys.

enum class TableJoinKind { kInner, kLeft, kOuter };

struct TableJoin {
  // Called with the left row as the record's value, and the right one.
  Joiner join;
  TableJoinKind kind = TableJoinKind::kInner;

  // Whether two rows (null: none) make one of the result.
  bool Makes(const void* left, const void* right) const {
    if (kind == TableJoinKind::kOuter) return left != nullptr || right != nullptr;
    return left != nullptr && (kind == TableJoinKind::kLeft || right != nullptr);
  }
};
enum class TableSide { kLeft, kRight };
// The updates of one side meet the rows of `other`. Left joins need the old values of the left
// table, outer joins those of both. `self` is the table that is made.
ProcessorFactory MakeTableJoin(TableJoin join, TableSide side,
                               std::shared_ptr<const TableNode> other,
                               std::shared_ptr<const TableNode> self);
TableGetterFactory JoinGetter(TableJoin join, TableGetterFactory left, TableGetterFactory right);

}  // namespace millrace::detail
