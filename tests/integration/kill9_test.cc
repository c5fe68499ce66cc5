// kill -9 at random moments: nothing lost, nothing twice, nothing out of order, no state wiped.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>

#include "integration/kill9_topology.h"
#include "millrace/engine.h"
#include "millrace/local_log.h"
#include "millrace/partitioner.h"

namespace millrace::kill9 {
namespace {

constexpr int kPartitions = 4;
constexpr int kKeys = 1000;
constexpr int64_t kRecords = 500'000;
constexpr int kKills = 100;

std::string KeyOf(int64_t i) { return "k" + std::to_string((i * 7919) % kKeys); }
std::string OwnerOf(const std::string& key) { return "owner-of-" + key; }

template <class T>
T Must(absl::StatusOr<T> value) {
  if (!value.ok()) {
    ADD_FAILURE() << value.status();
    std::exit(1);
  }
  return *std::move(value);
}
void Must(const absl::Status& status) { ASSERT_TRUE(status.ok()) << status; }

class Kill9 : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "millrace-kill9-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    const char* given = std::getenv("MILLRACE_SEED");
    seed_ = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
    std::printf("seed %llu (MILLRACE_SEED replays it)\n", static_cast<unsigned long long>(seed_));
    random_.seed(seed_);
    MapProgress();
    WriteInput();
  }
  void TearDown() override {
    ::munmap(progress_, sizeof(Progress));
    std::filesystem::remove_all(root_);
  }

  std::string log_directory() const { return root_ + "/log"; }
  std::string state_directory() const { return root_ + "/state"; }
  std::string progress_file() const { return root_ + "/progress"; }

  void MapProgress() {
    const int file = ::open(progress_file().c_str(), O_RDWR | O_CREAT, 0600);
    ASSERT_EQ(::ftruncate(file, sizeof(Progress)), 0);
    void* page = ::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ASSERT_NE(page, MAP_FAILED);
    ::close(file);
    progress_ = static_cast<Progress*>(page);
  }

  void WriteInput() {
    auto log = Must(LocalLog::Open(log_directory()));
    for (const char* topic : {"in", "owners", "folds", "windows", "joined"}) {
      Must(log->CreateTopic(topic, {.partitions = kPartitions}));
    }
    auto producer = Must(log->NewProducer({}));
    const TopicHandle owners = Must(producer->OpenTopic("owners"));
    for (int k = 0; k < kKeys; ++k) {
      const std::string key = "k" + std::to_string(k);
      const std::string owner = OwnerOf(key);
      Must(producer->Produce(owners, PartitionForKey(key, kPartitions),
                             {.key = key, .value = owner, .timestamp = TimestampFromMillis(0)}));
    }
    const TopicHandle in = Must(producer->OpenTopic("in"));
    std::string value;
    for (int64_t i = 0; i < kRecords; ++i) {
      const std::string key = KeyOf(i);
      value.clear();
      Serde<int64_t>::Encode(i, &value);
      Must(producer->Produce(in, PartitionForKey(key, kPartitions),
                             {.key = key, .value = value, .timestamp = TimestampFromMillis(i)}));
      if (i % 50'000 == 0) Must(producer->Commit({}).status());
    }
    Must(producer->Commit({}).status());
  }

  pid_t StartWorker() {
    progress_->committed_at_start = -1;
    progress_->processed = 0;
    const pid_t child = ::fork();
    if (child == 0) {
      ::execl(MILLRACE_KILL9_WORKER, MILLRACE_KILL9_WORKER, log_directory().c_str(),
              state_directory().c_str(), progress_file().c_str(), nullptr);
      ::_exit(127);
    }
    return child;
  }

  // Kills the worker once it has begun `records` records. False: it ended before that.
  bool KillAfter(pid_t worker, int64_t records) {
    int status = 0;
    while (progress_->committed_at_start < 0 || progress_->processed < records) {
      if (::waitpid(worker, &status, WNOHANG) == worker) {
        EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "the worker failed";
        return false;
      }
      ::poll(nullptr, 0, 1);
    }
    ::kill(worker, SIGKILL);
    ::waitpid(worker, &status, 0);
    return WIFSIGNALED(status);
  }

  void RunCampaign(bool lose_state);
  void VerifyAll();
  void VerifyOutputs(Log* log);
  void VerifyState(Engine* engine);

  std::string root_;
  uint64_t seed_ = 0;
  std::mt19937_64 random_;
  Progress* progress_ = nullptr;
};

void Kill9::RunCampaign(bool lose_state) {
  int kills = 0;
  int in_transaction = 0;
  int64_t begun_by_last = -1;  // records that the killed worker had begun, in all
  while (true) {
    // A bound on the records of one life, so that the kills are spread over the whole input.
    const int64_t target = kills < kKills ? static_cast<int64_t>(random_() % 7'000) : INT64_MAX;
    const pid_t worker = StartWorker();
    const bool killed = KillAfter(worker, target);
    if (begun_by_last >= 0 && progress_->committed_at_start >= 0 &&
        begun_by_last > progress_->committed_at_start) {
      ++in_transaction;  // it had begun more than what was committed
    }
    begun_by_last = progress_->committed_at_start + progress_->processed;
    if (!killed) break;
    ++kills;
    if (lose_state && kills % 4 == 0) std::filesystem::remove_all(state_directory());
  }
  std::printf("%d kills, %d of them in an open transaction\n", kills, in_transaction);
  EXPECT_GE(kills, kKills);
  EXPECT_GE(in_transaction * 100, kills * 60);
}

void Kill9::VerifyAll() {
  auto log = Must(LocalLog::Open(log_directory()));
  VerifyOutputs(log.get());
  Progress unused{};
  auto engine = Must(Engine::Create(Must(BuildTopology(&unused)), log.get(),
                                    {.state_directory = state_directory()}));
  Must(engine->Start());
  Must(WaitUntilIdle({engine.get()}));
  EXPECT_EQ(unused.processed, 0) << "the last worker had left something to do";
  VerifyState(engine.get());
  Must(engine->Stop());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(state_directory())) {
    EXPECT_EQ(entry.path().string().find(".damaged-"), std::string::npos) << entry.path();
  }
}

// Calls `visit` on every record of a topic, partition by partition.
template <class K, class V>
int64_t ForEachRecord(Log* log, const Topic<K, V>& topic,
                      const std::function<void(const K&, const V&)>& visit) {
  auto reader = Must(log->NewReader());
  int64_t count = 0;
  for (int32_t p = 0; p < kPartitions; ++p) {
    const TopicPartition partition{topic.name(), PartitionId(p)};
    Must(reader->Assign(partition, Offset(0)));
    while (true) {
      const RecordBatch batch = Must(reader->Fetch(partition, 1 << 20));
      if (batch.empty()) break;
      for (const RecordView& record : batch.records) {
        K key;
        V value;
        Must(Serde<K>::Decode(*record.key, &key));
        Must(Serde<V>::Decode(*record.value, &value));
        visit(key, value);
        ++count;
      }
    }
  }
  return count;
}

void Kill9::VerifyOutputs(Log* log) {
  std::map<std::string, std::vector<int64_t>> inputs;
  for (int64_t i = 0; i < kRecords; ++i) inputs[KeyOf(i)].push_back(i);

  std::map<std::string, Fold> folds;
  const int64_t fold_records =
      ForEachRecord<std::string, Fold>(log, kFolds, [&](const std::string& group, const Fold& got) {
        Fold& want = folds[group];
        const auto& values = inputs.at(group.substr(6));
        ASSERT_LT(static_cast<size_t>(want.count), values.size());
        const int64_t value = values[static_cast<size_t>(want.count)];
        want = {want.count + 1, (want.hash * 31 + value) % 1'000'000'007};
        ASSERT_EQ(got.count, want.count) << group;
        ASSERT_EQ(got.hash, want.hash) << group;
      });
  EXPECT_EQ(fold_records, kRecords);

  std::map<std::string, size_t> joined;
  const int64_t joined_records = ForEachRecord<std::string, std::string>(
      log, kJoined, [&](const std::string& key, const std::string& got) {
        const auto& values = inputs.at(key);
        const size_t i = joined[key]++;
        ASSERT_LT(i, values.size());
        ASSERT_EQ(got, OwnerOf(key) + ":" + std::to_string(values[i]));
      });
  EXPECT_EQ(joined_records, kRecords);

  std::map<std::pair<std::string, int64_t>, int64_t> windows;
  const int64_t window_records = ForEachRecord<Windowed<std::string>, int64_t>(
      log, kWindows, [&](const Windowed<std::string>& key, const int64_t& count) {
        ASSERT_EQ(count, ++windows[std::make_pair(key.key, ToMillis(key.start))]);
      });
  EXPECT_EQ(window_records, kRecords);
  for (const auto& [window, count] : windows) {
    int64_t expected = 0;
    for (int64_t i : inputs.at(window.first)) expected += i / 1000 * 1000 == window.second ? 1 : 0;
    ASSERT_EQ(count, expected) << window.first << " at " << window.second;
  }
}

void Kill9::VerifyState(Engine* engine) {
  std::map<std::string, Fold> model;
  for (int64_t i = 0; i < kRecords; ++i) {
    Fold& fold = model["group-" + KeyOf(i)];
    fold = {fold.count + 1, (fold.hash * 31 + i) % 1'000'000'007};
  }
  size_t rows = 0;
  Must(engine->ScanStore("folds-by-group",
                         [&](std::string_view key, std::string_view value, Timestamp) {
                           Fold fold;
                           EXPECT_TRUE(Serde<Fold>::Decode(value, &fold).ok());
                           EXPECT_EQ(fold.hash, model.at(std::string(key)).hash) << key;
                           ++rows;
                           return true;
                         }));
  EXPECT_EQ(rows, model.size());
}

TEST_F(Kill9, LosesNothingAndDoublesNothingAtAHundredRandomMoments) {
  RunCampaign(/*lose_state=*/false);
  VerifyAll();
}

TEST_F(Kill9, RebuildsLostStateFromTheChangelogsOnTheWay) {
  RunCampaign(/*lose_state=*/true);
  std::filesystem::remove_all(state_directory());
  VerifyAll();
}

}  // namespace
}  // namespace millrace::kill9
