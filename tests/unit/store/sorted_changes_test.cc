#include "store/sorted_changes.h"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "unit/store/store_testing.h"

namespace millrace::store {
namespace {

using Rows = std::map<std::pair<uint32_t, std::string>, std::string>;

void Apply(const BackendBatch::Change& change, Rows* rows) {
  const std::pair key{change.table.value(), std::string(change.key)};
  if (change.kind == BackendBatch::Kind::kPut) {
    (*rows)[key] = change.value;
  } else {
    rows->erase(key);
  }
}

TEST(SortedChanges, LeaveTheRowsThatTheChangesInOrderLeave) {
  const uint64_t seed = store_testing::NewSeed();
  SCOPED_TRACE("MILLRACE_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 200; ++round) {
    BackendBatch batch;
    Rows expected;
    // Short keys of few letters, with a zero byte among them: equal ones, prefixes of each other.
    const std::string prefix(random() % 12, 'p');
    for (uint32_t n = random() % 100; n > 0; --n) {
      std::string key = prefix;
      for (uint32_t i = random() % 11; i > 0; --i) key += "\0a\xff"[random() % 3];
      const TableId table(random() % 3);
      if (random() % 4 == 0) {
        batch.Delete(table, key);
      } else {
        batch.Put(table, key, std::to_string(n));
      }
      Apply(batch.at(batch.size() - 1), &expected);
    }
    const auto sorted = SortedChanges(batch);
    ASSERT_TRUE(sorted.has_value());
    Rows rows;
    for (const uint32_t index : *sorted) Apply(batch.at(index), &rows);
    EXPECT_EQ(rows, expected);
    const auto place = [&batch](uint32_t index) {
      return std::pair(batch.at(index).table.value(), batch.at(index).key);
    };
    EXPECT_TRUE(std::is_sorted(sorted->begin(), sorted->end(),
                               [&](uint32_t a, uint32_t b) { return place(a) < place(b); }));
    EXPECT_EQ(std::adjacent_find(sorted->begin(), sorted->end(),
                                 [&](uint32_t a, uint32_t b) { return place(a) == place(b); }),
              sorted->end());
  }
}

TEST(SortedChanges, AreNoneWhereARangeIsDeleted) {
  BackendBatch batch;
  batch.Put(TableId(1), "b", "1");
  batch.DeleteRange(TableId(1), "a", "c");
  batch.Put(TableId(1), "a", "2");
  EXPECT_EQ(SortedChanges(batch), std::nullopt);
}

}  // namespace
}  // namespace millrace::store
