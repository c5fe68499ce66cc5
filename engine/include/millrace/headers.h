// Record headers: an ordered list of names and optional values; a name may occur more than once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace millrace {

class Headers {
 public:
  struct Entry {
    std::string name;
    std::optional<std::string> value;  // nullopt = null
    bool operator==(const Entry&) const = default;
  };

  Headers() = default;
  Headers(std::initializer_list<Entry> entries) : entries_(entries) {}

  // The list that records without headers share.
  static const Headers& Empty();

  bool empty() const { return entries_.empty(); }
  size_t size() const { return entries_.size(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

  Headers& Add(std::string name, std::optional<std::string> value);
  // Removes every entry of that name.
  Headers& Remove(std::string_view name);
  // The last entry of that name, or null.
  const Entry* Last(std::string_view name) const;

  bool operator==(const Headers&) const = default;

 private:
  std::vector<Entry> entries_;
};

// The wire form inside millrace's own formats: varint count, then per entry varint name length,
// name, varint (value length + 1, 0 = null), value. An empty list encodes to no bytes at all.
void AppendHeaders(const Headers& headers, std::string* out);
// DataLoss when `bytes` is not such a list.
absl::Status DecodeHeaders(std::string_view bytes, Headers* out);

}  // namespace millrace
