// The campaign's judge, against histories that are spoilt on purpose.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "integration/kafka/campaign/crash_plan.h"
#include "integration/kafka/campaign/perfect_history.h"
#include "integration/kafka/campaign/seen.h"

namespace millrace::campaign {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Pair;

constexpr int64_t kRecords = 400;

template <class T>
std::string Encoded(const T& value) {
  std::string bytes;
  Serde<T>::Encode(value, &bytes);
  return bytes;
}

TEST(Judge, FindsNothingWrongInAPerfectHistory) {
  EXPECT_THAT(PerfectHistory(kRecords).Judged().words(), IsEmpty());
}

// Every kind of damage, in every topic.
class JudgeOf : public testing::TestWithParam<const char*> {
 protected:
  std::vector<OwnedOutput>& partition() { return history_.of(GetParam())[0]; }

  PerfectHistory history_{kRecords};
};
INSTANTIATE_TEST_SUITE_P(EachTopic, JudgeOf, testing::ValuesIn(kOutputs),
                         [](const auto& tested) { return std::string(tested.param); });

TEST_P(JudgeOf, FindsALostRecord) {
  partition().erase(partition().begin() + 20);
  const Violations found = history_.Judged();
  EXPECT_THAT(found.counts(), Contains(Pair("I1", 1)));
  EXPECT_THAT(found.words(), Contains(HasSubstr("has no output")));
}

TEST_P(JudgeOf, FindsALostTail) {
  partition().resize(partition().size() - 3);
  EXPECT_THAT(history_.Judged().counts(), ElementsAre(Pair("I1", 3)));
}

TEST_P(JudgeOf, FindsADoubledRecord) {
  partition().insert(partition().begin() + 21, partition()[20]);
  const Violations found = history_.Judged();
  EXPECT_THAT(found.counts(), Contains(Pair("I1", 1)));
  EXPECT_THAT(found.words(), Contains(HasSubstr("had an output before")));
}

TEST_P(JudgeOf, FindsRecordsInTheWrongOrder) {
  // Two of the same source; of another one there may be any between them.
  const int32_t source = partition()[20].from.partition;
  const auto second =
      std::find_if(partition().begin() + 21, partition().end(),
                   [&](const OwnedOutput& output) { return output.from.partition == source; });
  ASSERT_NE(second, partition().end());
  std::iter_swap(partition().begin() + 20, second);
  EXPECT_THAT(history_.Judged().counts(), Contains(Key("I3")));
}

TEST_P(JudgeOf, FindsAnOutputOfAnAbortedInput) {
  OwnedOutput ghost = partition()[20];
  ghost.from.offset = 3;  // never an input
  partition().insert(partition().begin() + 20, ghost);
  const Violations found = history_.Judged();
  EXPECT_THAT(found.counts(), Contains(Pair("I1", 1)));
  EXPECT_THAT(found.words(), Contains(HasSubstr("no such input was committed")));
}

TEST_P(JudgeOf, FindsAZombiesRecord) {
  for (size_t i = 10; i < partition().size(); ++i) partition()[i].writer = 200;
  EXPECT_THAT(history_.Judged().words(), IsEmpty());
  partition()[30].writer = 100;
  EXPECT_THAT(history_.Judged().counts(), ElementsAre(Pair("I8", 1)));
}

TEST_P(JudgeOf, FindsAnOutputOfAnotherPartitionsInput) {
  partition()[20].from.partition = PerfectHistory::kPartitions;
  EXPECT_THAT(history_.Judged().words(), Contains(HasSubstr("no such input was committed")));
}

TEST_P(JudgeOf, FindsAWrongValue) {
  partition()[20].value.back() ^= 1;
  EXPECT_THAT(history_.Judged().counts(), Contains(Key("I2")));
}

TEST_P(JudgeOf, FindsAWrongKey) {
  partition()[20].key[0] ^= 1;
  EXPECT_THAT(history_.Judged().counts(), Contains(Key("I2")));
}

TEST(Judge, FindsAFoldThatCountedARecordTwice) {
  PerfectHistory history(kRecords);
  for (auto& partition : history.of("folds")) {
    if (partition.size() < 30) continue;
    const std::string group = partition[20].key;
    // The state was applied twice; the outputs are complete and in order.
    for (size_t i = 20; i < partition.size(); ++i) {
      if (partition[i].key != group) continue;
      Fold fold;
      ASSERT_TRUE(Serde<Fold>::Decode(partition[i].value, &fold).ok());
      ++fold.count;
      partition[i].value = Encoded(fold);
    }
    EXPECT_THAT(history.Judged().counts(), ElementsAre(Pair("I2", 1)));
    return;
  }
  FAIL() << "no partition is long enough";
}

TEST(Judge, FindsAStoreThatWentBack) {
  PerfectHistory history(kRecords);
  auto& ids = history.of("ids")[0];
  for (size_t i = 50; i < ids.size(); ++i) {
    ids[i].value = Encoded(static_cast<int64_t>(i) - 5);
  }
  EXPECT_THAT(history.Judged().counts(), ElementsAre(Pair("I2", 1)));
}

TEST(Judge, FindsAnOwnerThatWentBack) {
  PerfectHistory history(kRecords);
  std::string& joined = history.of("joined")[0].back().value;
  joined.replace(joined.find(":v") + 2, joined.rfind(':') - joined.find(":v") - 2, "0");
  EXPECT_THAT(history.Judged().counts(), ElementsAre(Pair("I2", 1)));
}

class SeenCheckTest : public testing::Test {
 protected:
  void SeeAll() {
    for (const SeenRecord& record : final_) check_.AddSeen(partition_, record);
  }
  std::map<std::string, int64_t> Counts() {
    for (const SeenRecord& record : final_) check_.AddFinal(partition_, record);
    check_.Finish();
    return violations_.counts();
  }

  const TopicPartition partition_{"echo", PartitionId(0)};
  std::vector<SeenRecord> final_ = {{0, 7}, {1, 8}, {4, 9}, {5, 10}};
  Violations violations_;
  SeenCheck check_{&violations_};
};

TEST_F(SeenCheckTest, AcceptsAReaderThatSawEverything) {
  SeeAll();
  EXPECT_THAT(Counts(), IsEmpty());
}

TEST_F(SeenCheckTest, AcceptsAReaderThatStoppedEarly) {
  check_.AddSeen(partition_, final_[0]);
  EXPECT_THAT(Counts(), IsEmpty());
}

TEST_F(SeenCheckTest, FindsARecordThatWasSeenAndIsNotThere) {
  check_.AddSeen(partition_, {0, 7});
  check_.AddSeen(partition_, {1, 8});
  check_.AddSeen(partition_, {2, 1});
  check_.AddSeen(partition_, {4, 9});
  EXPECT_THAT(Counts(), ElementsAre(Pair("I15", 1)));
}

TEST_F(SeenCheckTest, FindsAnAbortedTailThatWasSeen) {
  SeeAll();
  check_.AddSeen(partition_, {6, 1});
  EXPECT_THAT(Counts(), ElementsAre(Pair("I15", 1)));
}

TEST_F(SeenCheckTest, FindsARecordThatTheReaderSkipped) {
  check_.AddSeen(partition_, {0, 7});
  check_.AddSeen(partition_, {4, 9});
  EXPECT_THAT(Counts(), ElementsAre(Pair("I15", 1)));
}

TEST_F(SeenCheckTest, FindsARecordThatWasAnotherOne) {
  check_.AddSeen(partition_, {0, 6});
  EXPECT_THAT(Counts(), ElementsAre(Pair("I15", 1)));
}

TEST_F(SeenCheckTest, FindsAReaderThatWentBack) {
  SeeAll();
  check_.AddSeen(partition_, {1, 8});
  EXPECT_THAT(Counts(), ElementsAre(Pair("I15", 1)));
}

TEST(CrashPlan, RefusesWhatIsNoPlan) {
  EXPECT_TRUE(CrashPlan::Parse("after-apply@3").ok());
  EXPECT_TRUE(CrashPlan::Parse("after-apply@3:stop").ok());
  for (const char* text : {"", "after-apply", "after-apply@", "after-apply@0", "after-apply@x",
                           "nowhere@1", "after-apply@1:go"}) {
    EXPECT_FALSE(CrashPlan::Parse(text).ok()) << text;
  }
}

TEST(CrashPlanDeathTest, KillsAtTheNthTimeOfItsPoint) {
  const auto run = [](int times) {
    CrashPlan plan = *CrashPlan::Parse("after-log-commit@3");
    for (int i = 0; i < times; ++i) {
      plan.Reached(CrashPoint::kAfterLogCommit);
      plan.Reached(CrashPoint::kAfterApply);
    }
    std::exit(0);
  };
  EXPECT_EXIT(run(2), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(run(3), testing::KilledBySignal(SIGKILL), "");
}

}  // namespace
}  // namespace millrace::campaign
