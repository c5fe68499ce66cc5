#include "row_key_text.h"

#include "absl/strings/str_cat.h"
#include "base/big_endian.h"
#include "type_catalog.h"

namespace millrace::worker {

namespace {

std::string Field(const char* name, int64_t millis) {
  return absl::StrCat(",\"", name, "\":", millis);
}

}  // namespace

RowKeyText ReadRowKey(const detail::StoreSpec& store, std::string_view key) {
  RowKeyText text;
  if (store.kind == detail::StoreKind::kWindow && key.size() >= 12) {
    // Key bytes, start (8), sequence number (4), as Kafka Streams' changelogs.
    const std::string_view start = key.substr(key.size() - 12, 8);
    text.window = Field("window_start", ReadBigEndian<int64_t>(start.data()));
    key.remove_suffix(12);
  } else if (store.kind == detail::StoreKind::kSession && key.size() >= 16) {
    // Key bytes, end (8), start (8).
    const std::string_view bounds = key.substr(key.size() - 16);
    text.window = Field("session_start", ReadBigEndian<int64_t>(bounds.data() + 8)) +
                  Field("session_end", ReadBigEndian<int64_t>(bounds.data()));
    key.remove_suffix(16);
  } else if (store.kind == detail::StoreKind::kVersioned && key.size() >= 8) {
    // Key bytes, from (8).
    text.window = Field("valid_from", ReadBigEndian<int64_t>(key.substr(key.size() - 8).data()));
    key.remove_suffix(8);
  }
  text.key = BytesToJson(store.key, key, &text.base64);
  return text;
}

RowKeyText ReadRowKey(const detail::StoreSpec& store, const StoreQueryRow& row) {
  RowKeyText text;
  if (store.kind == detail::StoreKind::kWindow) {
    text.window = Field("window_start", ToMillis(row.start));
  } else if (store.kind == detail::StoreKind::kSession) {
    text.window =
        Field("session_start", ToMillis(row.start)) + Field("session_end", ToMillis(row.end));
  } else if (store.kind == detail::StoreKind::kVersioned) {
    text.window = Field("valid_from", ToMillis(row.start));
  }
  text.key = BytesToJson(store.key, row.key, &text.base64);
  return text;
}

std::optional<std::string_view> ReadChangelogValue(const detail::StoreSpec& store,
                                                   std::string_view value) {
  if (store.kind != detail::StoreKind::kVersioned) return value;
  // A byte that says whether there is a value, then the value.
  if (value.empty() || value.front() == '\0') return std::nullopt;
  return value.substr(1);
}

}  // namespace millrace::worker
