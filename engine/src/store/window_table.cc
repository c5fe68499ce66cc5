#include "store/window_table.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/big_endian.h"
#include "millrace/status.h"
#include "store/store_metadata.h"
#include "store/window_iterator.h"

namespace millrace::store {
namespace {
constexpr Timestamp kForever = TimestampFromMillis(std::numeric_limits<int64_t>::max());
}  // namespace

WindowTable::WindowTable(detail::StoreSpec spec, StoreBackend* backend, TableId table,
                         StoreContext* context)
    : spec_(std::move(spec)),
      segment_interval_(SegmentInterval(spec_)),
      table_(&spec_, backend, table, context) {}

std::string_view WindowTable::RowKey(const void* key, Timestamp start, uint32_t sequence) {
  plain_key_.clear();
  spec_.key->encode(key, &plain_key_);
  row_key_.clear();
  AppendOrdered(SegmentOf(start, segment_interval_), &row_key_);
  AppendEscaped(plain_key_, &row_key_);
  AppendOrdered(ToMillis(start), &row_key_);
  AppendBigEndian<uint32_t>(sequence, &row_key_);
  return row_key_;
}

std::string WindowTable::Escaped(const void* key) const {
  std::string plain;
  spec_.key->encode(key, &plain);
  std::string escaped;
  AppendEscaped(plain, &escaped);
  return escaped;
}

Timestamp WindowTable::FirstVisible(Timestamp from) const {
  if (observed_ == kNoTimestamp) return from;
  return std::max(from, observed_ - spec_.retention + Duration(1));
}

detail::StoredValue WindowTable::Fetch(const void* key, Timestamp start) {
  if (!Visible(start, observed_)) return {};
  return table_.Get(RowKey(key, start, 0), ToMillis(start) > applied_observed_.load());
}

const Headers& WindowTable::HeadersOf(const void* key, Timestamp start) {
  if (!Visible(start, observed_)) return Headers::Empty();
  return table_.HeadersOf(RowKey(key, start, 0));
}

void WindowTable::Put(const void* key, Timestamp start, const void* value, detail::WrittenBy by) {
  if (spec_.retain_duplicates && value == nullptr) return;
  Observe(start);
  if (!Visible(start, observed_)) return;
  const auto sequence = spec_.retain_duplicates ? static_cast<uint32_t>(++sequence_) : 0U;
  table_.Put(RowKey(key, start, sequence), value, by);
}

void WindowTable::Swap(const void* key, Timestamp start, detail::ErasedValue* value,
                       detail::WrittenBy by) {
  Observe(start);
  if (!Visible(start, observed_)) {
    value->Reset();
    return;
  }
  const bool duplicates = spec_.retain_duplicates;
  const auto sequence = duplicates ? static_cast<uint32_t>(++sequence_) : 0U;
  const bool new_to_backend = ToMillis(start) > applied_observed_.load();
  table_.Swap(RowKey(key, start, sequence), value, by, new_to_backend, duplicates);
}

std::unique_ptr<detail::StoreIterator> WindowTable::FetchRange(const void* key, Timestamp from,
                                                               Timestamp to, detail::Order order) {
  return NewKeyWindows(&table_, segment_interval_, Escaped(key), FirstVisible(from), to, order);
}

std::unique_ptr<detail::StoreIterator> WindowTable::FetchKeys(const void* from_key,
                                                              const void* to_key, Timestamp from,
                                                              Timestamp to, detail::Order order) {
  return NewAllWindows(
      &table_, segment_interval_, from_key == nullptr ? std::string() : Escaped(from_key),
      to_key == nullptr ? std::string() : Escaped(to_key), FirstVisible(from), to, order);
}

absl::Status WindowTable::LoadState(StoreBackend* backend) {
  MR_ASSIGN_OR_RETURN(std::optional<int64_t> observed,
                      ReadNumber(backend, kStreamTime, spec_.name));
  MR_ASSIGN_OR_RETURN(std::optional<int64_t> sequence, ReadNumber(backend, kSequence, spec_.name));
  applied_observed_ = observed.value_or(ToMillis(kNoTimestamp));
  applied_sequence_ = sequence.value_or(0);
  observed_ = TimestampFromMillis(applied_observed_);
  sequence_ = applied_sequence_;
  return absl::OkStatus();
}

absl::Status WindowTable::CollectChanges(const EmitChange* emit, BackendBatch* batch) {
  WindowKey key;
  for (BufferedRow* row : table_.dirty()) {
    MR_CHECK(ParseWindowKey(row->key, &key), "a buffered row has no window key");
    ChangelogRecord change = table_.Collect(*row, batch);
    if (emit == nullptr) continue;
    changelog_key_.clear();
    AppendChangelogKey(key, &changelog_key_);
    change.key = changelog_key_;
    MR_RETURN_IF_ERROR((*emit)(spec_, change));
  }
  return absl::OkStatus();
}

void WindowTable::AppendState(BackendBatch* batch) {
  const int64_t observed = ToMillis(observed_);
  if (observed != applied_observed_) {
    WriteNumber(kStreamTime, spec_.name, observed, batch);
    const auto first_live = [this](int64_t time) {
      return SegmentOf(TimestampFromMillis(time) - spec_.retention + Duration(1),
                       segment_interval_);
    };
    if (first_live(observed) != first_live(applied_observed_)) {
      std::string end;
      AppendOrdered(first_live(observed), &end);
      batch->DeleteRange(table_.id(), "", end);
    }
  }
  if (sequence_ != applied_sequence_) WriteNumber(kSequence, spec_.name, sequence_, batch);
}

void WindowTable::MarkStateApplied() {
  applied_observed_ = ToMillis(observed_);
  applied_sequence_ = sequence_;
}

void WindowTable::OnApplied() {
  MarkStateApplied();
  table_.OnApplied();
}

void WindowTable::OnRestored() {
  MarkStateApplied();
  table_.Clear();
}

void WindowTable::Discard() {
  observed_ = TimestampFromMillis(applied_observed_);
  sequence_ = applied_sequence_;
  table_.Discard();
}

absl::Status WindowTable::Restore(const RecordView& record, BackendBatch* batch) {
  struct ChangelogKey parsed;
  if (!record.key.has_value()) return BadChangelogRecord(spec_, record, "has no key");
  if (!ParseChangelogKey(*record.key, &parsed)) {
    return BadChangelogRecord(spec_, record, "has a key that is too short");
  }
  Observe(parsed.start);
  sequence_ = std::max<int64_t>(sequence_, parsed.sequence);
  if (!Visible(parsed.start, observed_)) return absl::OkStatus();
  row_key_.clear();
  AppendOrdered(SegmentOf(parsed.start, segment_interval_), &row_key_);
  AppendEscaped(parsed.key, &row_key_);
  AppendOrdered(ToMillis(parsed.start), &row_key_);
  AppendBigEndian<uint32_t>(parsed.sequence, &row_key_);
  if (!record.value.has_value()) {
    batch->Delete(table_.id(), row_key_);
    return absl::OkStatus();
  }
  batch->Put(table_.id(), row_key_, table_.RowOf(record));
  return absl::OkStatus();
}

bool WindowTable::ChangelogKey(std::string_view row_key, std::string* key) const {
  WindowKey parsed;
  if (!ParseWindowKey(row_key, &parsed)) return false;
  if (!Visible(parsed.start, TimestampFromMillis(applied_observed_))) return false;
  key->clear();
  AppendChangelogKey(parsed, key);
  return true;
}

std::vector<KeySpan> WindowTable::SpansOf(const StoreQuery& query) const {
  const Timestamp observed = TimestampFromMillis(applied_observed_);
  if (observed == kNoTimestamp) return {};
  const Timestamp from = std::max(query.earliest, observed - spec_.retention + Duration(1));
  const Timestamp to = std::min(query.latest, observed);
  if (from > to) return {};
  return SegmentSpans(SegmentOf(from, segment_interval_), SegmentOf(to, segment_interval_), query);
}

bool WindowTable::ReadPlace(std::string_view row_key, RowPlace* place) const {
  WindowKey parsed;
  if (!ParseWindowKey(row_key, &parsed)) return false;
  if (!Visible(parsed.start, TimestampFromMillis(applied_observed_))) return false;
  place->key.clear();
  AppendUnescaped(parsed.escaped_key, &place->key);
  place->start = parsed.start;
  place->last = parsed.start;
  place->end = spec_.window_size > Duration(0) ? parsed.start + spec_.window_size : kForever;
  return true;
}

}  // namespace millrace::store
