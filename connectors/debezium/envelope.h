// Envelope: a change event of Debezium before its rows are typed. Row types go through Change<Row>
// (change.h); this is for code that treats all tables alike.
//
// Accepted: the plain envelope {before, after, source, op, ts_ms}; the same, or null, inside
// {"schema", "payload"} (schemas.enable); a flat row of the ExtractNewRecordState transform, which
// must add __op or, with delete.tombstone.handling.mode=rewrite, __deleted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connectors/debezium/json_row.h"
#include "connectors/debezium/json_writer.h"
#include "millrace/time.h"

namespace millrace::debezium {

enum class Op : uint8_t {
  kCreate,     // c
  kUpdate,     // u; also a flat row that does not say what happened to it
  kDelete,     // d
  kSnapshot,   // r: the row existed when the connector took its snapshot
  kTruncate,   // t: the table is empty now; without key, in no order with the rows
  kMessage,    // m: pg_logical_emit_message, of no table
  kTombstone,  // no value: what follows a deletion, for compaction
};

// "c", "u", "d", "r", "t", "m"; "" for a tombstone.
std::string_view OpText(Op op);

enum class Snapshot : uint8_t {
  kNo,           // a change as it happened
  kRow,          // a row of the initial snapshot
  kLast,         // the last one of it: every table is complete
  kIncremental,  // a row of an incremental snapshot; has no position in the log
};

// Where a change comes from.
struct Source {
  Timestamp time = kNoTimestamp;  // of the commit in the database (source.ts_ms)
  std::string table;
  Snapshot snapshot = Snapshot::kNo;
  // Positions in PostgreSQL's write-ahead log. Changes are ordered by (last_commit_lsn, lsn).
  std::optional<int64_t> last_commit_lsn;  // sequence[0]; null in the snapshot
  std::optional<int64_t> lsn;
  std::optional<int64_t> transaction;  // source.txId

  bool operator==(const Source&) const = default;
};

// A longer row is not for a log of changes: it belongs into an object store.
inline constexpr size_t kMaxDocumentBytes = 1 << 20;

struct Envelope {
  Op op = Op::kTombstone;
  bool has_before = false;
  bool has_after = false;
  // Never fails on a missing column: what it holds depends on the table's replica identity. With
  // DEFAULT only the primary key is true, and the other columns are zeros.
  JsonRow before;
  JsonRow after;
  Source source;
  Timestamp emitted = kNoTimestamp;  // when the connector handled it (ts_ms); not an event time
};

// The envelope in `bytes`: owned by this thread and valid, as all of its views, until the thread
// decodes its next document. kCreate, kUpdate and kSnapshot have an `after`.
// InvalidArgument: no JSON; FailedPrecondition says what is wrong with which field;
// ResourceExhausted: longer than kMaxDocumentBytes.
absl::StatusOr<Envelope*> DecodeEnvelope(std::string_view bytes);

// The fields of the object in `bytes`, bare or inside {"schema", "payload"}. Owned as above.
absl::StatusOr<JsonRow*> DecodeObject(std::string_view bytes);

// The same for an object with a list of objects in it: calls `each` with every element of the array
// `list`, in order, until it fails. The row of an element is valid during its call.
absl::StatusOr<JsonRow*> DecodeObjectWithList(std::string_view bytes, std::string_view list,
                                              absl::FunctionRef<absl::Status(JsonRow*)> each);

// The texts of the array `list` of the object in `bytes`, in order.
absl::Status DecodeTexts(std::string_view bytes, std::string_view list,
                         std::vector<std::string>* out);

// The fields behind `before` and `after`.
void WriteEnvelopeEnd(Op op, const Source& source, Timestamp emitted, JsonWriter* to);

}  // namespace millrace::debezium
