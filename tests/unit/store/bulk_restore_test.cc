// A restore of everything in large sorted runs: it must leave what record by record leaves.
#include <gmock/gmock.h>

#include <map>

#include "store_testing.h"

namespace millrace {
namespace {

using store_testing::At;
using store_testing::Change;
using store_testing::TestStores;

using Text = std::string;

constexpr size_t kValueBytes = 4000;  // so that a few thousand records fill several runs

class BulkRestore : public testing::Test {
 protected:
  static std::vector<detail::StoreSpec> Specs() {
    return {Store<Text, Text>("rows"), Store<Text, Text>("others"),
            Store<Text, Text>("memory", {.in_memory = true})};
  }
  // Keys come again and again, and every seventh change deletes.
  std::vector<Change> Changes(int first, int count) {
    std::vector<Change> changes;
    for (int i = first; i < first + count; ++i) {
      const Text key = "k" + std::to_string(i * 7919 % 5000);
      std::optional<Text> value;
      if (i % 7 != 0) value = std::to_string(i) + Text(kValueBytes, 'x');
      model_[key] = value;
      changes.push_back({key, value, At(i)});
    }
    return changes;
  }

  void ExpectModel(std::string_view store) {
    std::map<Text, Text> rows;
    for (auto row = stores_.KeyValue(store).All(); row.Valid(); row.Next()) {
      rows[row.key()] = row.value();
    }
    std::erase_if(model_, [](const auto& row) { return !row.second.has_value(); });
    ASSERT_EQ(rows.size(), model_.size());
    for (const auto& [key, value] : model_) EXPECT_EQ(rows[key], *value) << key;
  }

  TestStores stores_{Specs()};
  std::map<Text, std::optional<Text>> model_;
};

TEST_F(BulkRestore, LeavesTheLastChangeOfEveryKeyWithinAndAcrossRuns) {
  ASSERT_TRUE(stores_->BeginBulkRestore().ok());
  for (int batch = 0; batch < 20; ++batch) {
    ASSERT_TRUE(stores_.Restore("rows", Changes(batch * 1000, 1000), batch * 1000).ok());
  }
  ASSERT_TRUE(stores_->EndBulkRestore().ok());
  EXPECT_EQ(stores_->position("rows"), Offset(20'000));
  ExpectModel("rows");
}

TEST_F(BulkRestore, IsDurableAtItsEndAndTakesCommitsAfterwards) {
  ASSERT_TRUE(stores_->BeginBulkRestore().ok());
  ASSERT_TRUE(stores_.Restore("rows", Changes(0, 3000)).ok());
  ASSERT_TRUE(stores_.Restore("others", Changes(3000, 10)).ok());
  ASSERT_TRUE(stores_->EndBulkRestore().ok());
  stores_.Crash();
  EXPECT_EQ(stores_->position("rows"), Offset(3000));
  EXPECT_EQ(stores_->position("others"), Offset(10));
  stores_.KeyValue().Put("k1", "later", At(9000));
  stores_.Commit("rows", 3001);
  EXPECT_EQ(*stores_.KeyValue().Get("k1"), "later");
}

// What was not written yet is not said to be there.
TEST_F(BulkRestore, InterruptedGoesOnBehindItsLastRun) {
  ASSERT_TRUE(stores_->BeginBulkRestore().ok());
  const std::vector<Change> changes = Changes(0, 10'000);
  ASSERT_TRUE(stores_.Restore("rows", changes).ok());
  stores_.Crash();
  const std::optional<Offset> reached = stores_->position("rows");
  ASSERT_TRUE(reached.has_value()) << "a run was written: the changes are larger than one";
  ASSERT_LT(reached->value(), 10'000);
  const std::vector<Change> rest(changes.begin() + reached->value(), changes.end());
  ASSERT_TRUE(stores_.Restore("rows", rest, reached->value()).ok());
  ExpectModel("rows");
}

TEST_F(BulkRestore, FillsStoresInMemoryToo) {
  ASSERT_TRUE(stores_->BeginBulkRestore().ok());
  ASSERT_TRUE(stores_.Restore("memory", Changes(0, 2000)).ok());
  ASSERT_TRUE(stores_->EndBulkRestore().ok());
  ExpectModel("memory");
}

}  // namespace
}  // namespace millrace
