#include "millrace/headers.h"

#include <algorithm>

#include "base/varint.h"

namespace millrace {
namespace {

// Takes `size` bytes off the front; false when there are not so many.
bool Take(std::string_view* in, uint64_t size, std::string_view* out) {
  if (size > in->size()) return false;
  *out = in->substr(0, size);
  in->remove_prefix(size);
  return true;
}

bool ParseEntry(std::string_view* in, Headers* out) {
  uint64_t size = 0;
  std::string_view name;
  if (!ParseVarint(in, &size) || !Take(in, size, &name)) return false;
  if (!ParseVarint(in, &size)) return false;
  std::optional<std::string> value;
  if (size > 0) {
    std::string_view bytes;
    if (!Take(in, size - 1, &bytes)) return false;
    value = std::string(bytes);
  }
  out->Add(std::string(name), std::move(value));
  return true;
}

}  // namespace

const Headers& Headers::Empty() {
  static const Headers empty;
  return empty;
}

Headers& Headers::Add(std::string name, std::optional<std::string> value) {
  entries_.push_back({std::move(name), std::move(value)});
  return *this;
}

Headers& Headers::Remove(std::string_view name) {
  std::erase_if(entries_, [name](const Entry& entry) { return entry.name == name; });
  return *this;
}

const Headers::Entry* Headers::Last(std::string_view name) const {
  auto it = std::find_if(entries_.rbegin(), entries_.rend(),
                         [name](const Entry& entry) { return entry.name == name; });
  return it == entries_.rend() ? nullptr : &*it;
}

void AppendHeaders(const Headers& headers, std::string* out) {
  if (headers.empty()) return;
  AppendVarint(headers.size(), out);
  for (const Headers::Entry& entry : headers) {
    AppendVarint(entry.name.size(), out);
    out->append(entry.name);
    AppendVarint(entry.value.has_value() ? entry.value->size() + 1 : 0, out);
    if (entry.value.has_value()) out->append(*entry.value);
  }
}

absl::Status DecodeHeaders(std::string_view bytes, Headers* out) {
  *out = Headers();
  if (bytes.empty()) return absl::OkStatus();
  uint64_t count = 0;
  bool good = ParseVarint(&bytes, &count) && count > 0;
  for (uint64_t i = 0; good && i < count; ++i) good = ParseEntry(&bytes, out);
  if (!good || !bytes.empty()) return absl::DataLossError("damaged record headers");
  return absl::OkStatus();
}

}  // namespace millrace
