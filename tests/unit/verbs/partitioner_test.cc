// Partitioners of sinks: one partition, several, none.
#include "verb_testing.h"

namespace millrace::verbs_test {
namespace {

TopologyDriver Drive(std::function<std::vector<PartitionId>(const Text&, int32_t)> choose) {
  TopologyBuilder flow("multicast");
  flow.From(kIn).To(kOut, {.partitioner = [choose](const Text& value, int32_t partitions) {
                      return choose(value, partitions);
                    }});
  return TopologyDriver(*std::move(flow).Build(), {.partitions = 3});
}

std::vector<Text> Take(TopologyDriver& driver) {
  std::vector<Text> taken;
  for (const auto& record : driver.Drain(kOut)) {
    taken.push_back(*record.value + "@" + std::to_string(record.partition.value()));
  }
  return taken;
}

TEST(Partitioner, SendsARecordToAllThatItNamesAndDropsItForNone) {
  TopologyDriver driver = Drive([](const Text& value, int32_t partitions) {
    std::vector<PartitionId> all;
    for (int32_t p = 0; value == "all" && p < partitions; ++p) all.emplace_back(p);
    if (value == "last") all.emplace_back(partitions - 1);
    return all;
  });
  driver.Pipe(kIn, "a", "all");
  driver.Pipe(kIn, "a", "none");
  driver.Pipe(kIn, "a", "last");
  EXPECT_THAT(Take(driver), ElementsAre("all@0", "all@1", "all@2", "last@2"));
}

TEST(Partitioner, SendsNothingWhenOneOfThemIsNotThere) {
  TopologyDriver driver = Drive([](const Text&, int32_t partitions) {
    return std::vector<PartitionId>{PartitionId(0), PartitionId(partitions)};
  });
  driver.Pipe(kIn, "a", "x");
  EXPECT_THAT(Take(driver), IsEmpty());
  EXPECT_EQ(driver.DrainBytes("in-dlq").size(), 1u);
}

}  // namespace
}  // namespace millrace::verbs_test
