#include "topology/java_order.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

namespace millrace::detail {

namespace {

// String.hashCode() with HashMap's spreading. Names are ASCII, so a char is a byte.
uint32_t JavaHash(const std::string& name) {
  uint32_t hash = 0;
  for (const char c : name) hash = hash * 31 + static_cast<unsigned char>(c);
  return hash ^ (hash >> 16);
}

// A table is walked bucket by bucket; names in one bucket stand in the order of their insertion.
std::vector<size_t> OrderInTable(const std::vector<std::string>& names, size_t buckets) {
  std::vector<size_t> order(names.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return (JavaHash(names[a]) & (buckets - 1)) < (JavaHash(names[b]) & (buckets - 1));
  });
  return order;
}

}  // namespace

std::vector<size_t> JavaHashOrder(const std::vector<std::string>& names) {
  size_t buckets = 16;
  while (names.size() * 4 > buckets * 3) buckets *= 2;
  return OrderInTable(names, buckets);
}

std::vector<size_t> JavaCopiedHashOrder(const std::vector<std::string>& names) {
  size_t buckets = 16;
  while (buckets < names.size() * 4 / 3 + 1) buckets *= 2;
  return OrderInTable(names, buckets);
}

}  // namespace millrace::detail
