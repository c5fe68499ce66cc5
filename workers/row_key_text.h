// The keys of a store's rows, taken apart for people.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "millrace/detail/erased_store.h"
#include "millrace/store_query.h"

namespace millrace::worker {

struct RowKeyText {
  std::string key;  // the user's key as JSON
  bool base64 = false;
  std::string window;  // further JSON fields, each with a comma before it; may be empty
};
// As the changelog has it.
RowKeyText ReadRowKey(const detail::StoreSpec& store, std::string_view key);
// As a query has it.
RowKeyText ReadRowKey(const detail::StoreSpec& store, const StoreQueryRow& row);
// The same store's value as its changelog has it; nullopt: a version that says "deleted".
std::optional<std::string_view> ReadChangelogValue(const detail::StoreSpec& store,
                                                   std::string_view value);

}  // namespace millrace::worker
