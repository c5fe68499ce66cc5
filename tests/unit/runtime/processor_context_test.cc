// What a processor's context offers beside stores, forwarding and punctuations.
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "millrace/topology_builder.h"
#include "millrace/topology_driver.h"

namespace millrace {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::Optional;
using ::testing::SizeIs;

const Topic<std::string, std::string> kIn{"in"};
const Topic<std::string, int64_t> kCounts{"counts"};
const Topic<std::string, std::string> kOut{"out"};

struct TellTaskCount : Processor<std::string, std::string, std::string, int64_t> {
  void Process(const Record<std::string, std::string>& record, Context& context) override {
    const int64_t count = context.TaskCount();
    context.Forward(record.WithValue(&count));
  }
};

// Source -> repartition to `inner` partitions -> what the task behind it says.
Topology TaskCountBehind(int32_t inner) {
  TopologyBuilder flow("task-count");
  flow.From(kIn)
      .Repartition("inner", {.partitions = inner})
      .Process<TellTaskCount>("tell")
      .To(kCounts);
  return std::move(flow).Build().value();
}

TEST(ProcessorContext, TaskCountIsTheNumberOfTasksOfItsOwnPartOfTheTopology) {
  for (const int32_t inner : {1, 3}) {
    TopologyDriver driver(TaskCountBehind(inner), {.partitions = 2});
    for (const char* key : {"a", "b", "c", "d"}) driver.Pipe(kIn, key, "x");
    const auto counts = driver.Drain(kCounts);
    EXPECT_THAT(counts, SizeIs(4));
    EXPECT_THAT(counts, Each(Field(&OwnedRecord<std::string, int64_t>::value, Optional(inner))));
  }
}

// Says under which application it runs, and counts its records.
struct TellApplication : Processor<std::string, std::string, std::string, std::string> {
  void Init(Context& context) override { seen_ = context.metrics()->counter("seen_total"); }
  void Process(const Record<std::string, std::string>& record, Context& context) override {
    seen_->Add();
    context.Forward(record.WithValue(&context.application_id()));
  }
  Counter* seen_ = nullptr;
};

TEST(ProcessorContext, KnowsItsApplicationAndTheEnginesMetrics) {
  TopologyBuilder flow("told");
  flow.From(kIn).Process<TellApplication>("tell").To(kOut);
  TopologyDriver driver(std::move(flow).Build().value());
  driver.Pipe(kIn, "a", "x");
  EXPECT_THAT(driver.Drain(kOut), Each(Field(&OwnedRecord<std::string, std::string>::value,
                                             Optional(std::string("told")))));
  EXPECT_EQ(driver.metrics()->counter("seen_total")->value(), 1);
}

struct RefuseBad : Processor<std::string, std::string, std::string, std::string> {
  void Process(const Record<std::string, std::string>& record, Context& context) override {
    if (*record.value == "bad") context.Refuse("it says so itself");
    context.Forward(record);
  }
};

TEST(ProcessorContext, ARefusedRecordIsADeadLetterWithTheReason) {
  TopologyBuilder flow("refusal");
  flow.From(kIn).Process<RefuseBad>("check").To(kOut);
  TopologyDriver driver(std::move(flow).Build().value());
  driver.Pipe(kIn, "a", "good");
  driver.Pipe(kIn, "b", "bad");
  driver.Pipe(kIn, "c", "good");
  EXPECT_THAT(driver.Drain(kOut), SizeIs(2));
  const auto letters = driver.DrainBytes("in-dlq");
  ASSERT_THAT(letters, SizeIs(1));
  EXPECT_EQ(letters[0].key, "b");
  bool has_reason = false;
  for (const Headers::Entry& entry : letters[0].headers) {
    has_reason |= entry.value == "it says so itself";
  }
  EXPECT_TRUE(has_reason);
}

// How dead letters are sorted: by the header dlq.class.
struct RefuseAs : Processor<std::string, int32_t, std::string, int32_t> {
  void Process(const Record<std::string, int32_t>& record, Context& context) override {
    if (*record.value == 1) context.Refuse("too far", PoisonClass::kRange);
    if (*record.value == 2) context.Refuse("no class");
    if (*record.value == 3) throw std::runtime_error("user code");
  }
};

TEST(ProcessorContext, ADeadLetterNamesTheClassOfItsPoison) {
  const Topic<std::string, int32_t> numbers{"numbers"};
  TopologyBuilder flow("classes");
  flow.From(numbers).Process<RefuseAs>("check");
  TopologyDriver driver(std::move(flow).Build().value());
  for (int32_t value : {1, 2, 3}) driver.Pipe(numbers, "a", value);
  driver.PipeBytes("numbers", "a", "three", TimestampFromMillis(0));
  std::vector<std::string> classes;
  for (const auto& letter : driver.DrainBytes("numbers-dlq")) {
    const Headers::Entry* entry = letter.headers.Last("dlq.class");
    classes.push_back(entry == nullptr ? "none" : entry->value.value_or("null"));
  }
  EXPECT_THAT(classes, ElementsAre("RANGE", "PROCESSING", "PROCESSING", "DESERIALIZE"));
}

}  // namespace
}  // namespace millrace
