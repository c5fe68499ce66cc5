// Window stores against std::map: random operations, both backends, a buffer that evicts.
#include <algorithm>
#include <map>

#include "store_testing.h"

namespace millrace {
namespace {

using store_testing::At;
using store_testing::Change;
using store_testing::TestStores;

constexpr int64_t kRetention = 200'000;  // segments of 100 s
constexpr int64_t kSegment = 100'000;

class WindowModel : public testing::TestWithParam<bool> {
 protected:
  struct Entry {
    std::string key;
    int64_t start;
    std::string value;
    bool operator==(const Entry&) const = default;
  };
  using Place = std::pair<std::string, int64_t>;  // key and start
  struct State {
    std::map<Place, std::string> rows;
    int64_t observed = -1;
  };

  uint64_t Below(uint64_t bound) { return random_() % bound; }
  std::string SomeKey() {
    static constexpr char kBytes[] = {'\0', '\1', 'a', '\xff'};
    std::string key(Below(3), ' ');
    for (char& byte : key) byte = kBytes[Below(sizeof(kBytes))];
    return key;
  }
  // Around the stream time, and sometimes far behind it.
  int64_t SomeStart() {
    const int64_t back = static_cast<int64_t>(Below(Below(5) == 0 ? 500'000 : 150'000));
    return std::max<int64_t>(0, (now_ - back) / 10'000 * 10'000);
  }
  bool Visible(int64_t start) const {
    return model_.observed < 0 || start > model_.observed - kRetention;
  }
  void Write();
  void Walk(bool with_writes);
  std::vector<Entry> Expected(const std::string* from, const std::string* to, int64_t first,
                              int64_t last, Order order) const;
  void Step();

  uint64_t seed_ = store_testing::NewSeed();
  std::mt19937_64 random_{seed_};
  TestStores stores_{
      {WindowedStore<std::string, std::string>("windows", {.window_size = Duration(10'000),
                                                           .retention = Duration(kRetention),
                                                           .in_memory = GetParam()})},
      16 << 10};
  State model_;
  State committed_;
  std::vector<Change> changelog_;
  int64_t now_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Backends, WindowModel, testing::Bool(), store_testing::BackendName);

void WindowModel::Write() {
  auto store = stores_.Window();
  now_ += static_cast<int64_t>(Below(2'000));
  const std::string key = SomeKey();
  const int64_t start = SomeStart();
  model_.observed = std::max(model_.observed, start);
  if (Below(5) == 0) {
    store.Delete(key, At(start));
    model_.rows.erase({key, start});
    return;
  }
  const std::string value(Below(100), static_cast<char>('a' + Below(26)));
  store.Put(key, At(start), value);
  if (Visible(start)) model_.rows[{key, start}] = value;
}

std::vector<WindowModel::Entry> WindowModel::Expected(const std::string* from,
                                                      const std::string* to, int64_t first,
                                                      int64_t last, Order order) const {
  std::vector<Entry> expected;
  for (const auto& [place, value] : model_.rows) {
    const auto& [key, start] = place;
    if (!Visible(start) || start < first || start > last) continue;
    if ((from != nullptr && key < *from) || (to != nullptr && key > *to)) continue;
    expected.push_back({key, start, value});
  }
  const int64_t together = GetParam() ? 1 : kSegment;
  std::sort(expected.begin(), expected.end(), [&](const Entry& a, const Entry& b) {
    return std::make_tuple(a.start / together, a.key, a.start) <
           std::make_tuple(b.start / together, b.key, b.start);
  });
  if (order == Order::kReverse) std::reverse(expected.begin(), expected.end());
  return expected;
}

void WindowModel::Walk(bool with_writes) {
  auto store = stores_.Window();
  const Order order = Below(2) == 0 ? Order::kForward : Order::kReverse;
  const std::string from = SomeKey();
  const std::string to = SomeKey();
  const std::string* lower = Below(3) == 0 ? nullptr : &from;
  const std::string* upper = Below(3) == 0 ? nullptr : &to;
  const int64_t first = SomeStart();
  const int64_t last = SomeStart();
  const bool one_key = Below(2) == 0;
  const std::vector<Entry> expected =
      Expected(one_key ? &from : lower, one_key ? &from : upper, first, last, order);
  auto rows = one_key ? store.Fetch(from, At(first), At(last), order)
                      : store.FetchRange(lower, upper, At(first), At(last), order);
  std::vector<Entry> seen;
  for (; rows.Valid(); rows.Next()) {
    if (with_writes) Write();
    seen.push_back({rows.key(), ToMillis(rows.window_start()), rows.value()});
  }
  ASSERT_TRUE(seen == expected) << seen.size() << " rows instead of " << expected.size();
}

void WindowModel::Step() {
  const uint64_t what = Below(1000);
  if (what < 500) {
    Write();
  } else if (what < 750) {
    const std::string key = SomeKey();
    const int64_t start = SomeStart();
    auto row = stores_.Window().Fetch(key, At(start));
    auto expected = model_.rows.find({key, start});
    const bool there = expected != model_.rows.end() && Visible(start);
    ASSERT_EQ(static_cast<bool>(row), there);
    if (there) {
      ASSERT_EQ(*row, expected->second);
    }
  } else if (what < 920) {
    Walk(/*with_writes=*/what < 800);
  } else if (what < 970) {
    for (Change& change : stores_.Commit()) changelog_.push_back(std::move(change));
    committed_ = model_;
  } else if (what < 998) {
    stores_->Discard();
    model_ = committed_;
  } else if (GetParam()) {
    // What is only in memory comes back from the changelog. It may have seen less time: deletes of
    // nothing that expired are not in it.
    stores_.Reopen();
    ASSERT_TRUE(stores_.Restore("windows", changelog_).ok());
    model_ = committed_;
    auto* erased = static_cast<detail::ErasedWindowStore*>(stores_->Find("windows"));
    model_.observed = ToMillis(erased->observed_stream_time());
    ASSERT_LE(model_.observed, committed_.observed);
    committed_ = model_;
  } else {
    stores_.Reopen();
    model_ = committed_;
  }
}

TEST_P(WindowModel, BehavesLikeAMapWithARetention) {
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
