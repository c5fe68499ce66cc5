#include "store/sorted_changes.h"

#include <algorithm>

namespace millrace::store {
namespace {

// A change in the order of tables and keys. Eight bytes of the key tell most of them apart without
// a look at the batch.
struct Place {
  uint32_t table;
  uint32_t index;
  uint64_t head;
};

uint64_t HeadOf(std::string_view key) {
  uint64_t head = 0;
  for (size_t i = 0; i < sizeof head; ++i) {
    head = head << 8 | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0);
  }
  return head;
}

// What all keys of one table begin with: windows of one segment have many bytes in common.
class CommonPrefixes {
 public:
  void Add(TableId table, std::string_view key) {
    if (prefixes_.size() <= table.value()) prefixes_.resize(table.value() + 1);
    std::optional<std::string_view>& prefix = prefixes_[table.value()];
    if (!prefix.has_value()) prefix = key;
    const auto ends = std::mismatch(prefix->begin(), prefix->end(), key.begin(), key.end());
    prefix = prefix->substr(0, static_cast<size_t>(ends.first - prefix->begin()));
  }
  size_t SizeOf(TableId table) const { return prefixes_[table.value()]->size(); }

 private:
  std::vector<std::optional<std::string_view>> prefixes_;
};

}  // namespace

std::optional<std::vector<uint32_t>> SortedChanges(const BackendBatch& batch) {
  CommonPrefixes prefixes;
  for (size_t i = 0; i < batch.size(); ++i) {
    const BackendBatch::Change change = batch.at(i);
    if (change.kind == BackendBatch::Kind::kDeleteRange) return std::nullopt;
    prefixes.Add(change.table, change.key);
  }
  std::vector<Place> places;
  places.reserve(batch.size());
  for (uint32_t i = 0; i < batch.size(); ++i) {
    const BackendBatch::Change change = batch.at(i);
    const std::string_view rest = change.key.substr(prefixes.SizeOf(change.table));
    places.push_back({change.table.value(), i, HeadOf(rest)});
  }
  std::sort(places.begin(), places.end(), [&batch](const Place& a, const Place& b) {
    if (a.table != b.table) return a.table < b.table;
    if (a.head != b.head) return a.head < b.head;
    const int keys = batch.at(a.index).key.compare(batch.at(b.index).key);
    return keys != 0 ? keys < 0 : a.index > b.index;
  });
  std::vector<uint32_t> order;
  order.reserve(places.size());
  const Place* last = nullptr;
  for (const Place& place : places) {
    const bool again = last != nullptr && last->table == place.table && last->head == place.head &&
                       batch.at(last->index).key == batch.at(place.index).key;
    if (!again) order.push_back(place.index);
    last = &place;
  }
  return order;
}

}  // namespace millrace::store
