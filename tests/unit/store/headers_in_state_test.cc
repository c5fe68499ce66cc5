// Stores that keep the headers of the record that wrote a row, on both backends.
#include <gmock/gmock.h>

#include "millrace/session_store.h"
#include "millrace/versioned_store.h"
#include "store_testing.h"

namespace millrace {
namespace {

using store_testing::At;
using store_testing::Change;
using store_testing::TestStores;
using testing::ElementsAre;

const Headers kOne = {{"trace", "1"}, {"empty", std::nullopt}};
const Headers kTwo = {{"trace", "2"}};

class HeadersInState : public testing::TestWithParam<bool> {
 protected:
  static detail::StoreSpec Spec(bool keep_headers = true) {
    return Store<std::string, std::string>("rows",
                                           {.in_memory = GetParam(), .keep_headers = keep_headers});
  }
  KeyValueStore<std::string, std::string> rows() { return stores_.KeyValue(); }
  // As the task's stores are after a restart.
  void Restart(const std::vector<Change>& changelog) {
    if (!GetParam()) return stores_.Reopen();
    stores_.Reopen();
    ASSERT_TRUE(stores_.Restore("rows", changelog).ok());
  }

  TestStores stores_{{Spec()}};
};

INSTANTIATE_TEST_SUITE_P(Backends, HeadersInState, testing::Bool(), store_testing::BackendName);

TEST_P(HeadersInState, AreThoseOfTheRecordThatWroteTheRowLast) {
  rows().Put("a", "1", At(1), kOne);
  EXPECT_EQ(rows().HeadersOf("a"), kOne);
  rows().Put("a", "2", At(2), kTwo);
  EXPECT_EQ(rows().HeadersOf("a"), kTwo);
  rows().Put("a", "3", At(3));
  EXPECT_EQ(rows().HeadersOf("a"), Headers());
  EXPECT_EQ(rows().HeadersOf("b"), Headers());
}

TEST_P(HeadersInState, GoWithADeletedRow) {
  rows().Put("a", "1", At(1), kOne);
  rows().Delete("a");
  EXPECT_EQ(rows().HeadersOf("a"), Headers());
  EXPECT_THAT(stores_.Commit(), ElementsAre(Change{"a", std::nullopt}));
}

TEST_P(HeadersInState, AreInTheChangelogAndComeBackFromIt) {
  rows().Put("a", "1", At(1), kOne);
  rows().Put("b", "2", At(2));
  const std::vector<Change> changes = stores_.Commit();
  EXPECT_THAT(changes, ElementsAre(Change{"a", "1", At(1), kOne}, Change{"b", "2", At(2)}));

  TestStores other({Spec()});
  ASSERT_TRUE(other.Restore("rows", changes).ok());
  EXPECT_EQ(other.KeyValue().HeadersOf("a"), kOne);
  EXPECT_EQ(*other.KeyValue().Get("a"), "1");
  EXPECT_EQ(other.KeyValue().HeadersOf("b"), Headers());
}

TEST_P(HeadersInState, OutliveARestart) {
  rows().Put("a", "1", At(1), kOne);
  Restart(stores_.Commit());
  EXPECT_EQ(rows().HeadersOf("a"), kOne);
  EXPECT_EQ(*rows().Get("a"), "1");
  EXPECT_EQ(rows().Get("a").timestamp, At(1));
}

TEST_P(HeadersInState, AreShownByWalksAlsoWhenTheRowIsWrittenMeanwhile) {
  rows().Put("a", "1", At(1), kOne);
  stores_.Commit();
  rows().Put("b", "2", At(2), kTwo);
  {
    auto row = rows().All();
    EXPECT_EQ(row.headers(), kOne);
    row.Next();
    const Headers& second = row.headers();
    rows().Put("b", "3", At(3), kOne);
    EXPECT_EQ(second, kTwo);
    EXPECT_EQ(row.headers(), kTwo);
  }
  EXPECT_EQ(rows().HeadersOf("b"), kOne);
}

TEST_P(HeadersInState, OfARowMayBePutAgain) {
  rows().Put("a", "1", At(1), kOne);
  rows().Put("a", "2", At(2), rows().HeadersOf("a"));
  rows().Put("b", "2", At(2), rows().HeadersOf("a"));
  EXPECT_EQ(rows().HeadersOf("a"), kOne);
  EXPECT_EQ(rows().HeadersOf("b"), kOne);
}

TEST_P(HeadersInState, AreForgottenWithTheTransaction) {
  rows().Put("a", "1", At(1), kOne);
  stores_.Commit();
  rows().Put("a", "2", At(2), kTwo);
  stores_->Discard();
  EXPECT_EQ(rows().HeadersOf("a"), kOne);
}

TEST_P(HeadersInState, ArePassedOverByAStoreThatDoesNotKeepThem) {
  TestStores plain({Spec(/*keep_headers=*/false)});
  plain.KeyValue().Put("a", "1", At(1), kOne);
  EXPECT_EQ(plain.KeyValue().HeadersOf("a"), Headers());
  EXPECT_THAT(plain.Commit(), ElementsAre(Change{"a", "1", At(1)}));
  ASSERT_TRUE(plain.Restore("rows", {{"b", "2", At(2), kTwo}}).ok());
  EXPECT_EQ(*plain.KeyValue().Get("b"), "2");
  EXPECT_EQ(plain.KeyValue().HeadersOf("b"), Headers());
}

TEST(HeadersInStateOnRocksDb, MayBeTurnedOnAndOff) {
  const auto spec = [](bool keep_headers) {
    return Store<std::string, std::string>("rows", {.keep_headers = keep_headers});
  };
  TestStores stores({spec(true)});
  stores.KeyValue().Put("a", "1", At(1), kOne);
  stores.Commit();
  stores.Reopen({spec(false)});
  EXPECT_EQ(*stores.KeyValue().Get("a"), "1");
  EXPECT_EQ(stores.KeyValue().HeadersOf("a"), Headers());
  stores.KeyValue().Put("b", "2", At(2), kTwo);
  stores.Commit();
  stores.Reopen({spec(true)});
  EXPECT_EQ(stores.KeyValue().HeadersOf("a"), kOne);
  EXPECT_EQ(stores.KeyValue().HeadersOf("b"), Headers());
}

TEST_P(HeadersInState, OfWindows) {
  const detail::StoreSpec spec =
      WindowedStore<std::string, std::string>("windows", {.window_size = Duration(10),
                                                          .retention = Duration(100),
                                                          .in_memory = GetParam(),
                                                          .keep_headers = true});
  TestStores stores({spec});
  stores.Window().Put("a", At(10), "1", kOne);
  const std::vector<Change> changes = stores.Commit();
  TestStores other({spec});
  ASSERT_TRUE(other.Restore("windows", changes).ok());
  for (TestStores* each : {&stores, &other}) {
    EXPECT_EQ(each->Window().HeadersOf("a", At(10)), kOne);
    EXPECT_EQ(each->Window().FetchAll(At(0), At(100)).headers(), kOne);
  }
  stores.Window().Put("a", At(500), "2", kTwo);
  EXPECT_EQ(stores.Window().HeadersOf("a", At(10)), Headers());
}

TEST_P(HeadersInState, OfSessions) {
  const detail::StoreSpec spec = SessionedStore<std::string, std::string>(
      "sessions", {.retention = Duration(100), .in_memory = GetParam(), .keep_headers = true});
  const auto of = [](TestStores& stores) {
    return SessionStore<std::string, std::string>(
        static_cast<detail::ErasedSessionStore*>(stores->Find("sessions")));
  };
  TestStores stores({spec});
  of(stores).Put("a", At(10), At(20), "1", kOne);
  const std::vector<Change> changes = stores.Commit();
  TestStores other({spec});
  ASSERT_TRUE(other.Restore("sessions", changes).ok());
  for (TestStores* each : {&stores, &other}) {
    EXPECT_EQ(of(*each).HeadersOf("a", At(10), At(20)), kOne);
    EXPECT_EQ(of(*each).Fetch("a").headers(), kOne);
  }
}

TEST_P(HeadersInState, OfVersions) {
  const detail::StoreSpec spec = VersionedStore<std::string, std::string>(
      "versions", {.history = Duration(100), .in_memory = GetParam(), .keep_headers = true});
  const auto of = [](TestStores& stores) {
    return VersionStore<std::string, std::string>(
        static_cast<detail::ErasedVersionedStore*>(stores->Find("versions")));
  };
  TestStores stores({spec});
  of(stores).Put("a", "1", At(10), kOne);
  of(stores).Put("a", "2", At(20), kTwo);
  const std::vector<Change> changes = stores.Commit();
  TestStores other({spec});
  ASSERT_TRUE(other.Restore("versions", changes).ok());
  for (TestStores* each : {&stores, &other}) {
    auto versions = of(*each);
    EXPECT_EQ(*versions.GetAsOf("a", At(15)), "1");
    EXPECT_EQ(versions.last_headers(), kOne);
    EXPECT_EQ(*versions.Get("a"), "2");
    EXPECT_EQ(versions.last_headers(), kTwo);
    EXPECT_FALSE(versions.Get("b"));
    EXPECT_EQ(versions.last_headers(), Headers());
  }
}

}  // namespace
}  // namespace millrace
