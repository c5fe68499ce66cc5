// What operators and users may expect of a store with a limit of rows.
#include <gmock/gmock.h>

#include <algorithm>

#include "store_testing.h"

namespace millrace {
namespace {

using store_testing::At;
using store_testing::Change;
using store_testing::TestStores;

class LruStore : public testing::Test {
 protected:
  using Rows = KeyValueStore<std::string, std::string>;

  static detail::StoreSpec Spec(size_t max_rows) {
    return Store<std::string, std::string>("rows", {.max_rows = max_rows});
  }
  static std::string Keys(const Rows& store) {
    std::string keys;
    for (auto row = store.All(); row.Valid(); row.Next()) keys += row.key();
    return keys;
  }
  TestStores stores_{{Spec(3)}};
  Rows store_ = stores_.KeyValue();
};

TEST_F(LruStore, TheLeastRecentlyUsedRowGoes) {
  for (const char* key : {"a", "b", "c"}) store_.Put(key, "x");
  store_.Put("a", "again");
  EXPECT_TRUE(store_.Get("b"));
  EXPECT_FALSE(store_.Get("none"));
  store_.Put("d", "x");
  EXPECT_EQ(Keys(store_), "abd");
  store_.Delete("b");
  store_.Put("e", "x");
  EXPECT_EQ(Keys(store_), "ade");
}

TEST_F(LruStore, AnAbortedTransactionWasNoUse) {
  for (const char* key : {"a", "b", "c"}) store_.Put(key, "x");
  stores_.Commit();
  EXPECT_TRUE(store_.Get("a"));
  store_.Put("d", "x");  // drives b out
  stores_->Discard();
  EXPECT_EQ(Keys(store_), "abc");
  store_.Put("e", "x");
  EXPECT_EQ(Keys(store_), "bce");
}

TEST_F(LruStore, AnEvictedRowIsDeletedInTheChangelog) {
  for (const char* key : {"a", "b", "c", "d"}) store_.Put(key, "x");
  const std::vector<Change> changes = stores_.Commit();
  EXPECT_EQ(std::count_if(changes.begin(), changes.end(),
                          [](const Change& change) { return change.key == "a" && !change.value; }),
            1);
}

TEST_F(LruStore, ARestoredStoreKnowsWhatWasUsed) {
  std::vector<Change> changelog;
  const auto commit = [&] {
    for (Change& change : stores_.Commit()) changelog.push_back(std::move(change));
  };
  for (const char* key : {"a", "b", "c"}) store_.Put(key, "x");
  commit();
  EXPECT_TRUE(store_.Get("a"));
  commit();
  EXPECT_TRUE(store_.Get("c"));
  EXPECT_TRUE(store_.Get("b"));
  commit();
  TestStores restored({Spec(3)});
  ASSERT_TRUE(restored.Restore("rows", changelog).ok());
  restored.KeyValue().Put("d", "x");
  EXPECT_EQ(Keys(restored.KeyValue()), "bcd");
}

TEST_F(LruStore, ASmallerLimitHoldsFromTheNextWriteOn) {
  for (const char* key : {"a", "b", "c"}) store_.Put(key, "x");
  TestStores smaller({Spec(2)});
  ASSERT_TRUE(smaller.Restore("rows", stores_.Commit()).ok());
  smaller.KeyValue().Put("d", "x");
  EXPECT_EQ(Keys(smaller.KeyValue()), "cd");
}

// Against a list of keys, the last used one at its end.
TEST_F(LruStore, BehavesLikeAListInTheOrderOfUse) {
  const uint64_t seed = store_testing::NewSeed();
  SCOPED_TRACE(testing::Message() << "seed " << seed << " (MILLRACE_SEED replays it)");
  std::mt19937_64 random(seed);
  std::vector<std::string> used;
  std::vector<std::string> committed;
  for (int step = 0; step < 5'000; ++step) {
    const std::string key(1, static_cast<char>('a' + random() % 6));
    const bool there = std::erase(used, key) > 0;
    const uint64_t what = random() % 20;
    if (what < 8) {
      store_.Put(key, "x");
      used.push_back(key);
      if (used.size() > 3) used.erase(used.begin());
    } else if (what < 10) {
      store_.Delete(key);
    } else {
      ASSERT_EQ(static_cast<bool>(store_.Get(key)), there) << "step " << step;
      if (there) used.push_back(key);
      if (what == 18) {
        stores_.Commit();
        committed = used;
      } else if (what == 19) {
        stores_->Discard();
        used = committed;
      }
    }
  }
}

}  // namespace
}  // namespace millrace
