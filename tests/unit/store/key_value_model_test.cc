// Key-value stores against std::map: random operations, both backends, a buffer that evicts.
#include <map>

#include "store_testing.h"

namespace millrace {
namespace {

using store_testing::At;
using store_testing::Change;
using store_testing::TestStores;

class KeyValueModel : public testing::TestWithParam<bool> {
 protected:
  struct Row {
    std::string value;
    Timestamp timestamp;
    bool operator==(const Row&) const = default;
  };
  using Rows = std::map<std::string, Row>;

  uint64_t Below(uint64_t bound) { return random_() % bound; }
  // Few, and with the bytes that order and prefixes stumble over.
  std::string SomeKey() {
    static constexpr char kBytes[] = {'\0', '\1', 'a', 'b', '\xfe', '\xff'};
    std::string key(Below(4), ' ');
    for (char& byte : key) byte = kBytes[Below(sizeof(kBytes))];
    return key;
  }
  void Write();
  void Walk(bool with_writes);
  // As the reader of a queue does.
  void DropFront();
  void Commit();
  void Step();

  uint64_t seed_ = store_testing::NewSeed();
  std::mt19937_64 random_{seed_};
  TestStores stores_{{Store<std::string, std::string>("rows", {.in_memory = GetParam()})},
                     16 << 10};
  Rows model_;
  Rows committed_;
  std::map<std::string, bool> changed_;
  int64_t next_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Backends, KeyValueModel, testing::Bool(), store_testing::BackendName);

void KeyValueModel::Write() {
  auto store = stores_.KeyValue();
  const std::string key = SomeKey();
  changed_[key] = true;
  if (Below(4) == 0) {
    store.Delete(key);
    model_.erase(key);
    return;
  }
  Row row{std::string(Below(200), static_cast<char>('a' + Below(26))),
          At(static_cast<int64_t>(Below(1000)))};
  store.Put(key, row.value, row.timestamp);
  model_[key] = row;
}

void KeyValueModel::Walk(bool with_writes) {
  auto store = stores_.KeyValue();
  const Order order = Below(2) == 0 ? Order::kForward : Order::kReverse;
  std::string from = SomeKey();
  std::string to = SomeKey();
  const bool prefix = Below(3) == 0;
  const bool open_from = Below(4) == 0;
  const bool open_to = Below(4) == 0;
  std::vector<std::pair<std::string, Row>> expected;
  for (const auto& [key, row] : model_) {
    const bool in =
        prefix ? key.starts_with(from) : (open_from || key >= from) && (open_to || key <= to);
    if (in) expected.emplace_back(key, row);
  }
  if (order == Order::kReverse) std::reverse(expected.begin(), expected.end());
  std::vector<std::pair<std::string, Row>> seen;
  auto rows = prefix ? store.Prefix(from, order)
                     : store.Range(open_from ? nullptr : &from, open_to ? nullptr : &to, order);
  for (; rows.Valid(); rows.Next()) {
    if (with_writes && Below(2) == 0) Write();
    seen.push_back({rows.key(), Row{rows.value(), rows.timestamp()}});
    if (with_writes && Below(2) == 0) Write();
  }
  ASSERT_TRUE(seen == expected) << seen.size() << " rows instead of " << expected.size();
}

void KeyValueModel::DropFront() {
  auto store = stores_.KeyValue();
  const std::string end = SomeKey();
  const bool all = Below(3) == 0;
  auto expected = model_.begin();
  for (auto rows = store.All(); rows.Valid() && (all || rows.key() < end); rows.Next()) {
    ASSERT_TRUE(expected != model_.end());
    ASSERT_EQ(rows.key(), expected->first);
    changed_[rows.key()] = true;
    store.Delete(rows.key());
    expected = model_.erase(expected);
  }
  if (all) {
    ASSERT_TRUE(model_.empty());
  }
}

void KeyValueModel::Commit() {
  next_ += static_cast<int64_t>(changed_.size());
  std::vector<Change> changes = stores_.Commit("rows", next_);
  ASSERT_EQ(changes.size(), changed_.size());
  for (const Change& change : changes) {
    ASSERT_EQ(changed_.erase(change.key), 1u);
    auto row = model_.find(change.key);
    ASSERT_EQ(change.value.has_value(), row != model_.end());
    if (change.value.has_value()) {
      ASSERT_EQ(Row({*change.value, change.timestamp}), row->second);
    }
  }
  committed_ = model_;
}

void KeyValueModel::Step() {
  const uint64_t what = Below(1000);
  if (what < 500) {
    Write();
  } else if (what < 800) {
    const std::string key = SomeKey();
    auto row = stores_.KeyValue().Get(key);
    auto expected = model_.find(key);
    ASSERT_EQ(static_cast<bool>(row), expected != model_.end());
    if (row) {
      ASSERT_EQ(Row({*row, row.timestamp}), expected->second);
    }
  } else if (what < 920) {
    Walk(/*with_writes=*/what < 850);
  } else if (what < 930) {
    DropFront();
  } else if (what < 970) {
    Commit();
  } else if (what < 999) {
    stores_->Discard();
    model_ = committed_;
    changed_.clear();
  } else if (!GetParam()) {
    stores_.Reopen();
    ASSERT_EQ(stores_->position("rows"), next_ == 0 ? std::nullopt : std::optional(Offset(next_)));
    model_ = committed_;
    changed_.clear();
  }
}

TEST_P(KeyValueModel, BehavesLikeAMapWithCommitsAndAborts) {
  SCOPED_TRACE(testing::Message() << "seed " << seed_ << " (MILLRACE_SEED replays it)");
  for (int step = 0; step < 20'000; ++step) {
    SCOPED_TRACE(testing::Message() << "step " << step);
    Step();
    if (HasFatalFailure()) return;
    ASSERT_TRUE(stores_->health().ok()) << stores_->health();
    ASSERT_EQ(stores_->open_iterators(), 0);
  }
}

}  // namespace
}  // namespace millrace
