// Properties of all flows. Each is tried on 1,000 generated inputs; MILLRACE_PROPERTY_CASES asks
// for more. A failure prints the smallest input found and how to run it again (RC_PARAMS); put the
// input into regressions/ to keep it.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "property/flows.h"
#include "property/generators.h"

namespace millrace::property {
namespace {

class Property : public testing::TestWithParam<Flow> {
 protected:
  const Flow& flow() const { return GetParam(); }
};

const std::vector<Flow>& Flows() {
  static const std::vector<Flow> flows = AllFlows();
  return flows;
}

INSTANTIATE_TEST_SUITE_P(Of, Property, testing::ValuesIn(Flows()),
                         [](const auto& info) { return info.param.name; });

std::vector<Events> KeptInputs() {
  std::vector<Events> inputs;
  const std::filesystem::path folder =
      std::filesystem::path(MILLRACE_SOURCE_DIR) / "tests/property/regressions";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() != ".txt") continue;
    std::ifstream in(file.path());
    inputs.push_back(ReadEvents(in));
  }
  return inputs;
}

// Kept inputs first, then generated ones.
void Check(const std::string& what, const std::function<void(const Events&)>& holds) {
  static const std::vector<Events> kept = KeptInputs();
  size_t next = 0;
  EXPECT_TRUE(rc::check(what, [&] {
    if (next < kept.size()) return holds(kept[next++]);
    holds(*AnyEvents());
  }));
}

// Ways to run that must not make a difference to what comes out of one partition.
RunOptions AnyWay(size_t events) {
  RunOptions options;
  options.kills = *rc::gen::map(
      rc::gen::container<std::vector<size_t>>(rc::gen::inRange<size_t>(0, events + 1)),
      [](std::vector<size_t> kills) {
        kills.resize(std::min<size_t>(kills.size(), 3));
        std::sort(kills.begin(), kills.end());
        return kills;
      });
  options.lose_state = *rc::gen::arbitrary<bool>();
  options.rocksdb = *rc::gen::weightedElement<bool>({{49, false}, {1, true}});
  options.small_buffers = *rc::gen::arbitrary<bool>();
  return options;
}

TEST_P(Property, EqualsTheModel) {
  if (flow().model == nullptr) GTEST_SKIP() << "the model knows the end only";
  Check("equals the model", [this](const Events& any) {
    const Events events = flow().model_in_order ? InOrder(any) : any;
    RC_ASSERT(RunFlow(flow().build, events).output == flow().model(events));
  });
}

TEST_P(Property, EndsWithTheModelsRows) {
  if (flow().table == nullptr) GTEST_SKIP() << "the model knows every step";
  Check("ends with the model's rows", [this](const Events& any) {
    // Where there is a time, what is late depends on the partitions.
    const Events events = flow().partition_time ? InOrder(any) : any;
    RunOptions options = AnyWay(events.size());
    options.partitions = flow().partition_time ? 1 : *rc::gen::element(1, 8);
    RC_ASSERT(RunFlow(flow().build, events, options).Table() == flow().table(events));
  });
}

TEST_P(Property, IsTheSameAfterKillsAndLostState) {
  Check("kills", [this](const Events& events) {
    RC_ASSERT(RunFlow(flow().build, events, AnyWay(events.size())).output ==
              RunFlow(flow().build, events).output);
  });
}

TEST_P(Property, IsTheSamePerKeyInBatches) {
  if (flow().order_of_key_varies) GTEST_SKIP() << "compared in the end";
  Check("batches", [this](const Events& any) {
    const Events events = InOrder(any);
    RunOptions batches = AnyWay(events.size());
    batches.records_per_transaction = *rc::gen::element(2, 3, 7, 500);
    RC_ASSERT(RunFlow(flow().build, events, batches).ByKey() ==
              RunFlow(flow().build, events).ByKey());
  });
}

TEST_P(Property, IsTheSamePerKeyOnEightPartitions) {
  if (flow().partition_time) GTEST_SKIP() << "time is a partition's own";
  if (flow().order_of_key_varies) GTEST_SKIP() << "compared in the end";
  Check("partitions", [this](const Events& events) {
    RunOptions many = AnyWay(events.size());
    many.partitions = 8;
    RC_ASSERT(RunFlow(flow().build, events, many).ByKey() == RunFlow(flow().build, events).ByKey());
  });
}

}  // namespace
}  // namespace millrace::property

int main(int argc, char** argv) {
  const char* cases = ::getenv("MILLRACE_PROPERTY_CASES");
  const std::string parameters =
      std::string("max_success=") + (cases ? cases : "1000") + " max_size=40 verbose_progress=0";
  ::setenv("RC_PARAMS", parameters.c_str(), /*overwrite=*/0);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
