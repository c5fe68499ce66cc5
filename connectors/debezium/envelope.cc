#include "connectors/debezium/envelope.h"

#include <charconv>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "millrace/status.h"
#include "simdjson.h"

namespace millrace::debezium {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;
using Kind = JsonValue::Kind;

// One document at a time; its buffers and rows are used again.
struct Workspace {
  simdjson::dom::parser parser;
  Envelope envelope;
  JsonRow source;
  JsonRow object;
  JsonRow element;  // of a list in `object`
};

Workspace& OfThisThread() {
  thread_local Workspace workspace;
  return workspace;
}

absl::Status Expected(std::string_view where, std::string_view what) {
  return absl::FailedPreconditionError(
      absl::StrCat(std::string(where), ": expected ", std::string(what)));
}

JsonValue ValueOf(const element& from) {
  JsonValue value;
  switch (from.type()) {
    case element_type::BOOL:
      value.kind = Kind::kBool;
      value.boolean = from.get_bool().value_unsafe();
      break;
    case element_type::INT64:
      value.kind = Kind::kInteger;
      value.integer = from.get_int64().value_unsafe();
      break;
    case element_type::UINT64:
      value.kind = Kind::kUnsigned;
      value.natural = from.get_uint64().value_unsafe();
      break;
    case element_type::DOUBLE:
      value.kind = Kind::kDouble;
      value.number = from.get_double().value_unsafe();
      break;
    case element_type::STRING:
      value.kind = Kind::kString;
      value.text = from.get_string().value_unsafe();
      break;
    case element_type::ARRAY:
      value.kind = Kind::kArray;
      break;
    case element_type::OBJECT:
      value.kind = Kind::kObject;
      break;
    case element_type::NULL_VALUE:
      value.kind = Kind::kNull;
      break;
  }
  return value;
}

void Fill(const object& from, JsonRow* row) {
  for (const simdjson::dom::key_value_pair field : from) row->Add(field.key, ValueOf(field.value));
}

// What lies at the top of a document, found in one walk.
struct Parts {
  std::optional<element> before, after, source, op, emitted, schema, payload, flat_op, deleted;
  size_t fields = 0;

  // Fields of these names alone: a table might have columns of the same names.
  bool IsWrapper() const { return schema.has_value() && payload.has_value() && fields == 2; }
  bool IsFlat() const { return flat_op.has_value() || deleted.has_value(); }
};

Parts Split(const object& from) {
  Parts parts;
  for (const simdjson::dom::key_value_pair field : from) {
    ++parts.fields;
    const std::string_view name = field.key;
    auto* place = name == "before"      ? &parts.before
                  : name == "after"     ? &parts.after
                  : name == "source"    ? &parts.source
                  : name == "op"        ? &parts.op
                  : name == "ts_ms"     ? &parts.emitted
                  : name == "schema"    ? &parts.schema
                  : name == "payload"   ? &parts.payload
                  : name == "__op"      ? &parts.flat_op
                  : name == "__deleted" ? &parts.deleted
                                        : nullptr;
    if (place != nullptr && !place->has_value()) *place = field.value;
  }
  return parts;
}

absl::StatusOr<element> Parse(std::string_view bytes, simdjson::dom::parser* parser) {
  if (bytes.size() > kMaxDocumentBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a document of ", bytes.size(), " bytes; the limit is ", kMaxDocumentBytes));
  }
  element root;
  const simdjson::error_code error = parser->parse(bytes.data(), bytes.size()).get(root);
  if (error == simdjson::SUCCESS) return root;
  return absl::InvalidArgumentError(
      absl::StrCat("not a JSON document: ", simdjson::error_message(error)));
}

// The root, or the payload where the root is {"schema", "payload"}. In `parts` what lies in it.
absl::StatusOr<element> ParseUnwrapped(std::string_view bytes, simdjson::dom::parser* parser,
                                       Parts* parts) {
  MR_ASSIGN_OR_RETURN(element root, Parse(bytes, parser));
  if (!root.is_object()) return root;
  *parts = Split(root.get_object().value_unsafe());
  if (!parts->IsWrapper()) return root;
  const element payload = *parts->payload;
  *parts = Parts();
  if (payload.is_object()) *parts = Split(payload.get_object().value_unsafe());
  return payload;
}

absl::StatusOr<object> ParseObject(std::string_view bytes, simdjson::dom::parser* parser) {
  Parts parts;
  MR_ASSIGN_OR_RETURN(const element root, ParseUnwrapped(bytes, parser, &parts));
  object fields;
  if (root.get(fields) != simdjson::SUCCESS) return Expected("the document", "an object");
  return fields;
}

absl::StatusOr<Op> ParseOp(const element& from, std::string_view where) {
  std::string_view text;
  if (from.get_string().get(text) != simdjson::SUCCESS) return Expected(where, "a text");
  for (Op op :
       {Op::kCreate, Op::kUpdate, Op::kDelete, Op::kSnapshot, Op::kTruncate, Op::kMessage}) {
    if (text == OpText(op)) return op;
  }
  return absl::FailedPreconditionError(absl::StrCat(std::string(where), ": unknown operation \"",
                                                    std::string(text.substr(0, 20)),
                                                    "\", expected c, u, d, r, t or m"));
}

// Text since Debezium 1.x, a boolean before.
absl::Status ParseSnapshot(const JsonValue& from, Snapshot* out) {
  *out = Snapshot::kNo;
  if (!from.has_value() || (from.kind == Kind::kBool && !from.boolean)) return absl::OkStatus();
  if (from.kind != Kind::kBool && from.kind != Kind::kString) {
    return Expected("source.snapshot", "a text or a boolean");
  }
  if (from.text == "false") return absl::OkStatus();
  *out = from.text == "last"          ? Snapshot::kLast
         : from.text == "incremental" ? Snapshot::kIncremental
                                      : Snapshot::kRow;
  return absl::OkStatus();
}

// The first of ["26596256","26596632"], which arrives as a text. Other connectors use other forms.
std::optional<int64_t> ParseLastCommit(const JsonValue& sequence) {
  constexpr std::string_view kOpening = "[\"";
  if (sequence.kind != Kind::kString || !sequence.text.starts_with(kOpening)) return std::nullopt;
  const std::string_view digits = sequence.text.substr(kOpening.size());
  int64_t lsn = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), lsn);
  const bool closed = end != digits.data() + digits.size() && *end == '"';
  return error == std::errc() && closed ? std::optional(lsn) : std::nullopt;
}

struct SourceNames {
  std::string_view time, table, lsn, transaction;
};
constexpr SourceNames kEnvelopeNames = {"ts_ms", "table", "lsn", "txId"};
constexpr SourceNames kFlatNames = {"__source_ts_ms", "__table", "__lsn", "__txId"};

absl::Status ReadSource(const SourceNames& names, JsonRow* from, Source* out) {
  MR_RETURN_IF_ERROR(from->Read(names.time, TimeForm::kMillis, &out->time));
  MR_RETURN_IF_ERROR(from->Read(names.table, &out->table));
  MR_RETURN_IF_ERROR(from->Read(names.lsn, TimeForm::kMillis, &out->lsn));
  return from->Read(names.transaction, TimeForm::kMillis, &out->transaction);
}

absl::Status DecodeSource(const Parts& parts, JsonRow* row, Source* out) {
  object fields;
  if (!parts.source.has_value() || parts.source->get(fields) != simdjson::SUCCESS) {
    return Expected("source", "an object");
  }
  row->Reset("source", JsonRow::Missing::kIsAnError);
  Fill(fields, row);
  MR_RETURN_IF_ERROR(ReadSource(kEnvelopeNames, row, out));
  out->last_commit_lsn = ParseLastCommit(row->Find("sequence"));
  return ParseSnapshot(row->Find("snapshot"), &out->snapshot);
}

absl::Status DecodeSide(std::string_view where, JsonRow::Missing missing,
                        const std::optional<element>& from, bool* has, JsonRow* row) {
  row->Reset(where, missing);
  object fields;
  *has = from.has_value() && !from->is_null();
  if (!*has) return absl::OkStatus();
  if (from->get(fields) != simdjson::SUCCESS) return Expected(where, "an object or null");
  Fill(fields, row);
  return absl::OkStatus();
}

absl::Status CheckSides(Envelope* out) {
  const bool needs_after =
      out->op == Op::kCreate || out->op == Op::kUpdate || out->op == Op::kSnapshot;
  if (needs_after && !out->has_after) {
    return absl::FailedPreconditionError(
        absl::StrCat("after: missing in a change with op ", std::string(OpText(out->op))));
  }
  // A deletion has no row afterwards, whatever a transform may have put there.
  if (!needs_after) out->has_after = false;
  return absl::OkStatus();
}

absl::Status DecodeNested(const Parts& parts, Workspace* workspace) {
  Envelope* out = &workspace->envelope;
  if (!parts.op.has_value()) {
    return absl::FailedPreconditionError(
        "op: missing, and so are __op and __deleted: not a change event of Debezium");
  }
  MR_ASSIGN_OR_RETURN(out->op, ParseOp(*parts.op, "op"));
  MR_RETURN_IF_ERROR(DecodeSource(parts, &workspace->source, &out->source));
  MR_RETURN_IF_ERROR(DecodeSide("before", JsonRow::Missing::kIsZero, parts.before, &out->has_before,
                                &out->before));
  MR_RETURN_IF_ERROR(
      DecodeSide("after", JsonRow::Missing::kIsAnError, parts.after, &out->has_after, &out->after));
  int64_t emitted = ToMillis(kNoTimestamp);
  if (parts.emitted.has_value() && !parts.emitted->is_null() &&
      parts.emitted->get(emitted) != simdjson::SUCCESS) {
    return Expected("ts_ms", "an integer");
  }
  out->emitted = TimestampFromMillis(emitted);
  return CheckSides(out);
}

// "true" as text, or a boolean where a converter made one of it.
bool IsTrue(const std::optional<element>& from) {
  if (!from.has_value()) return false;
  const JsonValue value = ValueOf(*from);
  return value.kind == Kind::kBool ? value.boolean : value.text == "true";
}

absl::Status DecodeFlat(const Parts& parts, const object& root, Envelope* out) {
  out->op = IsTrue(parts.deleted) ? Op::kDelete : Op::kUpdate;
  if (parts.flat_op.has_value()) {
    MR_ASSIGN_OR_RETURN(out->op, ParseOp(*parts.flat_op, "__op"));
  }
  out->has_before = out->op == Op::kDelete;
  out->has_after = !out->has_before;
  JsonRow* row = out->has_before ? &out->before : &out->after;
  row->Reset("", JsonRow::Missing::kIsZero);
  Fill(root, row);
  // What the transform adds about the source is a choice of its configuration.
  MR_RETURN_IF_ERROR(ReadSource(kFlatNames, row, &out->source));
  if (out->op == Op::kSnapshot) out->source.snapshot = Snapshot::kRow;
  row->Require(out->has_before ? JsonRow::Missing::kIsZero : JsonRow::Missing::kIsAnError);
  return CheckSides(out);
}

std::string_view SnapshotText(Snapshot snapshot) {
  switch (snapshot) {
    case Snapshot::kNo:
      break;
    case Snapshot::kRow:
      return "true";
    case Snapshot::kLast:
      return "last";
    case Snapshot::kIncremental:
      return "incremental";
  }
  return "false";
}

void WriteOptional(std::string_view name, const std::optional<int64_t>& value, JsonWriter* to) {
  value.has_value() ? to->Integer(name, *value) : to->Null(name);
}

}  // namespace

std::string_view OpText(Op op) {
  switch (op) {
    case Op::kCreate:
      return "c";
    case Op::kUpdate:
      return "u";
    case Op::kDelete:
      return "d";
    case Op::kSnapshot:
      return "r";
    case Op::kTruncate:
      return "t";
    case Op::kMessage:
      return "m";
    case Op::kTombstone:
      break;
  }
  return "";
}

absl::StatusOr<Envelope*> DecodeEnvelope(std::string_view bytes) {
  Workspace& workspace = OfThisThread();
  Envelope* out = &workspace.envelope;
  out->op = Op::kTombstone;
  out->has_before = out->has_after = false;
  out->emitted = kNoTimestamp;
  out->source.time = kNoTimestamp;
  out->source.table.clear();
  out->source.snapshot = Snapshot::kNo;
  out->source.last_commit_lsn.reset();
  out->source.lsn.reset();
  out->source.transaction.reset();

  Parts parts;
  MR_ASSIGN_OR_RETURN(const element root, ParseUnwrapped(bytes, &workspace.parser, &parts));
  if (root.is_null()) return out;
  if (!root.is_object()) return Expected("the document", "an object");
  MR_RETURN_IF_ERROR(parts.IsFlat() ? DecodeFlat(parts, root.get_object().value_unsafe(), out)
                                    : DecodeNested(parts, &workspace));
  return out;
}

void WriteEnvelopeEnd(Op op, const Source& source, Timestamp emitted, JsonWriter* to) {
  JsonWriter fields(to->Raw("source"));
  fields.Time("ts_ms", source.time, TimeForm::kMillis);
  fields.Text("snapshot", SnapshotText(source.snapshot));
  if (source.last_commit_lsn.has_value()) {
    // A list in a text, as Debezium has it.
    absl::StrAppend(fields.Raw("sequence"), R"("[\")", *source.last_commit_lsn, R"(\",\")",
                    source.lsn.value_or(0), R"(\"]")");
  }
  fields.Text("table", source.table);
  WriteOptional("txId", source.transaction, &fields);
  WriteOptional("lsn", source.lsn, &fields);
  fields.Close();
  to->Text("op", OpText(op));
  to->Time("ts_ms", emitted, TimeForm::kMillis);
}

absl::StatusOr<JsonRow*> DecodeObject(std::string_view bytes) {
  Workspace& workspace = OfThisThread();
  MR_ASSIGN_OR_RETURN(const object root, ParseObject(bytes, &workspace.parser));
  workspace.object.Reset("", JsonRow::Missing::kIsAnError);
  Fill(root, &workspace.object);
  return &workspace.object;
}

absl::StatusOr<JsonRow*> DecodeObjectWithList(std::string_view bytes, std::string_view list,
                                              absl::FunctionRef<absl::Status(JsonRow*)> each) {
  Workspace& workspace = OfThisThread();
  MR_ASSIGN_OR_RETURN(const object root, ParseObject(bytes, &workspace.parser));
  simdjson::dom::array elements;
  if (root.at_key(list).get(elements) != simdjson::SUCCESS) return Expected(list, "an array");
  for (const element& item : elements) {
    object fields;
    if (item.get(fields) != simdjson::SUCCESS) return Expected(list, "an array of objects");
    workspace.element.Reset(list, JsonRow::Missing::kIsAnError);
    Fill(fields, &workspace.element);
    MR_RETURN_IF_ERROR(each(&workspace.element));
  }
  workspace.object.Reset("", JsonRow::Missing::kIsAnError);
  Fill(root, &workspace.object);
  return &workspace.object;
}

absl::Status DecodeTexts(std::string_view bytes, std::string_view list,
                         std::vector<std::string>* out) {
  out->clear();
  MR_ASSIGN_OR_RETURN(const object root, ParseObject(bytes, &OfThisThread().parser));
  simdjson::dom::array elements;
  if (root.at_key(list).get(elements) != simdjson::SUCCESS) return Expected(list, "an array");
  for (const element& item : elements) {
    std::string_view text;
    if (item.get_string().get(text) != simdjson::SUCCESS) {
      return Expected(list, "an array of texts");
    }
    out->emplace_back(text);
  }
  return absl::OkStatus();
}

}  // namespace millrace::debezium
