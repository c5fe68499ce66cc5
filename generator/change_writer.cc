#include "generator/change_writer.h"

#include <string>

namespace millrace::gen {
namespace {

// How far apart the changes lie in the write-ahead log, and how far behind a change its commit.
constexpr int64_t kLsnPerChange = 128;
constexpr int64_t kLsnToCommit = 48;
// From the commit to the connector's envelope.
constexpr std::chrono::milliseconds kConnectorDelay(25);

std::string_view SnapshotMark(SnapshotPlace place) {
  if (place.last_row) return place.last_table ? "last" : "last_in_data_collection";
  if (place.first_row) return place.first_table ? "first" : "first_in_data_collection";
  return "true";
}

// The finer forms of an instant; the envelope has its milliseconds elsewhere.
void AppendInstant(RowTime time, std::string* out) {
  const int64_t micros = time.time_since_epoch().count();
  *out += "\"ts_us\":";
  AppendInt(micros, out);
  *out += ",\"ts_ns\":";
  AppendInt(micros * 1000, out);
}

void AppendMillis(RowTime time, std::string* out) {
  *out += "\"ts_ms\":";
  AppendInt(std::chrono::floor<Duration>(time).time_since_epoch().count(), out);
}

}  // namespace

template <class Row>
void ChangeWriter::Begin(const Row& row, ChangeRecord* out) const {
  out->topic = TopicOf(row);
  out->timestamp = std::chrono::floor<Duration>(now_);
  out->is_tombstone = false;
  out->has_key = true;
  out->headers = Headers();
  out->key.clear();
  AppendKey(row, &out->key);
  out->value.assign("{\"before\":");
}

template <class Row>
void ChangeWriter::End(const Row& row, std::string_view snapshot, char op,
                       ChangeRecord* out) const {
  std::string* value = &out->value;
  *value += R"(,"source":{"version":"3.6.1.Final","connector":"postgresql","name":"cdc",)";
  AppendMillis(now_, value);
  *value += ",\"snapshot\":\"";
  *value += snapshot;
  *value += R"(","db":"social","sequence":"[)";
  if (committed_lsn_ == 0) {
    *value += "null";
  } else {
    *value += "\\\"";
    AppendInt(committed_lsn_, value);
    *value += "\\\"";
  }
  *value += ",\\\"";
  AppendInt(lsn_, value);
  *value += "\\\"]\",";
  AppendInstant(now_, value);
  *value += ",\"schema\":\"public\",\"table\":\"";
  *value += TableOf(row);
  *value += "\",\"txId\":";
  AppendInt(transaction_, value);
  *value += ",\"lsn\":";
  AppendInt(lsn_, value);
  *value += R"(,"xmin":null,"origin":null,"origin_lsn":null},"transaction":null,"op":")";
  *value += op;
  *value += "\",";
  AppendMillis(now_ + kConnectorDelay, value);
  *value += ',';
  AppendInstant(now_ + kConnectorDelay, value);
  *value += '}';
}

void ChangeWriter::NextTransaction() {
  ++transaction_;
  committed_lsn_ = lsn_ + kLsnToCommit;
  lsn_ += kLsnPerChange;
}

template <class Row>
void ChangeWriter::Snapshot(SnapshotPlace place, const Row& row, ChangeRecord* out) {
  Begin(row, out);
  out->value += "null,\"after\":";
  AppendRow(row, &out->value);
  End(row, SnapshotMark(place), 'r', out);
}

template <class Row>
void ChangeWriter::CreateInSnapshot(const Row& row, ChangeRecord* out) {
  const ChangeWriter now = *this;
  transaction_ = kSnapshotTransaction - 1;
  committed_lsn_ = kSnapshotLsn - 2 * kLsnPerChange + kLsnToCommit;
  lsn_ = kSnapshotLsn - kLsnPerChange;
  Begin(row, out);
  out->value += "null,\"after\":";
  AppendRow(row, &out->value);
  End(row, "false", 'c', out);
  *this = now;
}

template <class Row>
void ChangeWriter::Create(const Row& row, ChangeRecord* out) {
  NextTransaction();
  Begin(row, out);
  out->value += "null,\"after\":";
  AppendRow(row, &out->value);
  End(row, "false", 'c', out);
}

template <class Row>
void ChangeWriter::Update(const Row& before, const Row& after, ChangeRecord* out) {
  NextTransaction();
  Begin(after, out);
  AppendUpdatedRow(before, &out->value);
  out->value += ",\"after\":";
  AppendRow(after, &out->value);
  End(after, "false", 'u', out);
}

template <class Row>
void ChangeWriter::Delete(const Row& before, ChangeRecord* out) {
  NextTransaction();
  Begin(before, out);
  AppendDeletedRow(before, &out->value);
  out->value += ",\"after\":null";
  End(before, "false", 'd', out);
}

void ChangeWriter::Tombstone(const ChangeRecord& deleted, ChangeRecord* out) {
  out->topic = deleted.topic;
  out->timestamp = deleted.timestamp;
  if (out != &deleted) out->key = deleted.key;
  out->value.clear();
  out->headers = Headers();
  out->has_key = true;
  out->is_tombstone = true;
}

#define MILLRACE_GEN_INSTANTIATE(Row)                                                  \
  template void ChangeWriter::Snapshot<Row>(SnapshotPlace, const Row&, ChangeRecord*); \
  template void ChangeWriter::CreateInSnapshot<Row>(const Row&, ChangeRecord*);        \
  template void ChangeWriter::Create<Row>(const Row&, ChangeRecord*);                  \
  template void ChangeWriter::Update<Row>(const Row&, const Row&, ChangeRecord*);      \
  template void ChangeWriter::Delete<Row>(const Row&, ChangeRecord*)
MILLRACE_GEN_INSTANTIATE(PostRow);
MILLRACE_GEN_INSTANTIATE(FollowRow);
MILLRACE_GEN_INSTANTIATE(LikeRow);
MILLRACE_GEN_INSTANTIATE(CommentRow);
MILLRACE_GEN_INSTANTIATE(OutboxRow);
#undef MILLRACE_GEN_INSTANTIATE

}  // namespace millrace::gen
