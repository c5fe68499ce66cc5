#include "store/session_table.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/big_endian.h"
#include "millrace/status.h"
#include "store/session_iterator.h"
#include "store/store_metadata.h"
#include "store/window_key.h"

namespace millrace::store {
namespace {
constexpr Timestamp kForever = TimestampFromMillis(std::numeric_limits<int64_t>::max());
}  // namespace

SessionTable::SessionTable(detail::StoreSpec spec, StoreBackend* backend, TableId table,
                           StoreContext* context)
    : spec_(std::move(spec)), layout_(spec_), table_(&spec_, backend, table, context) {}

std::string_view SessionTable::RowKey(std::string_view plain_key, Timestamp start, Timestamp end) {
  escaped_key_.clear();
  AppendEscaped(plain_key, &escaped_key_);
  row_key_.clear();
  AppendSessionKey(layout_, {escaped_key_, end, start}, &row_key_);
  return row_key_;
}

std::string_view SessionTable::RowKey(const void* key, Timestamp start, Timestamp end) {
  plain_key_.clear();
  spec_.key->encode(key, &plain_key_);
  return RowKey(plain_key_, start, end);
}

std::string SessionTable::Escaped(const void* key) const {
  std::string plain;
  spec_.key->encode(key, &plain);
  std::string escaped;
  AppendEscaped(plain, &escaped);
  return escaped;
}

detail::StoredValue SessionTable::Fetch(const void* key, Timestamp start, Timestamp end) {
  if (!Visible(end, observed_)) return {};
  return table_.Get(RowKey(key, start, end));
}

const Headers& SessionTable::HeadersOf(const void* key, Timestamp start, Timestamp end) {
  if (!Visible(end, observed_)) return Headers::Empty();
  return table_.HeadersOf(RowKey(key, start, end));
}

void SessionTable::Put(const void* key, Timestamp start, Timestamp end, const void* value,
                       const Headers* headers) {
  // Kafka Streams' stores in memory do not look at the end of what is removed.
  if (value != nullptr || spec_.backend != detail::StoreBackendKind::kMemory) Observe(end);
  if (!Kept(end, observed_)) return;
  table_.Put(RowKey(key, start, end), value, {end, headers});
}

std::unique_ptr<detail::StoreIterator> SessionTable::FindSessions(const void* from_key,
                                                                  const void* to_key,
                                                                  Timestamp earliest_end,
                                                                  Timestamp latest_start,
                                                                  detail::Order order) {
  SessionRange range;
  if (from_key != nullptr) range.from_key = Escaped(from_key);
  if (to_key != nullptr) range.to_key = Escaped(to_key);
  range.earliest_end = earliest_end;
  if (observed_ != kNoTimestamp) {
    range.earliest_end = std::max(earliest_end, observed_ - spec_.retention + Duration(1));
  }
  range.latest_end = observed_;  // nothing lies behind it
  range.latest_start = latest_start;
  return NewSessions(&table_, layout_, std::move(range), order);
}

std::unique_ptr<detail::StoreIterator> SessionTable::EndedBetween(Timestamp from, Timestamp to) {
  MR_CHECK(spec_.time_ordered, "sessions by their end need a store in the order of time");
  SessionRange range;
  range.earliest_end = from;
  range.latest_end = to;
  range.latest_start = kForever;
  return NewSessions(&table_, layout_, std::move(range), detail::Order::kForward);
}

absl::Status SessionTable::LoadState(StoreBackend* backend) {
  MR_ASSIGN_OR_RETURN(std::optional<int64_t> observed,
                      ReadNumber(backend, kStreamTime, spec_.name));
  applied_observed_ = observed.value_or(ToMillis(kNoTimestamp));
  observed_ = TimestampFromMillis(applied_observed_);
  return absl::OkStatus();
}

absl::Status SessionTable::CollectChanges(const EmitChange* emit, BackendBatch* batch) {
  for (BufferedRow* row : table_.dirty()) {
    ChangelogRecord change = table_.Collect(*row, batch);
    if (emit == nullptr) continue;
    SessionKey key;
    MR_CHECK(ParseSessionKey(layout_, row->key, &key), "a buffered row has no session key");
    plain_key_.clear();
    AppendUnescaped(key.key, &plain_key_);
    changelog_key_.clear();
    AppendSessionChangelogKey({plain_key_, key.end, key.start}, &changelog_key_);
    change.key = changelog_key_;
    MR_RETURN_IF_ERROR((*emit)(spec_, change));
  }
  return absl::OkStatus();
}

void SessionTable::AppendState(BackendBatch* batch) {
  const int64_t observed = ToMillis(observed_);
  if (observed == applied_observed_) return;
  WriteNumber(kStreamTime, spec_.name, observed, batch);
  const auto first_live = [this](int64_t time) {
    return SegmentOf(TimestampFromMillis(time) - spec_.retention, layout_.interval);
  };
  if (first_live(observed) == first_live(applied_observed_)) return;
  std::string end;
  AppendOrdered(first_live(observed), &end);
  batch->DeleteRange(table_.id(), "", end);
}

void SessionTable::OnApplied() {
  applied_observed_ = ToMillis(observed_);
  table_.OnApplied();
}

void SessionTable::OnRestored() {
  applied_observed_ = ToMillis(observed_);
  table_.Clear();
}

void SessionTable::Discard() {
  observed_ = TimestampFromMillis(applied_observed_);
  table_.Discard();
}

absl::Status SessionTable::Restore(const RecordView& record, BackendBatch* batch) {
  if (!record.key.has_value()) return BadChangelogRecord(spec_, record, "has no key");
  SessionKey key;
  if (!ParseSessionChangelogKey(*record.key, &key)) {
    return BadChangelogRecord(spec_, record, "has a key that is too short");
  }
  Observe(key.end);
  if (!Kept(key.end, observed_)) return absl::OkStatus();
  const std::string_view row_key = RowKey(key.key, key.start, key.end);
  if (!record.value.has_value()) {
    batch->Delete(table_.id(), row_key);
    return absl::OkStatus();
  }
  batch->Put(table_.id(), row_key, table_.RowOf(record));
  return absl::OkStatus();
}

bool SessionTable::ChangelogKey(std::string_view row_key, std::string* key) const {
  SessionKey parsed;
  if (!ParseSessionKey(layout_, row_key, &parsed)) return false;
  if (!Kept(parsed.end, TimestampFromMillis(applied_observed_))) return false;
  std::string plain;
  AppendUnescaped(parsed.key, &plain);
  key->clear();
  AppendSessionChangelogKey({plain, parsed.end, parsed.start}, key);
  return true;
}

std::vector<KeySpan> SessionTable::SpansOf(const StoreQuery& query) const {
  const Timestamp observed = TimestampFromMillis(applied_observed_);
  if (observed == kNoTimestamp) return {};
  const Timestamp earliest = std::max(query.earliest, observed - spec_.retention);
  if (earliest > observed) return {};
  // A session that starts within the time that is asked for may end at any later one.
  return SegmentSpans(SegmentOf(earliest, layout_.interval), SegmentOf(observed, layout_.interval),
                      query);
}

bool SessionTable::ReadPlace(std::string_view row_key, RowPlace* place) const {
  SessionKey parsed;
  if (!ParseSessionKey(layout_, row_key, &parsed)) return false;
  if (!Visible(parsed.end, TimestampFromMillis(applied_observed_))) return false;
  place->key.clear();
  AppendUnescaped(parsed.key, &place->key);
  place->start = parsed.start;
  place->last = parsed.end;
  place->end = parsed.end;
  return true;
}

}  // namespace millrace::store
