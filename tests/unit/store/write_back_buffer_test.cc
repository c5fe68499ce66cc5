// The memory of a task's stores: what is kept, what is counted, and when a task should commit.
#include "store_testing.h"

namespace millrace {
namespace {

using store_testing::At;
using store_testing::TestStores;

constexpr size_t kBufferBytes = 64 << 10;

class WriteBackBufferTest : public testing::TestWithParam<bool> {
 protected:
  std::string Value(int i) const { return std::string(1000, static_cast<char>('a' + i % 26)); }
  void Put(int from, int to) {
    for (int i = from; i < to; ++i) store_.Put("key-" + std::to_string(i), Value(i), At(i));
  }

  TestStores stores_{{Store<std::string, std::string>("rows", {.in_memory = GetParam()}),
                      Store<std::string, std::string>("others", {.in_memory = GetParam()})},
                     kBufferBytes};
  KeyValueStore<std::string, std::string> store_ = stores_.KeyValue();
};

INSTANTIATE_TEST_SUITE_P(Backends, WriteBackBufferTest, testing::Bool(),
                         store_testing::BackendName);

TEST_P(WriteBackBufferTest, DirtyBytesGrowPastTheCapacityUntilTheTaskCommits) {
  Put(0, 200);
  // The signal for an early commit; nothing that is not committed may leave the buffer.
  EXPECT_GT(stores_->dirty_bytes(), 200 * 1000u);
  EXPECT_LT(stores_->dirty_bytes(), 200 * 1500u);
  EXPECT_GE(stores_->cached_bytes(), stores_->dirty_bytes());
  EXPECT_EQ(stores_.Commit().size(), 200u);
  EXPECT_EQ(stores_->dirty_bytes(), 0u);
  EXPECT_LE(stores_->cached_bytes(), kBufferBytes);
}

TEST_P(WriteBackBufferTest, RowsThatAreOverwrittenAreCountedOnce) {
  Put(0, 10);
  const size_t bytes = stores_->dirty_bytes();
  for (int i = 0; i < 100; ++i) Put(0, 10);
  EXPECT_EQ(stores_->dirty_bytes(), bytes);
  for (int i = 0; i < 10; ++i) store_.Delete("key-" + std::to_string(i));
  EXPECT_LT(stores_->dirty_bytes(), bytes - 10 * 900);
}

TEST_P(WriteBackBufferTest, CleanRowsOfAllStoresFitTheCapacityTogether) {
  Put(0, 200);
  stores_.Commit();
  auto others = stores_.KeyValue("others");
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(*store_.Get("key-" + std::to_string(i)), Value(i));
    EXPECT_FALSE(others.Get("key-" + std::to_string(i)));
    // One row may be loaded before another goes.
    EXPECT_LE(stores_->cached_bytes(), kBufferBytes + 2000);
  }
}

TEST_P(WriteBackBufferTest, AValueReadFromARowMayBeWrittenToAnother) {
  Put(0, 100);
  stores_.Commit();
  Put(100, 200);  // no room for clean rows
  for (int i = 0; i < 100; ++i) {
    store_.Put("copy-" + std::to_string(i), *store_.Get("key-" + std::to_string(i)), At(i));
    EXPECT_EQ(*store_.Get("copy-" + std::to_string(i)), Value(i));
  }
}

TEST_P(WriteBackBufferTest, ABufferWithoutRoomOnlyHoldsWhatIsBorrowed) {
  TestStores tight({Store<std::string, std::string>("rows", {.in_memory = GetParam()})}, 0);
  auto store = tight.KeyValue();
  for (int i = 0; i < 100; ++i) store.Put(std::to_string(i), Value(i), At(i));
  tight.Commit();
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 100; ++i) ASSERT_EQ(*store.Get(std::to_string(i)), Value(i));
  }
  EXPECT_LE(tight->cached_bytes(), 3000u);
}

TEST_P(WriteBackBufferTest, DiscardedAndRestoredStoresHoldNothing) {
  Put(0, 50);
  stores_->Discard();
  EXPECT_EQ(stores_->cached_bytes(), 0u);
  Put(0, 50);
  stores_.Commit();
  EXPECT_GT(stores_->cached_bytes(), 0u);
  ASSERT_TRUE(stores_.Restore("rows", {}).ok());
  EXPECT_EQ(stores_->cached_bytes(), 0u);
}

}  // namespace
}  // namespace millrace
