// Versioned stores against a map of maps: random operations, both backends, a buffer that evicts.
#include <algorithm>
#include <map>

#include "millrace/versioned_store.h"
#include "store_testing.h"

namespace millrace {
namespace {

using store_testing::At;
using store_testing::Change;
using store_testing::TestStores;

constexpr int64_t kHistory = 5'000;

class VersionModel : public testing::TestWithParam<bool> {
 protected:
  struct State {
    // By key and timestamp; nullopt = a tombstone. Nothing is ever forgotten.
    std::map<std::string, std::map<int64_t, std::optional<std::string>>> versions;
    int64_t observed = -1;
  };

  uint64_t Below(uint64_t bound) { return random_() % bound; }
  std::string SomeKey() {
    static constexpr char kBytes[] = {'\0', '\1', 'a', '\xff'};
    std::string key(Below(3), ' ');
    for (char& byte : key) byte = kBytes[Below(sizeof(kBytes))];
    return key;
  }
  // Around the stream time, and sometimes behind the history.
  int64_t SomeTime() {
    const int64_t back = static_cast<int64_t>(Below(Below(5) == 0 ? 2 * kHistory : kHistory / 2));
    return std::max<int64_t>(0, now_ - back / 250 * 250);
  }
  bool IsTooOld(int64_t time) const {
    return model_.observed >= 0 && time < model_.observed - kHistory;
  }
  VersionStore<std::string, std::string> Store() {
    return VersionStore<std::string, std::string>(
        static_cast<detail::ErasedVersionedStore*>(stores_->Find("versions")));
  }
  void Write();
  void Read();
  void Restart();
  void Step();

  uint64_t seed_ = store_testing::NewSeed();
  std::mt19937_64 random_{seed_};
  TestStores stores_{{VersionedStore<std::string, std::string>(
                         "versions", {.history = Duration(kHistory), .in_memory = GetParam()})},
                     8 << 10};
  State model_;
  State committed_;
  std::vector<Change> changelog_;
  int64_t now_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Backends, VersionModel, testing::Bool(), store_testing::BackendName);

void VersionModel::Write() {
  now_ += static_cast<int64_t>(Below(3)) * 250;
  const std::string key = SomeKey();
  const int64_t from = SomeTime();
  const bool deletes = Below(3) == 0;
  const std::string value(Below(100), static_cast<char>('a' + Below(26)));
  const VersionPut put =
      deletes ? Store().Delete(key, At(from)) : Store().Put(key, value, At(from));
  ASSERT_EQ(put.kept, !IsTooOld(from));
  if (!put.kept) return;
  model_.observed = std::max(model_.observed, from);
  auto& of_key = model_.versions[key];
  of_key[from] = deletes ? std::nullopt : std::optional<std::string>(value);
  const auto next = of_key.upper_bound(from);
  ASSERT_EQ(put.is_latest(), next == of_key.end());
  if (next != of_key.end()) {
    ASSERT_EQ(put.valid_to, At(next->first));
  }
}

void VersionModel::Read() {
  const std::string key = SomeKey();
  const bool latest = Below(2) == 0;
  const int64_t as_of = SomeTime();
  const auto& of_key = model_.versions[key];
  auto version = latest ? of_key.end() : of_key.upper_bound(as_of);
  const bool hidden = !latest && version != of_key.end() && IsTooOld(as_of);
  const bool there = version != of_key.begin() && !hidden && (--version)->second.has_value();
  const auto row = latest ? Store().Get(key) : Store().GetAsOf(key, At(as_of));
  ASSERT_EQ(static_cast<bool>(row), there);
  if (!there) return;
  ASSERT_EQ(*row, *version->second);
  ASSERT_EQ(row.timestamp, At(version->first));
}

void VersionModel::Restart() {
  stores_.Reopen();
  if (GetParam()) {
    ASSERT_TRUE(stores_.Restore("versions", changelog_).ok());
  }
  model_ = committed_;
}

void VersionModel::Step() {
  const uint64_t what = Below(1000);
  if (what < 450) {
    Write();
  } else if (what < 920) {
    Read();
  } else if (what < 970) {
    for (Change& change : stores_.Commit()) changelog_.push_back(std::move(change));
    committed_ = model_;
  } else if (what < 998) {
    stores_->Discard();
    model_ = committed_;
  } else {
    Restart();
  }
}

TEST_P(VersionModel, BehavesLikeMapsOfVersionsWithAHistory) {
  SCOPED_TRACE(testing::Message() << "seed " << seed_ << " (MILLRACE_SEED replays it)");
  for (int step = 0; step < 15'000; ++step) {
    SCOPED_TRACE(testing::Message() << "step " << step);
    Step();
    if (HasFatalFailure()) return;
    ASSERT_TRUE(stores_->health().ok()) << stores_->health();
    ASSERT_EQ(stores_->open_iterators(), 0);
  }
}

}  // namespace
}  // namespace millrace
