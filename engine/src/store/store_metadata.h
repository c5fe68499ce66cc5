// The rows of the table of metadata (drawn in row_format.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "millrace/detail/erased_store.h"
#include "millrace/ids.h"
#include "store/store_backend.h"

namespace millrace::store {

// OK when the tables have this version's format, or are new; then the format is written.
// FailedPrecondition: a newer version wrote them. DataLoss: the format is damaged.
absl::Status CheckFormat(StoreBackend* backend, const std::string& directory);

// What a store's rows look like, as text. Two parts: `meaning` (kind and types: a change is the
// user's error) and `layout` (how rows are arranged: a change is cured by restoring).
struct StoreLayout {
  std::string meaning;
  std::string layout;
};
StoreLayout LayoutOf(const detail::StoreSpec& spec);

// Compares the stored layout with the spec's and writes it. A changed layout empties the store,
// which is then restored from its changelog. FailedPrecondition: the meaning has changed, or the
// layout of a store without a changelog.
absl::Status CheckLayout(StoreBackend* backend, TableId table, const detail::StoreSpec& spec);

// nullopt: no such row. DataLoss: it is damaged.
absl::StatusOr<std::optional<int64_t>> ReadNumber(StoreBackend* backend, std::string_view kind,
                                                  const std::string& store);
void WriteNumber(std::string_view kind, const std::string& store, int64_t value,
                 BackendBatch* batch);

inline constexpr std::string_view kPosition = "position";
inline constexpr std::string_view kStreamTime = "time";
inline constexpr std::string_view kSequence = "sequence";

}  // namespace millrace::store
