#include "store/versioned_table.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/big_endian.h"
#include "millrace/status.h"
#include "store/row_cursor.h"
#include "store/store_metadata.h"
#include "store/window_key.h"

namespace millrace::store {
namespace {

constexpr char kTombstone = '\0';
constexpr char kValue = '\1';
constexpr char kValueOverTombstone = '\2';
constexpr size_t kEndMarkSize = 2;
constexpr size_t kFromSize = sizeof(int64_t);
constexpr size_t kSweptRowsMin = 16;

char MarkOf(std::string_view payload) { return payload.empty() ? kTombstone : payload.front(); }
bool IsTombstone(std::string_view payload) { return MarkOf(payload) == kTombstone; }
std::string_view PayloadOf(const detail::StoredValue& row) {
  return row.value == nullptr ? std::string_view() : static_cast<const Bytes*>(row.value)->data;
}
std::string_view PrefixOf(std::string_view row_key) {
  return row_key.substr(0, row_key.size() - kFromSize);
}
Timestamp FromOf(std::string_view row_key) {
  return TimestampFromMillis(ReadOrdered(row_key.substr(row_key.size() - kFromSize)));
}

detail::StoreSpec WithPayloads(detail::StoreSpec spec) {
  spec.value = detail::CodecOf<Bytes>();
  return spec;
}

}  // namespace

VersionedTable::VersionedTable(detail::StoreSpec spec, StoreBackend* backend, TableId table,
                               StoreContext* context)
    : spec_(std::move(spec)),
      row_spec_(WithPayloads(spec_)),
      table_(&row_spec_, backend, table, context) {}

void VersionedTable::SetKey(const void* key) {
  plain_key_.clear();
  spec_.key->encode(key, &plain_key_);
  prefix_.clear();
  AppendEscaped(plain_key_, &prefix_);
}

std::string_view VersionedTable::RowKey(Timestamp from) {
  row_key_ = prefix_;
  AppendOrdered(ToMillis(from), &row_key_);
  return row_key_;
}

std::optional<VersionedTable::Version> VersionedTable::FindAsOf(Timestamp as_of) {
  BufferedTable::Bounds bounds;
  bounds.lower = prefix_;
  bounds.upper = RowKey(as_of);
  bounds.upper.push_back('\0');
  RowCursor rows(&table_, std::move(bounds), detail::Order::kReverse);
  if (!rows.Valid()) return std::nullopt;
  return Version{std::string(PayloadOf(rows.value())),
                 spec_.keep_headers ? rows.headers() : Headers(), FromOf(rows.key())};
}

Timestamp VersionedTable::FindNext(Timestamp time) {
  BufferedTable::Bounds bounds;
  bounds.lower = RowKey(time);
  bounds.lower.push_back('\0');
  bounds.upper = PrefixEnd(prefix_);
  const RowCursor rows(&table_, std::move(bounds), detail::Order::kForward);
  return rows.Valid() ? FromOf(rows.key()) : kNoTimestamp;
}

detail::StoredValue VersionedTable::Decode(std::optional<Version> version) {
  headers_ = Headers();
  if (!version.has_value() || IsTombstone(version->payload)) return {};
  void* value = value_.Emplace(spec_.value);
  const absl::Status status =
      spec_.value->decode(std::string_view(version->payload).substr(1), value);
  if (status.ok()) {
    headers_ = std::move(version->headers);
    return {value, version->from};
  }
  table_.context()->Report(absl::DataLossError(
      absl::StrCat("store ", spec_.name, ": a version cannot be read: ", status.message())));
  return {};
}

detail::StoredValue VersionedTable::Get(const void* key) {
  SetKey(key);
  return Decode(FindAsOf(Timestamp::max()));
}

detail::StoredValue VersionedTable::GetAsOf(const void* key, Timestamp as_of) {
  SetKey(key);
  if (IsTooOld(as_of) && FindNext(as_of) != kNoTimestamp) return Decode(std::nullopt);
  return Decode(FindAsOf(as_of));
}

detail::VersionPut VersionedTable::Put(const void* key, const void* value, detail::WrittenBy by) {
  const Timestamp from = by.timestamp;
  if (IsTooOld(from)) return {};
  SetKey(key);
  payload_.data.assign(1, value == nullptr ? kTombstone : kValue);
  if (value != nullptr) spec_.value->encode(value, &payload_.data);
  if (from > observed_) observed_ = from;
  const detail::VersionPut result{true, FindNext(from)};
  if (spec_.forgets_tombstones && result.is_latest()) {
    const std::optional<Version> replaced = FindAsOf(from);
    if (replaced.has_value() && replaced->from == from) {
      if (value == nullptr && IsForgotten(*replaced)) {
        table_.Put(RowKey(from), nullptr, from);
        return result;
      }
      const bool over_tombstone = value != nullptr && MarkOf(replaced->payload) != kValue;
      if (over_tombstone) payload_.data.front() = kValueOverTombstone;
    }
  }
  table_.Put(RowKey(from), &payload_, by);
  return result;
}

bool VersionedTable::IsForgotten(const Version& replaced) {
  if (MarkOf(replaced.payload) != kValue) return false;
  const std::optional<Version> before = FindAsOf(replaced.from - Duration(1));
  return !before.has_value() || IsTombstone(before->payload);
}

// One part of the walk: whole keys only, since a tombstone may go only together with, or after,
// the versions that it hides.
class VersionedTable::Sweep {
 public:
  explicit Sweep(Timestamp horizon) : horizon_(horizon) {}

  // The rows that nobody sees. Sets *from to where to go on.
  std::vector<std::string> Run(BufferedTable* table, size_t rows, std::string* from) {
    RowCursor cursor(table, {*from, ""}, detail::Order::kForward);
    from->clear();
    for (; cursor.Valid(); cursor.Next()) {
      const bool same_key = !row_.empty() && PrefixOf(cursor.key()) == PrefixOf(row_);
      if (same_key) {
        if (FromOf(cursor.key()) <= horizon_) unseen_.push_back(row_);
      } else {
        EndKey();
        if (seen_ >= rows) {
          from->assign(cursor.key());
          return std::move(unseen_);
        }
      }
      ++seen_;
      row_.assign(cursor.key());
      tombstone_ = IsTombstone(PayloadOf(cursor.value()));
    }
    EndKey();
    return std::move(unseen_);
  }

 private:
  // The row was the latest of its key.
  void EndKey() {
    if (!row_.empty() && tombstone_ && FromOf(row_) < horizon_) unseen_.push_back(row_);
    row_.clear();
  }

  const Timestamp horizon_;
  std::vector<std::string> unseen_;
  std::string row_;  // the one before the cursor's
  bool tombstone_ = false;
  size_t seen_ = 0;
};

void VersionedTable::DeleteUnseen() {
  if (table_.dirty().empty() || observed_ == kNoTimestamp) return;
  const size_t rows = kSweptRowsMin + 2 * table_.dirty().size();
  Sweep sweep(observed_ - spec_.retention);
  for (const std::string& row : sweep.Run(&table_, rows, &swept_to_)) {
    table_.Put(row, nullptr, FromOf(row));
  }
}

absl::Status VersionedTable::LoadState(StoreBackend* backend) {
  MR_ASSIGN_OR_RETURN(std::optional<int64_t> observed,
                      ReadNumber(backend, kStreamTime, spec_.name));
  applied_observed_ = observed.value_or(ToMillis(kNoTimestamp));
  observed_ = TimestampFromMillis(applied_observed_);
  return absl::OkStatus();
}

absl::Status VersionedTable::CollectChanges(const EmitChange* emit, BackendBatch* batch) {
  DeleteUnseen();
  std::string changelog_key;
  for (BufferedRow* row : table_.dirty()) {
    ChangelogRecord change = table_.Collect(*row, batch);
    if (emit == nullptr) continue;
    MR_CHECK(ChangelogKey(row->key, &changelog_key), "a buffered row has no version key");
    change.key = changelog_key;
    MR_RETURN_IF_ERROR((*emit)(spec_, change));
  }
  return absl::OkStatus();
}

void VersionedTable::AppendState(BackendBatch* batch) {
  const int64_t observed = ToMillis(observed_);
  if (observed != applied_observed_) WriteNumber(kStreamTime, spec_.name, observed, batch);
}

void VersionedTable::OnApplied() {
  applied_observed_ = ToMillis(observed_);
  table_.OnApplied();
}

void VersionedTable::OnRestored() {
  applied_observed_ = ToMillis(observed_);
  table_.Clear();
}

void VersionedTable::Discard() {
  observed_ = TimestampFromMillis(applied_observed_);
  table_.Discard();
}

absl::Status VersionedTable::Restore(const RecordView& record, BackendBatch* batch) {
  if (!record.key.has_value()) return BadChangelogRecord(spec_, record, "has no key");
  if (record.key->size() < kFromSize) {
    return BadChangelogRecord(spec_, record, "has a key that is too short");
  }
  const std::string_view plain = PrefixOf(*record.key);
  const Timestamp from = TimestampFromMillis(
      static_cast<int64_t>(ReadBigEndian<uint64_t>(record.key->substr(plain.size()))));
  if (from > observed_) observed_ = from;
  prefix_.clear();
  AppendEscaped(plain, &prefix_);
  if (!record.value.has_value()) {
    batch->Delete(table_.id(), RowKey(from));
    return absl::OkStatus();
  }
  batch->Put(table_.id(), RowKey(from), table_.RowOf(record));
  return absl::OkStatus();
}

bool VersionedTable::ChangelogKey(std::string_view row_key, std::string* key) const {
  if (row_key.size() < kEndMarkSize + kFromSize) return false;
  key->clear();
  AppendUnescaped(PrefixOf(row_key), key);
  AppendBigEndian<uint64_t>(static_cast<uint64_t>(ToMillis(FromOf(row_key))), key);
  return true;
}

std::vector<KeySpan> VersionedTable::SpansOf(const StoreQuery& query) const {
  return {EscapedSpan("", query)};
}

bool VersionedTable::ReadPlace(std::string_view row_key, RowPlace* place) const {
  if (row_key.size() < kEndMarkSize + kFromSize) return false;
  place->key.clear();
  AppendUnescaped(PrefixOf(row_key), &place->key);
  place->start = place->last = FromOf(row_key);
  return true;
}

std::optional<std::string_view> VersionedTable::UserValue(std::string_view value) const {
  if (IsTombstone(value)) return std::nullopt;
  return value.substr(1);
}

}  // namespace millrace::store
