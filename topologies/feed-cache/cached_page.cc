#include "topologies/feed-cache/cached_page.h"

#include <array>
#include <cstdint>

#include "millrace/status.h"

namespace millrace {

using topologies::cache::WrittenPage;

void Serde<WrittenPage>::Encode(const WrittenPage& row, std::string* out) {
  for (const Timestamp time : {row.page.version, row.page.written_at, row.page.expires}) {
    Serde<int64_t>::Encode(ToMillis(time), out);
  }
  Serde<int64_t>::Encode(static_cast<int64_t>(row.content.size()), out);
  out->append(row.content);
  out->append(row.page.json);
}

absl::Status Serde<WrittenPage>::Decode(std::string_view bytes, WrittenPage* out) {
  std::array<int64_t, 4> numbers{};
  for (int64_t& number : numbers) {
    if (bytes.size() < sizeof number) return absl::InvalidArgumentError("a written page: cut off");
    MR_RETURN_IF_ERROR(Serde<int64_t>::Decode(bytes.substr(0, sizeof number), &number));
    bytes.remove_prefix(sizeof number);
  }
  const auto content = static_cast<size_t>(numbers[3]);
  if (numbers[3] < 0 || content > bytes.size()) {
    return absl::InvalidArgumentError("a written page: cut off");
  }
  out->page = {.version = TimestampFromMillis(numbers[0]),
               .written_at = TimestampFromMillis(numbers[1]),
               .expires = TimestampFromMillis(numbers[2]),
               .json = std::string(bytes.substr(content))};
  out->content.assign(bytes.substr(0, content));
  return absl::OkStatus();
}

}  // namespace millrace
