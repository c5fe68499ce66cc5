#include "store/managed_store.h"

#include "absl/strings/str_cat.h"
#include "base/text.h"

namespace millrace::store {

absl::Status BadChangelogRecord(const detail::StoreSpec& spec, const RecordView& record,
                                std::string_view why) {
  return absl::DataLossError(absl::StrCat("store ", spec.name, ": changelog record at offset ",
                                          record.offset.value(), " ", AbslView(why)));
}

}  // namespace millrace::store
