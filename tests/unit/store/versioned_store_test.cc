// What operators and users may expect of a versioned store, on both backends.
#include "millrace/versioned_store.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "store_testing.h"

namespace millrace {
namespace {

using store_testing::At;
using store_testing::Change;
using store_testing::TestStores;
using testing::ElementsAre;

class VersionStoreTest : public testing::TestWithParam<bool> {
 protected:
  using Store = VersionStore<std::string, std::string>;

  static detail::StoreSpec Spec(std::string name, bool forgets = false) {
    return VersionedStore<std::string, std::string>(
        std::move(name),
        {.history = Duration(1'000), .in_memory = GetParam(), .forgets_tombstones = forgets});
  }
  static Store Of(TestStores& stores, std::string_view name = "versions") {
    return Store(static_cast<detail::ErasedVersionedStore*>(stores->Find(name)));
  }
  static std::string Text(const ValueAndTimestamp<std::string>& version) {
    return version ? *version + "@" + std::to_string(ToMillis(version.timestamp)) : "none";
  }
  size_t CommittedRows(const std::string& store) {
    size_t rows = 0;
    EXPECT_TRUE(stores_->committed()
                    ->Scan(store,
                           [&](auto, auto, auto) {
                             ++rows;
                             return true;
                           })
                    .ok());
    return rows;
  }

  TestStores stores_{{Spec("versions"), Spec("forgetful", /*forgets=*/true)}};
  Store store_ = Of(stores_);
};

INSTANTIATE_TEST_SUITE_P(Backends, VersionStoreTest, testing::Bool(), store_testing::BackendName);

TEST_P(VersionStoreTest, ReadsWhatWasValidAtATime) {
  store_.Put("a", "1", At(100));
  stores_.Commit();
  store_.Put("a", "3", At(300));
  store_.Put("a", "2", At(200));
  EXPECT_EQ(Text(store_.Get("a")), "3@300");
  EXPECT_EQ(Text(store_.GetAsOf("a", At(99))), "none");
  EXPECT_EQ(Text(store_.GetAsOf("a", At(100))), "1@100");
  EXPECT_EQ(Text(store_.GetAsOf("a", At(299))), "2@200");
  EXPECT_EQ(Text(store_.GetAsOf("a", Timestamp::max())), "3@300");
  EXPECT_EQ(Text(store_.GetAsOf("", At(200))), "none");
}

TEST_P(VersionStoreTest, AnOlderVersionIsPutBelowTheNextOne) {
  EXPECT_TRUE(store_.Put("a", "3", At(300)).is_latest());
  EXPECT_EQ(store_.Put("a", "1", At(100)).valid_to, At(300));
  EXPECT_EQ(store_.Delete("a", At(200)).valid_to, At(300));
  EXPECT_EQ(store_.Put("a", "1b", At(100)).valid_to, At(200));
  EXPECT_EQ(Text(store_.GetAsOf("a", At(199))), "1b@100");
  EXPECT_EQ(Text(store_.GetAsOf("a", At(250))), "none");
}

TEST_P(VersionStoreTest, DropsWhatIsOlderThanTheHistory) {
  store_.Put("a", "1", At(100));
  store_.Put("a", "2", At(500));
  store_.Put("b", "far", At(1'501));
  EXPECT_FALSE(store_.Put("a", "late", At(500)).kept);
  EXPECT_TRUE(store_.Put("a", "in time", At(501)).kept);
  EXPECT_EQ(Text(store_.GetAsOf("a", At(200))), "none");
  EXPECT_EQ(Text(store_.GetAsOf("a", At(501))), "in time@501");
}

TEST_P(VersionStoreTest, TheLatestVersionNeverGetsTooOld) {
  store_.Put("a", "1", At(100));
  store_.Put("b", "far", At(90'000));
  stores_.Commit();
  EXPECT_EQ(Text(store_.Get("a")), "1@100");
  EXPECT_EQ(Text(store_.GetAsOf("a", At(200))), "1@100");
}

TEST_P(VersionStoreTest, VersionsThatNobodySeesAreDeletedAlsoFromTheChangelog) {
  std::map<std::string, std::optional<std::string>> compacted;
  for (int i = 0; i < 3'000; ++i) {
    const std::string key(1, static_cast<char>('a' + i % 20));
    if (i % 7 == 0) {
      store_.Delete(key + "gone", At(i * 100));
    } else {
      store_.Put(key, "x", At(i * 100));
    }
    if (i % 10 != 0) continue;
    for (Change& change : stores_.Commit()) compacted[change.key] = std::move(change.value);
  }
  // 20 latest versions, a history of ten, and what the walk has not met yet.
  EXPECT_LT(CommittedRows("versions"), 200u);
  EXPECT_LT(std::count_if(compacted.begin(), compacted.end(),
                          [](const auto& row) { return row.second.has_value(); }),
            200);
}

TEST_P(VersionStoreTest, ATombstoneStaysUnlessKafkaStreamsRuleIsAskedFor) {
  Store forgetful = Of(stores_, "forgetful");
  for (Store store : {store_, forgetful}) {
    store.Put("a", "1", At(500));
    store.Delete("a", At(500));
  }
  EXPECT_EQ(store_.Put("a", "late", At(400)).valid_to, At(500));
  EXPECT_EQ(Text(store_.Get("a")), "none");
  EXPECT_TRUE(forgetful.Put("a", "late", At(400)).is_latest());
  EXPECT_EQ(Text(forgetful.Get("a")), "late@400");
}

TEST_P(VersionStoreTest, ChangelogKeysAreTheKeyAndTheTimestamp) {
  store_.Put(std::string("k\0", 2), "x", At(0x0102));
  store_.Delete("k", At(0x0103));
  EXPECT_THAT(
      stores_.Commit(),
      ElementsAre(Change{std::string("k\0\0\0\0\0\0\0\1\2", 10), "\1x", At(0x0102)},
                  Change{std::string("k\0\0\0\0\0\0\1\3", 9), std::string(1, '\0'), At(0x0103)}));
}

TEST_P(VersionStoreTest, RestoredVersionsAreReadAndAgeLikeBefore) {
  store_.Put("a", "1", At(100));
  store_.Put("a", "2", At(900));
  store_.Delete("b", At(900));
  TestStores restored({Spec("versions")});
  ASSERT_TRUE(restored.Restore("versions", stores_.Commit()).ok());
  Store store = Of(restored);
  EXPECT_EQ(Text(store.GetAsOf("a", At(899))), "1@100");
  EXPECT_EQ(store.Put("b", "old", At(800)).valid_to, At(900));
  EXPECT_FALSE(store.Put("c", "too old", At(-101)).kept);
}

TEST_P(VersionStoreTest, AChangelogKeyWithoutATimestampIsDataLoss) {
  EXPECT_TRUE(absl::IsDataLoss(stores_.Restore("versions", {{"short", "x", At(0)}})));
}

}  // namespace
}  // namespace millrace
