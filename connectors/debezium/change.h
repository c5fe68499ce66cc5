// Change<Row>: a change of one row of a table, as Debezium publishes it.
//
//   inline const Topic<PostKey, debezium::Change<Post>> kPosts{"cdc.posts"};
//
// The row is declared by Columns<Row> (columns.h). Decoding is one parse without exceptions, and
// reuses the memory of *out. What is not a change event is InvalidArgument and hence poison.
// Encoding writes the plain envelope with the columns of Row: what decodes to an equal change.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "connectors/debezium/envelope.h"
#include "connectors/debezium/json_writer.h"
#include "connectors/debezium/row_codec.h"
#include "millrace/serde.h"
#include "millrace/status.h"
#include "millrace/time.h"

namespace millrace::debezium {

// A tombstone in a topic is a record without a value and so never gets here; a change with
// Op::kTombstone is its JSON form, null, which some converters write instead.
template <class Row>
struct Change {
  Op op = Op::kTombstone;
  // Of kDelete, and of kUpdate under REPLICA IDENTITY FULL or when the key changed. See Envelope.
  std::optional<Row> before;
  // Of kCreate, kUpdate and kSnapshot: always. Large columns may be Toastable::is_unchanged().
  std::optional<Row> after;
  Source source;
  Timestamp emitted = kNoTimestamp;

  // The row exists afterwards.
  bool is_upsert() const { return op == Op::kCreate || op == Op::kUpdate || op == Op::kSnapshot; }
  bool is_delete() const { return op == Op::kDelete; }

  bool operator==(const Change&) const = default;
};

template <class Row>
absl::Status ReadRow(bool exists, JsonRow* from, std::optional<Row>* out) {
  if (!exists) {
    out->reset();
    return absl::OkStatus();
  }
  if (!out->has_value()) out->emplace();
  return RowCodec<Row>::Read(from, &**out);
}

template <class Row>
absl::Status DecodeChange(std::string_view bytes, Change<Row>* out) {
  MR_ASSIGN_OR_RETURN(Envelope * envelope, DecodeEnvelope(bytes));
  out->op = envelope->op;
  out->source = envelope->source;
  out->emitted = envelope->emitted;
  MR_RETURN_IF_ERROR(ReadRow(envelope->has_before, &envelope->before, &out->before));
  return ReadRow(envelope->has_after, &envelope->after, &out->after);
}

template <class Row>
void WriteRow(std::string_view name, const std::optional<Row>& row, JsonWriter* to) {
  if (!row.has_value()) return to->Null(name);
  JsonWriter fields(to->Raw(name));
  RowCodec<Row>::Write(*row, &fields);
  fields.Close();
}

template <class Row>
void EncodeChange(const Change<Row>& change, std::string* out) {
  if (change.op == Op::kTombstone) {
    out->append("null");
    return;
  }
  JsonWriter writer(out);
  WriteRow("before", change.before, &writer);
  WriteRow("after", change.after, &writer);
  WriteEnvelopeEnd(change.op, change.source, change.emitted, &writer);
  writer.Close();
}

}  // namespace millrace::debezium

template <class Row>
struct millrace::Serde<millrace::debezium::Change<Row>> {
  static void Encode(const debezium::Change<Row>& change, std::string* out) {
    debezium::EncodeChange(change, out);
  }
  static absl::Status Decode(std::string_view bytes, debezium::Change<Row>* out) {
    return debezium::DecodeChange(bytes, out);
  }
  static std::string ToJson(const debezium::Change<Row>& change) {
    std::string json;
    Encode(change, &json);
    return json;
  }
};
