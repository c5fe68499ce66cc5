// Stores with data structures of the user's own, over commits, restarts and lost state.
#include "millrace/custom_store.h"

#include <bitset>
#include <map>
#include <set>
#include <stdexcept>

#include "verb_testing.h"

namespace millrace::verbs_test {
namespace {

// Remembers which texts it was given, with false positives: bits in blocks, a row per block. Blocks
// are kept when a commit comes, however often they have changed.
class BloomFilter : public CustomStore<int32_t, Bytes> {
 public:
  void Open(KeyValueStore<int32_t, Bytes> rows) override {
    rows_ = rows;
    for (auto row = rows_.All(); row.Valid(); row.Next()) {
      blocks_[row.key()] = Block(row.value().data);
    }
  }
  void BeforeCommit() override {
    for (const int32_t block : changed_) rows_.Put(block, Bytes{blocks_[block].to_string()});
    changed_.clear();
  }

  bool MayContain(const Text& text) {
    const size_t hash = std::hash<Text>()(text);
    for (const size_t bit : {hash % kBits, hash / kBits % kBits}) {
      const auto block = blocks_.find(static_cast<int32_t>(bit / kBlockBits));
      if (block == blocks_.end() || !block->second[bit % kBlockBits]) return false;
    }
    return true;
  }
  void Add(const Text& text) {
    const size_t hash = std::hash<Text>()(text);
    for (const size_t bit : {hash % kBits, hash / kBits % kBits}) {
      const auto block = static_cast<int32_t>(bit / kBlockBits);
      blocks_[block].set(bit % kBlockBits);
      changed_.insert(block);
    }
  }

 private:
  static constexpr size_t kBlockBits = 256;
  static constexpr size_t kBits = 256 * kBlockBits;
  using Block = std::bitset<kBlockBits>;

  KeyValueStore<int32_t, Bytes> rows_;
  std::map<int32_t, Block> blocks_;
  std::set<int32_t> changed_;
};

// The `limit` smallest texts. Rows are written at once; what is in memory only finds the largest.
class Smallest : public CustomStore<Text, int64_t> {
 public:
  explicit Smallest(size_t limit) : limit_(limit) {}
  void Open(KeyValueStore<Text, int64_t> rows) override {
    rows_ = rows;
    for (auto row = rows_.All(); row.Valid(); row.Next()) texts_.insert(row.key());
  }
  // The text that had to go, if one had to.
  MaybeText Add(const Text& text) {
    rows_.Put(text, 1);
    texts_.insert(text);
    if (texts_.size() <= limit_) return std::nullopt;
    const Text largest = *texts_.rbegin();
    texts_.erase(largest);
    rows_.Delete(largest);
    return largest;
  }

 private:
  const size_t limit_;
  KeyValueStore<Text, int64_t> rows_;
  std::set<Text> texts_;
};

struct ForwardNew : Processor<Text, Text, Text, Text> {
  void Init(Context& context) override { seen_ = context.StoreOf<BloomFilter>("seen"); }
  void Process(const Record<Text, Text>& record, Context& context) override {
    if (seen_->MayContain(*record.value)) return;
    seen_->Add(*record.value);
    if (*record.value == "bad") context.Refuse("bad");
    context.Forward(record);
  }
  BloomFilter* seen_ = nullptr;
};

void NewOnly(TopologyBuilder& flow, CustomStoreOptions options) {
  flow.AddStore(StoreOf<BloomFilter>("seen", options));
  flow.From(kIn).ProcessValues<ForwardNew>("new-only", {"seen"}).To(kOut);
}

class CustomStoreOnBackends : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Backends, CustomStoreOnBackends, testing::Bool(),
                         [](const auto& info) { return info.param ? "InMemory" : "OnRocksDb"; });

TEST_P(CustomStoreOnBackends, KeepsWhatItHoldsOverRestartsAndLostState) {
  TextDriver driver([](auto& flow) { NewOnly(flow, {.in_memory = GetParam()}); });
  driver.Pipe("k", "one", 1);
  driver.Pipe("k", "one", 2);
  EXPECT_THAT(driver.Take(), ElementsAre("k=one@1"));
  driver->Restart();
  driver.Pipe("k", "one", 3);
  driver.Pipe("k", "two", 4);
  EXPECT_THAT(driver.Take(), ElementsAre("k=two@4"));
  driver->CrashAndLoseState();
  driver.Pipe("k", "one", 5);
  driver.Pipe("k", "two", 6);
  driver.Pipe("k", "three", 7);
  EXPECT_THAT(driver.Take(), ElementsAre("k=three@7"));
}

TEST(CustomStore, LogsARowOncePerTransaction) {
  TextDriver driver([](auto& flow) { NewOnly(flow, {}); });
  driver.Pipe("k", "one", 1);
  const size_t blocks = driver->DrainBytes("verbs-seen-changelog").size();
  EXPECT_GE(blocks, 1);
  EXPECT_LE(blocks, 2);
  driver.Pipe("k", "one", 2);
  EXPECT_TRUE(driver->DrainBytes("verbs-seen-changelog").empty());
}

TEST(CustomStore, WithoutAChangelogLosesItsRowsWithTheStateDirectory) {
  TextDriver driver([](auto& flow) { NewOnly(flow, {.changelog = false}); });
  driver.Pipe("k", "one", 1);
  driver->Restart();
  driver.Pipe("k", "one", 2);
  EXPECT_THAT(driver.Take(), ElementsAre("k=one@1"));
  driver->CrashAndLoseState();
  driver.Pipe("k", "one", 3);
  EXPECT_THAT(driver.Take(), ElementsAre("k=one@3"));
}

// The transaction is dropped, and with it what the object was told.
TEST(CustomStore, ForgetsATransactionThatWasNotCommitted) {
  TextDriver driver([](auto& flow) { NewOnly(flow, {}); }, {.errors = ErrorPolicy::Stop()});
  driver.Pipe("k", "one", 1);
  driver.Pipe("k", "bad", 2);
  EXPECT_FALSE(driver->status().ok());
  driver->Crash();
  EXPECT_FALSE(driver->status().ok());  // it is met again: the filter does not know it
  EXPECT_THAT(driver.Take(), ElementsAre("k=one@1"));
}

struct ForwardLeaving : Processor<Text, Text, Text, Text> {
  void Init(Context& context) override { texts_ = context.StoreOf<Smallest>("smallest"); }
  void Process(const Record<Text, Text>& record, Context& context) override {
    const MaybeText leaving = texts_->Add(*record.value);
    if (leaving.has_value()) context.Forward(record.WithValue(&*leaving));
  }
  Smallest* texts_ = nullptr;
};

TEST(CustomStore, IsMadeByAFactoryAndItsRowsCanBeRead) {
  TextDriver driver([](TopologyBuilder& flow) {
    flow.AddStore(StoreOf<Smallest>("smallest", [] { return std::make_unique<Smallest>(2); }));
    flow.From(kIn).ProcessValues<ForwardLeaving>("leaving", {"smallest"}).To(kOut);
  });
  for (const char* text : {"d", "b", "c"}) driver.Pipe("k", text, 1);
  driver->CrashAndLoseState();
  driver.Pipe("k", "a", 2);
  EXPECT_THAT(driver.Take(), ElementsAre("k=d@1", "k=c@2"));
  std::vector<Text> kept;
  for (const auto& row : driver->ReadStore<Text, int64_t>("smallest")) kept.push_back(row.key);
  EXPECT_THAT(kept, ElementsAre("a", "b"));
}

struct FailsBeforeCommit : Smallest {
  FailsBeforeCommit() : Smallest(10) {}
  void BeforeCommit() override { throw std::runtime_error("no room"); }
};
struct Fails : Processor<Text, Text, Text, Text> {
  void Init(Context& context) override { texts_ = context.StoreOf<FailsBeforeCommit>("smallest"); }
  void Process(const Record<Text, Text>& record, Context& context) override {
    texts_->Add(*record.value);
    context.Forward(record);
  }
  FailsBeforeCommit* texts_ = nullptr;
};

TEST(CustomStore, ThatFailsBeforeACommitStopsTheTaskUncommitted) {
  TextDriver driver([](TopologyBuilder& flow) {
    flow.AddStore(StoreOf<FailsBeforeCommit>("smallest"));
    flow.From(kIn).ProcessValues<Fails>("fails", {"smallest"}).To(kOut);
  });
  driver.Pipe("k", "a", 1);
  EXPECT_THAT(Text(driver->status().message()), HasSubstr("no room"));
  EXPECT_THAT(driver.Take(), IsEmpty());
}

struct AsksForTheWrongType : Processor<Text, Text, Text, Text> {
  void Init(Context& context) override { context.StoreOf<FailsBeforeCommit>("seen"); }
  void Process(const Record<Text, Text>&, Context&) override {}
};

TEST(CustomStoreDeathTest, IsNotHandedOutAsAnotherType) {
  const auto ask = [] {
    TextDriver driver([](TopologyBuilder& flow) {
      flow.AddStore(StoreOf<BloomFilter>("seen"));
      flow.From(kIn).ProcessValues<AsksForTheWrongType>("asks", {"seen"}).To(kOut);
    });
  };
  EXPECT_DEATH(ask(), "store \"seen\" is .*BloomFilter, but a step asks for .*FailsBeforeCommit");
}

TEST(CustomStore, CannotBeAGlobalStore) {
  struct Keeps : Processor<Text, Text, Text, Text> {
    void Process(const Record<Text, Text>&, Context&) override {}
  };
  EXPECT_THAT(Refusal([](TopologyBuilder& flow) {
                flow.AddGlobalStore<Keeps>(StoreOf<BloomFilter>("seen"), kIn);
              }),
              HasSubstr("is no plain key-value store"));
}

}  // namespace
}  // namespace millrace::verbs_test
