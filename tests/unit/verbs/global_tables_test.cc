// Global tables and stores on the TopologyDriver: all partitions, restarts, errors.
#include "verb_testing.h"

namespace millrace::verbs_test {
namespace {

Text Both(const Text& value, const Text& row) { return value + row; }
Text Itself(const Text& value) { return value; }

void LooksUp(TopologyBuilder& flow) {
  flow.From(kIn).Join(flow.GlobalTableFrom(kOther, "rows"), Itself, Both).To(kOut);
}

const std::vector<Text> kKeys = {"a", "b", "c", "d", "e", "f"};

TEST(GlobalTable, EveryTaskSeesTheRowsOfAllPartitions) {
  TextDriver driver(LooksUp, {}, /*partitions=*/4);
  for (const Text& key : kKeys) driver.Pipe(kOther, key, "!", 0);
  // Under one key, all records are in one partition.
  for (const Text& key : kKeys) driver.Pipe("k", key, 1);
  EXPECT_THAT(driver.Take(),
              ElementsAre("k=a!@1", "k=b!@1", "k=c!@1", "k=d!@1", "k=e!@1", "k=f!@1"));
  EXPECT_EQ((driver->ReadStore<Text, Text>("rows").size()), kKeys.size());
}

TEST(GlobalTable, GoesOnAfterRestartsAndALossOfState) {
  TextDriver driver(LooksUp, {}, /*partitions=*/2);
  for (const Text& key : kKeys) driver.Pipe(kOther, key, "1", 0);
  driver->Restart();
  driver.Pipe(kOther, "a", "2", 0);
  driver.Pipe(kOther, "b", std::nullopt, 0);
  driver->Crash();
  for (const char* key : {"a", "b", "c"}) driver.Pipe("k", key, 1);
  EXPECT_THAT(driver.Take(), ElementsAre("k=a2@1", "k=c1@1"));
  driver->CrashAndLoseState();
  for (const char* key : {"a", "b", "c"}) driver.Pipe("k", key, 2);
  EXPECT_THAT(driver.Take(), ElementsAre("k=a2@2", "k=c1@2"));
}

TEST(GlobalTable, MayBeInMemory) {
  TextDriver driver([](TopologyBuilder& flow) {
    const auto rows = flow.GlobalTableFrom(kOther, "rows", {}, {.in_memory = true});
    flow.From(kIn).Join(rows, Itself, Both).To(kOut);
  });
  driver.Pipe(kOther, "a", "1", 0);
  driver->Crash();
  driver.Pipe("k", "a", 1);
  EXPECT_THAT(driver.Take(), ElementsAre("k=a1@1"));
}

TEST(GlobalTable, IsASubtopologyOfItsOwnWithoutTasks) {
  TopologyBuilder flow("globals");
  LooksUp(flow);
  EXPECT_EQ(std::move(flow).Build()->Describe(),
            "Topologies:\n"
            "   Sub-topology: 0\n"
            "    Source: source-0 (topics: [in])\n"
            "      --> join-3\n"
            "    Processor: join-3 (stores: [])\n"
            "      --> sink-4\n"
            "      <-- source-0\n"
            "    Sink: sink-4 (topic: out)\n"
            "      <-- join-3\n"
            "\n"
            "  Sub-topology: 1 for global store (will not generate tasks)\n"
            "    Source: source-1 (topics: [other])\n"
            "      --> rows\n"
            "    Processor: rows (stores: [rows])\n"
            "      --> none\n"
            "      <-- source-1\n");
}

TEST(GlobalTable, CannotHaveAHistoryOrALimit) {
  EXPECT_THAT(Refusal([](TopologyBuilder& flow) {
                flow.From(kIn).Join(flow.GlobalTableFrom(kOther, "rows", {}, {.history = 1ms}),
                                    Itself, Both);
              }),
              HasSubstr("global store \"rows\" is no plain key-value store"));
}

// Keeps values under themselves; refuses "bad" ones.
struct KeepsValues : Processor<Text, Text, Text, Text> {
  void Init(Context& context) override { rows_ = context.Store<Text, Text>("rows"); }
  void Process(const Record<Text, Text>& record, Context& context) override {
    if (*record.value == "bad") context.Refuse("bad");
    rows_.Put(*record.value, *record.value, record.timestamp);
  }
  KeyValueStore<Text, Text> rows_;
};

// Answers each record with all rows, in the order that its value names.
struct ListsRows : Processor<Text, Text, Text, Text> {
  void Init(Context& context) override { rows_ = context.Store<Text, Text>("rows"); }
  void Process(const Record<Text, Text>& record, Context& context) override {
    if (*record.value == "write") rows_.Put("x", "y");
    Text all;
    const Order order = *record.value == "back" ? Order::kReverse : Order::kForward;
    for (auto row = rows_.All(order); row.Valid(); row.Next()) all += row.key();
    context.Forward(record.WithValue(&all));
  }
  KeyValueStore<Text, Text> rows_;
};

void Lists(TopologyBuilder& flow) {
  flow.From(kIn).Process<ListsRows>("list", {"rows"}).To(kOut);
  flow.AddGlobalStore<KeepsValues>(Store<Text, Text>("rows"), kOther);
}

TEST(GlobalStore, IsFilledByItsProcessorAndWalkedByOthers) {
  TextDriver driver(Lists);
  for (const char* value : {"b", "a", "c"}) driver.Pipe(kOther, std::nullopt, value, 0);
  driver.Pipe("k", "forth", 1);
  driver.Pipe("k", "back", 2);
  EXPECT_THAT(driver.Take(), ElementsAre("k=abc@1", "k=cba@2"));
}

TEST(GlobalStore, APoisonRecordIsSkipped) {
  TextDriver driver(Lists);
  for (const char* value : {"a", "bad", "b"}) driver.Pipe(kOther, std::nullopt, value, 0);
  driver.Pipe("k", "forth", 1);
  EXPECT_THAT(driver.Take(), ElementsAre("k=ab@1"));
  EXPECT_TRUE(driver->status().ok());
  // Counted, and no dead letter: there is no transaction that it could be part of.
  EXPECT_THAT(driver->metrics()->PrometheusText(),
              testing::ContainsRegex("millrace_poison_records_total.*action=\"skip\".* 1\n"));
  EXPECT_TRUE(driver->DrainBytes("other-dlq").empty());
}

TEST(GlobalStore, APoisonRecordStopsAStrictTopology) {
  TextDriver driver(Lists, {.errors = ErrorPolicy::Stop()});
  driver.Pipe(kOther, std::nullopt, "bad", 0);
  EXPECT_THAT(Text(driver->status().message()), HasSubstr("at offset 0 of other-0"));
}

TEST(GlobalStoreDeathTest, OnlyItsProcessorMayWriteToIt) {
  TextDriver driver(Lists);
  EXPECT_DEATH(driver.Pipe("k", "write", 1), "a step writes to the global store 'rows'");
}

}  // namespace
}  // namespace millrace::verbs_test
