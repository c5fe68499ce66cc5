#include "store/committed_rows.h"

#include "millrace/status.h"
#include "store/row_format.h"

namespace millrace::store {

absl::Status CommittedRows::Scan(
    const std::string& store,
    const std::function<bool(std::string_view key, std::string_view value, Timestamp)>& visit) {
  const auto found = sources_.find(store);
  if (found == sources_.end()) return absl::NotFoundError("there is no store '" + store + "'");
  const Source& source = found->second;
  absl::Status damage;
  std::string key;
  MR_RETURN_IF_ERROR(
      source.backend->Scan(source.table, {}, [&](std::string_view row_key, std::string_view row) {
        if (!source.store->ChangelogKey(row_key, &key)) return true;
        ParsedRow parsed;
        damage = ParseRow(row, &parsed);
        return damage.ok() && visit(key, parsed.value, parsed.timestamp);
      }));
  return damage;
}

namespace {

bool IsWanted(const StoreQuery& query, const RowPlace& place) {
  if (query.from.has_value() && place.key < *query.from) return false;
  if (query.to.has_value() && place.key > *query.to) return false;
  if (!place.key.starts_with(query.prefix)) return false;
  if (place.start == kNoTimestamp) return true;
  return place.start <= query.latest && place.last >= query.earliest;
}

}  // namespace

absl::Status CommittedRows::Read(const StoreQuery& query, const StoreVisit& visit) {
  const auto found = sources_.find(query.store);
  if (found == sources_.end()) {
    return absl::NotFoundError("there is no store '" + query.store + "'");
  }
  const Source& source = found->second;
  absl::Status damage;
  bool go_on = true;
  RowPlace place;
  for (const KeySpan& span : source.store->SpansOf(query)) {
    if (!go_on) break;
    MR_RETURN_IF_ERROR(source.backend->Scan(
        source.table, span, [&](std::string_view row_key, std::string_view row) {
          if (!source.store->ReadPlace(row_key, &place) || !IsWanted(query, place)) return true;
          ParsedRow parsed;
          damage = ParseRow(row, &parsed);
          go_on = damage.ok() && visit({place.key, source.store->UserValue(parsed.value),
                                        parsed.headers, parsed.timestamp, place.start, place.end});
          return go_on;
        }));
  }
  return damage;
}

}  // namespace millrace::store
