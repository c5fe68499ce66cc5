// The key of a store's row, as its changelog has it, taken apart for people.
#pragma once

#include <string>
#include <string_view>

#include "millrace/detail/erased_store.h"

namespace millrace::worker {

struct RowKeyText {
  std::string key;  // the user's key as JSON
  bool base64 = false;
  std::string window;  // further JSON fields, each with a comma before it; may be empty
};
RowKeyText ReadRowKey(const detail::StoreSpec& store, std::string_view key);

}  // namespace millrace::worker
