#include "row_key_text.h"

#include "absl/strings/str_cat.h"
#include "base/big_endian.h"
#include "type_catalog.h"

namespace millrace::worker {

RowKeyText ReadRowKey(const detail::StoreSpec& store, std::string_view key) {
  RowKeyText text;
  if (store.kind == detail::StoreKind::kWindow && key.size() >= 12) {
    // Key bytes, start (8), sequence number (4), as Kafka Streams' changelogs.
    const std::string_view start = key.substr(key.size() - 12, 8);
    text.window = absl::StrCat(",\"window_start\":", ReadBigEndian<int64_t>(start.data()));
    key.remove_suffix(12);
  } else if (store.kind == detail::StoreKind::kSession && key.size() >= 16) {
    // Key bytes, end (8), start (8).
    const std::string_view bounds = key.substr(key.size() - 16);
    text.window = absl::StrCat(",\"session_start\":", ReadBigEndian<int64_t>(bounds.data() + 8),
                               ",\"session_end\":", ReadBigEndian<int64_t>(bounds.data()));
    key.remove_suffix(16);
  }
  text.key = BytesToJson(store.key, key, &text.base64);
  return text;
}

}  // namespace millrace::worker
