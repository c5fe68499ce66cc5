// The compiled operators behind the DSL's verbs, and the erased functions that they run.
// DSL headers turn a user's lambda into one of these functions and hand it to a Make… factory;
// the engines are engine/src/processor/*.cc, one operator per file.
//
// Results of user functions live on the caller's stack (or in a reused ErasedValue) and are passed
// on by pointer, so that nothing is allocated per record. A function that throws leaves the row
// that it was called for as it was; the windows of the same record before it are updated already.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "millrace/detail/codec.h"
#include "millrace/detail/erased_processor.h"
#include "millrace/detail/table_node.h"

namespace millrace::detail {

using Predicate = std::function<bool(const ErasedRecord&)>;
using RecordAction = std::function<void(const ErasedRecord&)>;

// Calls the sink once per result (not at all, or many times, for FlatMapValues); null = null.
using ValueSink = absl::FunctionRef<void(const void*)>;
using ValueMapper = std::function<void(const ErasedRecord&, ValueSink)>;

using PairSink = absl::FunctionRef<void(const void* key, const void* value)>;
using PairMapper = std::function<void(const ErasedRecord&, PairSink)>;

// Joins a stream's record with a row of a table (null: none).
using Joiner = std::function<void(const ErasedRecord&, const void* row, ValueSink)>;

// An aggregation over the records of a key.
struct Aggregation {
  const Codec* codec = nullptr;  // of the aggregate
  // The aggregate before the first record; may use the box to hold it. Null: starts from null.
  std::function<const void*(ErasedValue* box)> initial;
  // The aggregate after the record; null deletes it. May use the box to hold it. `before` stays
  // as it is.
  std::function<const void*(const ErasedRecord& record, const void* before, ErasedValue* box)>
      apply;
  // Windowed aggregations only: null values reach apply() instead of being dropped.
  bool takes_null_values = false;
  // Session windows only: the aggregate of two sessions that become one; null: there is none.
  // Neither is changed. `one` is null where the aggregation starts from null. May use the box.
  std::function<const void*(const void* key, const void* one, const void* two, ErasedValue* box)>
      merge;
};

// Tumbling (advance == size) or hopping windows [start, start + size), aligned to the epoch.
struct TimeWindows {
  Duration size{0};
  Duration advance{0};
  Duration grace{0};
  // Unlimited windows: the start of the only one; the rest does not count.
  std::optional<Timestamp> only_start = std::nullopt;
};
// Windows [start, start + difference] around the records.
struct SlidingWindows {
  Duration difference{0};
  Duration grace{0};
};
// Windows [first record, last record], at most `gap` between two neighbours.
struct SessionWindows {
  Duration gap{0};
  Duration grace{0};
};

// What the operators of all windowed aggregations are made with.
struct WindowFold {
  Aggregation aggregation;
  const WindowedCodec* windowed = nullptr;
  std::shared_ptr<const TableNode> self;
  // A key-value store that remembers which windows came out: each does so once, when it is closed.
  // Empty: every update comes out.
  std::string emitted_store;
  // What a record makes closed comes out before the record moves the store's time on, so that
  // retention does not hide it first; or after it.
  bool emit_before_update = true;
  // The child that gets the records that are late for all of their windows; empty: none.
  std::string late;
};

// Stateless steps.
ProcessorFactory MakeFilter(Predicate matches, bool negate);
ProcessorFactory MakeMapValues(ValueMapper map);
ProcessorFactory MakeSelectKey(ValueMapper select);
ProcessorFactory MakeMap(PairMapper map);  // and FlatMap
ProcessorFactory MakePeek(RecordAction action);
ProcessorFactory MakeForEach(RecordAction action);
ProcessorFactory MakePassThrough();  // merge; a branch of a split
// Forwards to the child of the first predicate that matches; a null predicate matches always.
ProcessorFactory MakeSplit(std::vector<Predicate> predicates, std::vector<std::string> children);

// Tables. `self` describes the table that the step makes.
ProcessorFactory MakeTableSource(std::shared_ptr<const TableNode> self);
// A filter drops tombstones that nobody needs if it knows the row before: whoever makes one asks
// its parent, `self->send_old_values = EnableOldValues(parent)`.
ProcessorFactory MakeTableFilter(Predicate matches, bool negate,
                                 std::shared_ptr<const TableNode> self);
ProcessorFactory MakeTableMapValues(ValueMapper map, std::shared_ptr<const TableNode> self);
ProcessorFactory MakeToStream();

// Holds updates back. `limit` runs from the end of a window if `until_closed`, from the timestamp
// of the first update that waits otherwise.
struct Suppression {
  StoreSpec store;  // of the updates that wait
  const Codec* key = nullptr;
  const Codec* value = nullptr;
  const WindowedCodec* windowed = nullptr;  // of the key; null: it has no window
  bool until_closed = false;
  Duration limit{0};
  std::optional<size_t> max_records;
};
// The newest update of each key within a transaction, at its commit.
ProcessorFactory MakeEmitOnCommit(const Codec* key, const Codec* value);
ProcessorFactory MakeSuppress(Suppression what, std::shared_ptr<const TableNode> self);

// Aggregations of streams into the key-value or window store of `self`.
ProcessorFactory MakeAggregate(Aggregation aggregation, std::shared_ptr<const TableNode> self);
ProcessorFactory MakeWindowedAggregate(WindowFold fold, TimeWindows windows);
ProcessorFactory MakeSlidingAggregate(WindowFold fold, SlidingWindows windows);
// Into the session store of `self`.
ProcessorFactory MakeSessionAggregate(WindowFold fold, SessionWindows windows);
// Counts records in an int64_t.
Aggregation CountAggregation();

// A join of two streams, as the steps of both sides know it.
struct StreamJoin {
  Joiner join;  // of a left record and the right one's value; null: it has none
  Duration before{0};
  Duration after{0};
  Duration grace{0};
  // Whether records of that side come out unmatched.
  bool left_outer = false;
  bool right_outer = false;
  bool kafka_streams_rules = false;
  // Window stores that retain duplicates.
  std::string left_store;
  std::string right_store;
  // A key-value store of Bytes for the records that wait for a match; empty for an inner join.
  std::string waiting_store;
  const Codec* key = nullptr;
  const Codec* left = nullptr;
  const Codec* right = nullptr;
};
enum class JoinSide { kLeft, kRight };

// Keeps the records of a side for the other one. Those that are too old go to the child `late`
// only; without one they pass.
ProcessorFactory MakeJoinWindow(std::string store, std::string late);
// Behind the JoinWindow of that side.
ProcessorFactory MakeStreamJoin(StreamJoin join, JoinSide side);
// An inner join of a stream with itself, behind a JoinWindow with the left store.
ProcessorFactory MakeStreamSelfJoin(StreamJoin join);

// Looks up the table's row of each record's key.
ProcessorFactory MakeStreamTableJoin(Joiner join, bool left,
                                     std::shared_ptr<const TableNode> table);
// Looks up the row of the key that is selected from each record in a global table, which is kept in
// the key-value store `store`.
ProcessorFactory MakeStreamGlobalJoin(ValueMapper select_key, Joiner join, bool left,
                                      std::string store);
// As MakeStreamTableJoin, as of each record's timestamp, once the stream has gone on by `grace`.
struct GraceJoin {
  Joiner join;
  bool left = false;
  Duration grace{0};
  std::string store;  // key-value, of Bytes: the records that wait
  const Codec* key = nullptr;
  const Codec* value = nullptr;
};
ProcessorFactory MakeStreamTableGraceJoin(GraceJoin join, std::shared_ptr<const TableNode> table);

}  // namespace millrace::detail
