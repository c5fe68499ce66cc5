// What operators and users may expect of a window store, on both backends.
#include <gmock/gmock.h>

#include "store_testing.h"

namespace millrace {
namespace {

using store_testing::At;
using store_testing::Change;
using store_testing::TestStores;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Duration kRetention{600'000};  // segments of 300 s

class WindowStoreTest : public testing::TestWithParam<bool> {
 protected:
  using Store = WindowStore<std::string, std::string>;
  using Rows = RowIterator<std::string, std::string>;

  static detail::StoreSpec Spec(std::string name, bool duplicates) {
    return WindowedStore<std::string, std::string>(std::move(name),
                                                   {.window_size = Duration(60'000),
                                                    .retention = kRetention,
                                                    .retain_duplicates = duplicates,
                                                    .in_memory = GetParam()});
  }
  static std::string Text(Rows rows) {
    std::string text;
    for (; rows.Valid(); rows.Next()) {
      text += (text.empty() ? "" : " ") + rows.key() + "@" +
              std::to_string(ToMillis(rows.window_start()) / 1000) + "=" + rows.value();
    }
    return text;
  }
  static Timestamp Second(int64_t seconds) { return At(seconds * 1000); }

  TestStores stores_{{Spec("windows", false), Spec("duplicates", true)}};
  Store store_ = stores_.Window();
};

INSTANTIATE_TEST_SUITE_P(Backends, WindowStoreTest, testing::Bool(), store_testing::BackendName);

TEST_P(WindowStoreTest, FetchesTheWindowOfAKey) {
  store_.Put("a", Second(60), "x");
  EXPECT_EQ(*store_.Fetch("a", Second(60)), "x");
  EXPECT_FALSE(store_.Fetch("a", Second(61)));
  EXPECT_FALSE(store_.Fetch("b", Second(60)));
  stores_.Commit();
  store_.Put("a", Second(120), "y");
  EXPECT_EQ(*store_.Fetch("a", Second(60)), "x");
  store_.Delete("a", Second(60));
  EXPECT_FALSE(store_.Fetch("a", Second(60)));
  EXPECT_EQ(*store_.Fetch("a", Second(120)), "y");
}

TEST_P(WindowStoreTest, FetchesTheWindowsOfAKeyAcrossSegments) {
  for (int64_t second : {0, 200, 299, 300, 500}) {
    store_.Put("a", Second(second), "x");
    store_.Put(std::string("a\0", 2), Second(second), "other");
    store_.Put("", Second(second), "other");
    if (second == 299) stores_.Commit();
  }
  EXPECT_EQ(Text(store_.Fetch("a", Second(200), Second(300))), "a@200=x a@299=x a@300=x");
  EXPECT_EQ(Text(store_.Fetch("a", Second(200), Second(499), Order::kReverse)),
            "a@300=x a@299=x a@200=x");
  EXPECT_EQ(Text(store_.Fetch("a", Second(301), Second(499))), "");
  EXPECT_EQ(Text(store_.Fetch("a", Second(300), Second(200))), "");
  EXPECT_EQ(Text(store_.Fetch("b", Second(0), Second(500))), "");
}

TEST_P(WindowStoreTest, OpenBoundsOfTimeReachEveryWindow) {
  store_.Put("a", Second(0), "x");
  store_.Put("a", Second(500), "y");
  EXPECT_EQ(Text(store_.Fetch("a", Timestamp::min(), Timestamp::max())), "a@0=x a@500=y");
  EXPECT_EQ(Text(store_.FetchAll(Timestamp::min(), Timestamp::max(), Order::kReverse)),
            "a@500=y a@0=x");
}

TEST_P(WindowStoreTest, WindowsOfManyKeysComeInTheOrderOfKafkaStreams) {
  store_.Put("b", Second(10), "1");
  store_.Put("a", Second(20), "2");
  stores_.Commit();
  store_.Put("a", Second(310), "3");
  store_.Put("c", Second(305), "4");
  const std::string b = "b";
  const std::string c = "c";
  const std::string all = GetParam() ? "b@10=1 a@20=2 c@305=4 a@310=3"   // by start, then key
                                     : "a@20=2 b@10=1 a@310=3 c@305=4";  // by segment, then key
  EXPECT_EQ(Text(store_.FetchAll(Second(0), Second(400))), all);
  EXPECT_EQ(Text(store_.FetchRange(&b, nullptr, Second(0), Second(400))), "b@10=1 c@305=4");
  EXPECT_EQ(Text(store_.FetchRange(&b, &c, Second(11), Second(400))), "c@305=4");
  EXPECT_EQ(Text(store_.FetchRange(&c, &b, Second(0), Second(400))), "");
  EXPECT_EQ(Text(store_.FetchRange(&b, &b, Second(0), Second(400), Order::kReverse)), "b@10=1");
}

TEST_P(WindowStoreTest, HidesWindowsThatFellOutOfTheRetention) {
  store_.Put("a", Second(100), "old");
  store_.Put("a", Second(101), "live");
  store_.Put("b", Second(700), "new");
  EXPECT_FALSE(store_.Fetch("a", Second(100)));
  EXPECT_EQ(*store_.Fetch("a", Second(101)), "live");
  EXPECT_EQ(Text(store_.Fetch("a", Second(0), Second(800))), "a@101=live");
  EXPECT_EQ(Text(store_.FetchAll(Second(0), Second(800))), "a@101=live b@700=new");
  stores_.Commit();
  EXPECT_FALSE(store_.Fetch("a", Second(100)));
  EXPECT_EQ(*store_.Fetch("a", Second(101)), "live");
}

TEST_P(WindowStoreTest, DropsAPutThatIsExpiredOnArrival) {
  store_.Put("a", Second(700), "new");
  store_.Put("a", Second(100), "late");
  store_.Put("a", Second(101), "in time");
  EXPECT_EQ(Text(store_.Fetch("a", Second(0), Second(800))), "a@101=in time a@700=new");
  EXPECT_EQ(stores_.Commit().size(), 2u);
}

TEST_P(WindowStoreTest, QueriesSeeOnlyCommittedLiveWindowsUnderChangelogKeys) {
  store_.Put("a", Second(100), "x");
  stores_.Commit();
  std::vector<std::string> keys;
  const auto scan = [&] {
    keys.clear();
    return stores_->committed()->Scan("windows", [&](std::string_view key, auto, auto) {
      keys.emplace_back(key);
      return true;
    });
  };
  store_.Put("b", Second(900), "y");
  ASSERT_TRUE(scan().ok());
  EXPECT_THAT(keys, ElementsAre(std::string("a\0\0\0\0\0\1\x86\xa0\0\0\0\0", 13)));
  stores_.Commit();
  ASSERT_TRUE(scan().ok());
  EXPECT_THAT(keys, ElementsAre(std::string("b\0\0\0\0\0\x0d\xbb\xa0\0\0\0\0", 13)));
}

TEST_P(WindowStoreTest, ChangelogKeysAreThoseOfKafkaStreams) {
  store_.Put(std::string("k\0", 2), At(0x0102), "x");
  store_.Delete("k", At(0x0103));
  EXPECT_THAT(
      stores_.Commit(),
      ElementsAre(Change{std::string("k\0\0\0\0\0\0\0\1\2\0\0\0\0", 14), "x", At(0x0102)},
                  Change{std::string("k\0\0\0\0\0\0\1\3\0\0\0\0", 13), std::nullopt, At(0x0103)}));
}

TEST_P(WindowStoreTest, DuplicatesAreKeptInTheOrderOfTheirArrival) {
  Store store = stores_.Window("duplicates");
  store.Put("a", Second(1), "first");
  stores_.Commit();
  store.Put("a", Second(1), "second");
  store.Put("a", Second(1), "second");
  store.Delete("a", Second(1));  // nobody could say which
  EXPECT_EQ(Text(store.Fetch("a", Second(0), Second(9))), "a@1=first a@1=second a@1=second");
  EXPECT_EQ(Text(store.Fetch("a", Second(1), Second(1), Order::kReverse)),
            "a@1=second a@1=second a@1=first");
  EXPECT_EQ(stores_.Commit().size(), 2u);
}

TEST_P(WindowStoreTest, SwapOfADuplicateLooksNothingUp) {
  auto* erased = static_cast<detail::ErasedWindowStore*>(stores_->Find("duplicates"));
  const std::string key = "a";
  for (const char* value : {"1", "2"}) {
    detail::ErasedValue box;
    *static_cast<std::string*>(box.Emplace(erased->spec().value)) = value;
    erased->Swap(&key, Second(5), &box, Second(6));
    EXPECT_FALSE(box.has_value());
  }
  auto rows = stores_.Window("duplicates").Fetch("a", Second(0), Second(9));
  EXPECT_EQ(rows.timestamp(), Second(6));
  EXPECT_EQ(Text(std::move(rows)), "a@5=1 a@5=2");
}

TEST_P(WindowStoreTest, DiscardTakesTheStreamTimeBack) {
  store_.Put("a", Second(100), "x");
  stores_.Commit();
  store_.Put("a", Second(9000), "far ahead");
  EXPECT_FALSE(store_.Fetch("a", Second(100)));
  stores_->Discard();
  EXPECT_EQ(*store_.Fetch("a", Second(100)), "x");
  EXPECT_THAT(stores_.Commit(), IsEmpty());
}

TEST_P(WindowStoreTest, AnAbortedDuplicateGetsItsSequenceAgain) {
  Store store = stores_.Window("duplicates");
  store.Put("a", Second(1), "aborted");
  const std::vector<Change> first = stores_.Collect();
  stores_->Discard();
  store.Put("a", Second(1), "again");
  EXPECT_EQ(stores_.Commit().front().key, first.front().key);
}

TEST_P(WindowStoreTest, RestoredWindowsAreReadAndAgeLikeBefore) {
  store_.Put("a", Second(100), "1");
  store_.Put("b", Second(110), "2");
  std::vector<Change> changelog = stores_.Commit();
  store_.Put("a", Second(200), "3");
  store_.Delete("b", Second(110));
  for (Change& change : stores_.Commit()) changelog.push_back(std::move(change));

  TestStores restored({Spec("windows", false)});
  ASSERT_TRUE(restored.Restore("windows", changelog).ok());
  Store store = restored.Window();
  EXPECT_EQ(*store.Fetch("a", Second(200)), "3");
  EXPECT_EQ(Text(store.FetchAll(Second(0), Second(999))), "a@100=1 a@200=3");
  restored->Discard();
  store.Put("c", Second(700), "4");
  EXPECT_EQ(Text(store.FetchAll(Second(0), Second(999))), "a@200=3 c@700=4");
}

TEST_P(WindowStoreTest, DuplicatesPutAfterARestoreDoNotReplaceRestoredOnes) {
  stores_.Window("duplicates").Put("a", Second(1), "before");
  TestStores restored({Spec("duplicates", true)});
  ASSERT_TRUE(restored.Restore("duplicates", stores_.Commit()).ok());
  restored->Discard();
  Store store = restored.Window("duplicates");
  store.Put("a", Second(1), "after");
  EXPECT_EQ(Text(store.Fetch("a", Second(0), Second(9))), "a@1=before a@1=after");
}

TEST_P(WindowStoreTest, ARestoreSkipsWhatHasExpiredInTheMeantime) {
  store_.Put("a", Second(100), "1");
  store_.Put("a", Second(5000), "2");
  TestStores restored({Spec("windows", false)});
  ASSERT_TRUE(restored.Restore("windows", stores_.Commit()).ok());
  EXPECT_EQ(Text(restored.Window().FetchAll(Second(0), Second(9000))), "a@5000=2");
}

TEST_P(WindowStoreTest, AChangelogKeyWithoutAWindowIsDataLoss) {
  EXPECT_TRUE(absl::IsDataLoss(stores_.Restore("windows", {{"short", "x", At(0)}})));
}

TEST_P(WindowStoreTest, AWalkDoesNotSeeWritesThatFollowIt) {
  store_.Put("a", Second(1), "1");
  stores_.Commit();
  store_.Put("b", Second(2), "2");
  auto rows = store_.FetchAll(Second(0), Second(9));
  store_.Put("b", Second(2), "changed");
  store_.Put("c", Second(3), "3");
  EXPECT_EQ(Text(std::move(rows)), "a@1=1 b@2=2");
}

}  // namespace
}  // namespace millrace
