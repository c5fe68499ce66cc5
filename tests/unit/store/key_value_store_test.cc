// What operators and users may expect of a key-value store, on both backends.
#include <gmock/gmock.h>

#include "store_testing.h"

namespace millrace {
namespace {

using store_testing::At;
using store_testing::Change;
using store_testing::TestStores;
using testing::ElementsAre;
using testing::IsEmpty;

class KeyValueStoreTest : public testing::TestWithParam<bool> {
 protected:
  using Store = KeyValueStore<std::string, std::string>;

  TestStores stores_{{millrace::Store<std::string, std::string>("rows", {.in_memory = GetParam()}),
                      millrace::Store<std::string, int64_t>("counts", {.in_memory = GetParam()})}};
  Store store_ = stores_.KeyValue();

  void Fill(std::string_view keys) {
    for (char key : keys) store_.Put(std::string(1, key), std::string("value of ") + key, At(key));
  }
  static std::string Keys(RowIterator<std::string, std::string> rows) {
    std::string keys;
    for (; rows.Valid(); rows.Next()) keys += rows.key() + ' ';
    if (!keys.empty()) keys.pop_back();
    return keys;
  }
};

INSTANTIATE_TEST_SUITE_P(Backends, KeyValueStoreTest, testing::Bool(), store_testing::BackendName);

TEST_P(KeyValueStoreTest, ReadsWhatTheOpenTransactionWrote) {
  EXPECT_FALSE(store_.Get("a"));
  store_.Put("a", "first", At(10));
  ASSERT_TRUE(store_.Get("a"));
  EXPECT_EQ(*store_.Get("a"), "first");
  EXPECT_EQ(store_.Get("a").timestamp, At(10));
  store_.Put("a", "second", At(20));
  EXPECT_EQ(*store_.Get("a"), "second");
  store_.Delete("a");
  EXPECT_FALSE(store_.Get("a"));
}

TEST_P(KeyValueStoreTest, ReadsCommittedRowsWithTheirTimestamps) {
  Fill("ab");
  stores_.Commit();
  EXPECT_EQ(*store_.Get("b"), "value of b");
  EXPECT_EQ(store_.Get("b").timestamp, At('b'));
  store_.Delete("b");
  EXPECT_FALSE(store_.Get("b"));
}

TEST_P(KeyValueStoreTest, KnowsAboutHowManyRowsTheLastCommitLeft) {
  EXPECT_EQ(store_.ApproximateNumEntries(), 0);
  Fill("abcde");
  stores_.Commit();
  EXPECT_EQ(store_.ApproximateNumEntries(), 5);
  store_.Delete("a");
  stores_.Commit();
  if (GetParam()) {
    EXPECT_EQ(store_.ApproximateNumEntries(), 4);
  } else {
    EXPECT_LE(store_.ApproximateNumEntries(), 5);
  }
}

TEST_P(KeyValueStoreTest, RangesIncludeBothBounds) {
  Fill("abcde");
  std::string b = "b";
  EXPECT_EQ(Keys(store_.Range("b", "d")), "b c d");
  EXPECT_EQ(Keys(store_.Range("b", "d", Order::kReverse)), "d c b");
  EXPECT_EQ(Keys(store_.Range(&b, nullptr)), "b c d e");
  EXPECT_EQ(Keys(store_.Range(nullptr, &b, Order::kReverse)), "b a");
  EXPECT_EQ(Keys(store_.All()), "a b c d e");
  EXPECT_EQ(Keys(store_.All(Order::kReverse)), "e d c b a");
  EXPECT_EQ(Keys(store_.Range("d", "b")), "");
  EXPECT_EQ(Keys(store_.Range("d", "b", Order::kReverse)), "");
  EXPECT_EQ(Keys(store_.Range("c", "c")), "c");
}

TEST_P(KeyValueStoreTest, RangesMergeTheOpenTransactionOverCommittedRows) {
  Fill("ace");
  stores_.Commit();
  Fill("bd");
  store_.Delete("c");
  store_.Put("e", "new", At(1));
  EXPECT_EQ(Keys(store_.All()), "a b d e");
  EXPECT_EQ(Keys(store_.All(Order::kReverse)), "e d b a");
  auto last = store_.All(Order::kReverse);
  EXPECT_EQ(last.value(), "new");
  EXPECT_EQ(last.timestamp(), At(1));
}

TEST_P(KeyValueStoreTest, PrefixesStopBeforeTheNextPrefix) {
  for (const char* key : {"a", "ab", "ab1", "ab\xff", "ac", "\xff", "\xff\xff"}) {
    store_.Put(key, "x", At(0));
  }
  EXPECT_EQ(Keys(store_.Prefix("ab")), "ab ab1 ab\xff");
  EXPECT_EQ(Keys(store_.Prefix("ab", Order::kReverse)), "ab\xff ab1 ab");
  stores_.Commit();
  EXPECT_EQ(Keys(store_.Prefix("ab\xff")), "ab\xff");
  EXPECT_EQ(Keys(store_.Prefix("\xff", Order::kReverse)), "\xff\xff \xff");
}

TEST_P(KeyValueStoreTest, AWalkDoesNotSeeWritesThatFollowIt) {
  Fill("ac");
  stores_.Commit();
  Fill("bd");
  auto rows = store_.All();
  std::string seen;
  for (; rows.Valid(); rows.Next()) {
    seen += rows.key();
    store_.Delete(rows.key());
    store_.Put("bb", "behind", At(0));
    store_.Put("d", "changed", At(0));
    seen += rows.value().back();
  }
  EXPECT_EQ(seen, "aabbccdd");
  EXPECT_EQ(Keys(store_.All()), "bb d");
}

TEST_P(KeyValueStoreTest, AnOpenWalkIsCounted) {
  Fill("a");
  EXPECT_EQ(stores_->open_iterators(), 0);
  {
    auto rows = store_.All();
    EXPECT_EQ(stores_->open_iterators(), 1);
  }
  EXPECT_EQ(stores_->open_iterators(), 0);
}

TEST_P(KeyValueStoreTest, SwapLeavesTheOldValueInTheBox) {
  auto* erased = static_cast<detail::ErasedKeyValueStore*>(stores_->Find("counts"));
  const detail::Codec* codec = erased->spec().value;
  const std::string key = "k";
  detail::ErasedValue box;
  *static_cast<int64_t*>(box.Emplace(codec)) = 7;
  erased->Swap(&key, &box, At(1));
  EXPECT_FALSE(box.has_value());
  stores_.Commit();
  *static_cast<int64_t*>(box.Emplace(codec)) = 8;
  erased->Swap(&key, &box, At(2));
  ASSERT_TRUE(box.has_value());
  EXPECT_EQ(*static_cast<int64_t*>(box.get()), 7);
  EXPECT_EQ(*stores_.KeyValue<int64_t>("counts").Get(key), 8);
}

TEST_P(KeyValueStoreTest, ACommitHasOneChangePerRowInTheOrderOfTheFirst) {
  store_.Put("b", "1", At(1));
  store_.Put("a", "1", At(2));
  store_.Put("b", "2", At(3));
  store_.Delete("c");
  stores_.KeyValue<int64_t>("counts").Put("n", 1, At(4));
  EXPECT_THAT(stores_.Commit(),
              ElementsAre(Change{"b", "2", At(3)}, Change{"a", "1", At(2)},
                          Change{"c", std::nullopt, kNoTimestamp},
                          Change{"n", std::string("\0\0\0\0\0\0\0\1", 8), At(4)}));
  EXPECT_THAT(stores_.Commit(), IsEmpty());
}

TEST_P(KeyValueStoreTest, ChangesMadeAfterCollectingAreAppliedToo) {
  store_.Put("a", "1", At(1));
  stores_.Collect();
  store_.Put("a", "2", At(2));
  ASSERT_TRUE(stores_->Apply({}).ok());
  ASSERT_TRUE(stores_->Restore("counts", {}, Offset(0)).ok());
  EXPECT_EQ(*store_.Get("a"), "2");
  EXPECT_THAT(stores_.Collect(), IsEmpty());
}

TEST_P(KeyValueStoreTest, AnErrorOfTheChangelogStopsCollecting) {
  Fill("abc");
  int calls = 0;
  absl::Status status = stores_->CollectChanges([&](const auto&, const auto&) {
    return ++calls == 2 ? absl::UnavailableError("full") : absl::OkStatus();
  });
  EXPECT_EQ(status, absl::UnavailableError("full"));
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(stores_.Commit().size(), 3u);
}

TEST_P(KeyValueStoreTest, DiscardGoesBackToTheLastCommit) {
  Fill("ab");
  stores_.Commit();
  store_.Put("a", "lost", At(1));
  store_.Delete("b");
  Fill("c");
  stores_.Collect();
  stores_->Discard();
  EXPECT_EQ(*store_.Get("a"), "value of a");
  EXPECT_EQ(Keys(store_.All()), "a b");
  EXPECT_THAT(stores_.Commit(), IsEmpty());
  EXPECT_EQ(stores_->dirty_bytes(), 0u);
}

TEST_P(KeyValueStoreTest, RestoredRowsAreThoseOfTheChangelog) {
  ASSERT_TRUE(
      stores_
          .Restore(
              "rows",
              {{"a", "1", At(1)}, {"b", "1", At(2)}, {"a", "2", At(3)}, {"b", std::nullopt, At(4)}},
              /*first=*/5)
          .ok());
  EXPECT_EQ(*store_.Get("a"), "2");
  EXPECT_EQ(store_.Get("a").timestamp, At(3));
  EXPECT_EQ(Keys(store_.All()), "a");
  EXPECT_EQ(stores_->position("rows"), Offset(9));
  EXPECT_EQ(stores_->position("counts"), std::nullopt);
  EXPECT_THAT(stores_.Commit(), IsEmpty());
}

TEST_P(KeyValueStoreTest, ARestoreReplacesRowsThatWereReadBefore) {
  EXPECT_FALSE(store_.Get("a"));
  EXPECT_EQ(Keys(store_.All()), "");
  ASSERT_TRUE(stores_.Restore("rows", {{"a", "1", At(1)}}).ok());
  ASSERT_TRUE(store_.Get("a"));
  EXPECT_EQ(Keys(store_.All()), "a");
}

TEST_P(KeyValueStoreTest, QueriesSeeCommittedRowsOnly) {
  Fill("ab");
  stores_.Commit();
  store_.Delete("a");
  Fill("c");
  std::vector<Change> rows;
  auto visit = [&](std::string_view key, std::string_view value, Timestamp timestamp) {
    rows.push_back({std::string(key), std::string(value), timestamp});
    return true;
  };
  ASSERT_TRUE(stores_->committed()->Scan("rows", visit).ok());
  EXPECT_THAT(rows,
              ElementsAre(Change{"a", "value of a", At('a')}, Change{"b", "value of b", At('b')}));
  EXPECT_EQ(stores_->committed()->Scan("nothing", visit).code(), absl::StatusCode::kNotFound);
}

TEST_P(KeyValueStoreTest, ALongQueryVisitsEveryRowOnce) {
  for (int i = 0; i < 3000; ++i) store_.Put("key-" + std::to_string(i), "x", At(i));
  stores_.Commit();
  int rows = 0;
  ASSERT_TRUE(
      stores_->committed()->Scan("rows", [&](auto, auto, auto) { return ++rows > 0; }).ok());
  EXPECT_EQ(rows, 3000);
  rows = 0;
  ASSERT_TRUE(
      stores_->committed()->Scan("rows", [&](auto, auto, auto) { return ++rows < 5; }).ok());
  EXPECT_EQ(rows, 5);
}

TEST_P(KeyValueStoreTest, AStoreWithoutAChangelogIsAppliedButNotCollected) {
  TestStores quiet({millrace::Store<std::string, std::string>(
      "rows", {.in_memory = GetParam(), .changelog = false})});
  quiet.KeyValue().Put("a", "1", At(1));
  EXPECT_THAT(quiet.Commit(), IsEmpty());
  quiet->Discard();
  EXPECT_EQ(*quiet.KeyValue().Get("a"), "1");
}

TEST_P(KeyValueStoreTest, UnknownNamesHaveNoStore) { EXPECT_EQ(stores_->Find("nothing"), nullptr); }

}  // namespace
}  // namespace millrace
