// What the files of a task hold after it was closed, killed or damaged. RocksDB only.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "store_testing.h"

namespace millrace {
namespace {

using store_testing::At;
using store_testing::TestStores;
using testing::HasSubstr;

using Text = std::string;

class ReopenedStores : public testing::Test {
 protected:
  static std::vector<detail::StoreSpec> Specs() {
    return {Store<Text, Text>("rows"), WindowedStore<Text, Text>("windows", Windows(600'000))};
  }
  static WindowStoreOptions Windows(int64_t retention) {
    return {.window_size = Duration(60'000), .retention = Duration(retention)};
  }
  // The files of the tables.
  std::vector<std::filesystem::path> Tables() const {
    std::vector<std::filesystem::path> tables;
    for (const auto& entry : std::filesystem::directory_iterator(stores_.directory())) {
      if (entry.path().extension() == ".sst") tables.push_back(entry.path());
    }
    return tables;
  }
  // Damages every data block: the first bytes of each table.
  void DamageTables() {
    for (const auto& path : Tables()) {
      std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(4);
      file.write("damage", 6);
    }
  }

  TestStores stores_{Specs()};
};

TEST_F(ReopenedStores, HoldRowsAndPositionsOfTheLastCommit) {
  stores_.KeyValue().Put("a", "1", At(1));
  stores_.Window().Put("w", At(5000), "2");
  stores_.Commit("rows", 10);
  stores_.KeyValue().Put("a", "open transaction", At(2));
  stores_.Reopen();
  EXPECT_EQ(*stores_.KeyValue().Get("a"), "1");
  EXPECT_EQ(*stores_.Window().Fetch("w", At(5000)), "2");
  EXPECT_EQ(stores_->position("rows"), Offset(10));
  EXPECT_EQ(stores_->position("windows"), std::nullopt);
}

// A kill between the first manifest and CURRENT.
TEST_F(ReopenedStores, StartEmptyWhereTheirCreationWasInterrupted) {
  stores_.Close();
  for (const auto& path : Tables()) std::filesystem::remove(path);
  std::filesystem::remove(stores_.directory() + "/CURRENT");
  std::ofstream(stores_.directory() + "/CREATING").close();
  stores_.Reopen();
  EXPECT_EQ(stores_->position("rows"), std::nullopt);
  stores_.KeyValue().Put("a", "1", At(1));
  stores_.Commit("rows", 10);
  stores_.Reopen();
  EXPECT_EQ(*stores_.KeyValue().Get("a"), "1");
}

TEST_F(ReopenedStores, KeepTheStreamTimeOfWindows) {
  stores_.Window().Put("w", At(700'000), "new");
  stores_.Commit();
  stores_.Reopen();
  stores_.Window().Put("w", At(100'000), "late");
  EXPECT_FALSE(stores_.Window().Fetch("w", At(100'000)));
}

TEST_F(ReopenedStores, GoBackToOneCommitAsAWholeAfterACrash) {
  stores_.KeyValue().Put("a", "1", At(1));
  stores_.Window().Put("w", At(5000), "1");
  stores_.Commit("rows", 10);
  ASSERT_TRUE(stores_->Flush().ok());
  stores_.KeyValue().Put("a", "2", At(2));
  stores_.Window().Put("w", At(6000), "2");
  stores_.Commit("rows", 20);
  stores_.Crash();
  EXPECT_EQ(stores_->position("rows"), Offset(10));
  EXPECT_EQ(*stores_.KeyValue().Get("a"), "1");
  EXPECT_FALSE(stores_.Window().Fetch("w", At(6000)));
}

TEST_F(ReopenedStores, CatchUpFromTheChangelogAfterACrash) {
  stores_.KeyValue().Put("a", "1", At(1));
  auto changelog = stores_.Commit("rows", 1);
  ASSERT_TRUE(stores_->Flush().ok());
  stores_.KeyValue().Put("b", "2", At(2));
  stores_.KeyValue().Delete("a");
  auto second = stores_.Commit("rows", 3);
  stores_.Crash();
  ASSERT_EQ(stores_->position("rows"), Offset(1));
  ASSERT_TRUE(stores_.Restore("rows", second, /*first=*/1).ok());
  EXPECT_EQ(stores_->position("rows"), Offset(3));
  EXPECT_FALSE(stores_.KeyValue().Get("a"));
  EXPECT_EQ(*stores_.KeyValue().Get("b"), "2");
}

TEST_F(ReopenedStores, HaveNothingAfterACrashBeforeTheFirstFlush) {
  stores_.KeyValue().Put("a", "1", At(1));
  stores_.Commit("rows", 10);
  stores_.Crash();
  EXPECT_EQ(stores_->position("rows"), std::nullopt);
  EXPECT_FALSE(stores_.KeyValue().Get("a"));
}

TEST_F(ReopenedStores, TakeNewStoresInAndKeepTheRowsOfAbsentOnes) {
  stores_.KeyValue().Put("a", "1", At(1));
  stores_.Commit("rows", 10);
  stores_.Reopen({Store<Text, Text>("others")});
  EXPECT_EQ(stores_->Find("rows"), nullptr);
  stores_.KeyValue("others").Put("a", "other", At(1));
  stores_.Commit("others", 3);
  stores_.Reopen({Store<Text, Text>("others"), Store<Text, Text>("rows")});
  EXPECT_EQ(*stores_.KeyValue("rows").Get("a"), "1");
  EXPECT_EQ(*stores_.KeyValue("others").Get("a"), "other");
  EXPECT_EQ(stores_->position("rows"), Offset(10));
}

TEST_F(ReopenedStores, RefuseAnotherTypeUnderTheSameName) {
  stores_.Commit();
  stores_.Close();
  stores_.set_specs({Store<Text, int64_t>("rows")});
  absl::Status status = stores_.TryOpen();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("store rows holds"));
}

TEST_F(ReopenedStores, AreEmptyAndRestoredFromTheStartWhenTheirLayoutChanges) {
  stores_.Window().Put("w", At(5000), "1");
  stores_.KeyValue().Put("a", "1", At(1));
  stores_.Commit("windows", 10);
  stores_.Reopen(
      {Store<Text, Text>("rows"), WindowedStore<Text, Text>("windows", Windows(900'000))});
  EXPECT_EQ(stores_->position("windows"), std::nullopt);
  EXPECT_FALSE(stores_.Window().Fetch("w", At(5000)));
  EXPECT_EQ(*stores_.KeyValue().Get("a"), "1");
}

TEST_F(ReopenedStores, ArePreciousToOneTaskAtATime) {
  auto environment = StoreEnvironment::Create({});
  auto second = TaskStores::Open(stores_.directory(), Specs(), environment.get());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition) << second.status();
  // Another process meets another message of RocksDB.
  const pid_t child = ::fork();
  if (child == 0) {
    auto third = TaskStores::Open(stores_.directory(), Specs(), environment.get());
    ::_exit(third.status().code() == absl::StatusCode::kFailedPrecondition ? 0 : 1);
  }
  int outcome = -1;
  ASSERT_EQ(::waitpid(child, &outcome, 0), child);
  EXPECT_EQ(outcome, 0);
}

class DamagedStores : public ReopenedStores {
 protected:
  DamagedStores() {
    stores_.KeyValue().Put("a", "1", At(1));
    stores_.Commit("rows", 10);
    EXPECT_TRUE(stores_->Flush().ok());
    stores_.Close();
  }

  // Moves the directory away and opens an empty one; the damaged files are still there.
  void ExpectQuarantineHelps() {
    auto moved = QuarantineStateDirectory(stores_.directory());
    ASSERT_TRUE(moved.ok()) << moved.status();
    EXPECT_EQ(*moved, stores_.directory() + ".damaged-1");
    EXPECT_FALSE(std::filesystem::is_empty(*moved));
    stores_.Reopen();
    EXPECT_EQ(stores_->position("rows"), std::nullopt);
    EXPECT_FALSE(stores_.KeyValue().Get("a"));
    EXPECT_TRUE(stores_->health().ok());
  }
};

TEST_F(DamagedStores, AreReportedWhenATableIsMissing) {
  for (const auto& path : Tables()) std::filesystem::remove(path);
  EXPECT_TRUE(absl::IsDataLoss(stores_.TryOpen()));
  ExpectQuarantineHelps();
}

TEST_F(DamagedStores, AreReportedWhenTheManifestIsGarbage) {
  for (const auto& entry : std::filesystem::directory_iterator(stores_.directory())) {
    if (entry.path().filename().string().starts_with("MANIFEST-")) {
      std::ofstream(entry.path(), std::ios::trunc) << "garbage";
    }
  }
  EXPECT_TRUE(absl::IsDataLoss(stores_.TryOpen()));
  ExpectQuarantineHelps();
}

TEST_F(DamagedStores, AreNotTakenForNewOnesWhenCurrentIsMissing) {
  std::filesystem::remove(stores_.directory() + "/CURRENT");
  EXPECT_TRUE(absl::IsDataLoss(stores_.TryOpen()));
  ExpectQuarantineHelps();
}

TEST_F(DamagedStores, AreReportedByTheReadThatMeetsTheDamageAndByTheNextOpen) {
  DamageTables();
  absl::Status status = stores_.TryOpen();
  if (status.ok()) {  // the metadata may be in a block that is read when opening
    EXPECT_FALSE(stores_.KeyValue().Get("a"));
    EXPECT_EQ(stores_->health().code(), absl::StatusCode::kInternal);
    EXPECT_FALSE(stores_->Apply({}).ok());
    stores_.Close();
    status = stores_.TryOpen();
  }
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  ExpectQuarantineHelps();
}

TEST_F(DamagedStores, AreMovedAsideUnderAFreshNameEachTime) {
  ASSERT_TRUE(QuarantineStateDirectory(stores_.directory()).ok());
  stores_.Reopen();
  stores_.Close();
  auto moved = QuarantineStateDirectory(stores_.directory());
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(*moved, stores_.directory() + ".damaged-2");
  EXPECT_FALSE(QuarantineStateDirectory(stores_.directory()).ok());
}

// Refuses what it is told to.
struct Picky {
  std::string text;
  bool operator==(const Picky&) const = default;
};

}  // namespace

template <>
struct Serde<Picky> {
  static void Encode(const Picky& value, std::string* out) { out->append(value.text); }
  static absl::Status Decode(std::string_view bytes, Picky* out) {
    if (bytes == "unreadable") return absl::InvalidArgumentError("not to my taste");
    out->text.assign(bytes);
    return absl::OkStatus();
  }
};

namespace {

class SickStore : public testing::TestWithParam<bool> {
 protected:
  TestStores stores_{{Store<Text, Picky>("rows", {.in_memory = GetParam()})}, /*buffer_bytes=*/0};

  SickStore() {
    auto store = stores_.KeyValue<Picky>();
    store.Put("a", {"readable"}, At(1));
    store.Put("b", {"unreadable"}, At(1));
    stores_.Commit();
    store.Get("a");
    store.Get("c");  // "b" is not borrowed any more, and there is no room for it
  }
};

INSTANTIATE_TEST_SUITE_P(Backends, SickStore, testing::Bool(), store_testing::BackendName);

TEST_P(SickStore, ReportsARowThatCannotBeDecodedAndRefusesToCommit) {
  auto store = stores_.KeyValue<Picky>();
  EXPECT_TRUE(stores_->health().ok());
  EXPECT_FALSE(store.Get("b"));
  EXPECT_TRUE(absl::IsDataLoss(stores_->health()));
  EXPECT_THAT(std::string(stores_->health().message()), HasSubstr("store rows"));
  EXPECT_EQ(stores_->CollectChanges([](const auto&, const auto&) { return absl::OkStatus(); }),
            stores_->health());
  EXPECT_EQ(stores_->Apply({}), stores_->health());
}

TEST_P(SickStore, ReportsARowThatAWalkCannotDecode) {
  for (auto rows = stores_.KeyValue<Picky>().All(); rows.Valid(); rows.Next()) rows.value();
  EXPECT_TRUE(absl::IsDataLoss(stores_->health()));
}

}  // namespace
}  // namespace millrace
