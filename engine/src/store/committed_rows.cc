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
      source.backend->Scan(source.table, [&](std::string_view row_key, std::string_view row) {
        if (!source.store->ChangelogKey(row_key, &key)) return true;
        ParsedRow parsed;
        damage = ParseRow(row, &parsed);
        return damage.ok() && visit(key, parsed.value, parsed.timestamp);
      }));
  return damage;
}

}  // namespace millrace::store
