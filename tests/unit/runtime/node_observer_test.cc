// What an observer is shown of the records between steps.
#include "millrace/node_observer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "millrace/millrace.h"
#include "millrace/topology_driver.h"

namespace millrace {
namespace {

using std::chrono_literals::operator""ms;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

using Text = std::string;
const Topic<Text, int64_t> kIn("in");
const Topic<Text, int64_t> kOther("other");
const Topic<Text, Text> kOut("out");

class Outputs : public NodeObserver {
 public:
  void OnInput(const TaskId&, const std::string&, const ObservedRecord&, bool) override {}
  void OnOutput(const TaskId&, const std::string& node, const ObservedRecord& record) override {
    seen.push_back(node + ": " + record.key + "=" + record.value);
  }
  void OnPunctuation(const TaskId&, const std::string&, Timestamp) override {}
  std::vector<Text> seen;
};

Text Both(int64_t left, const int64_t* right) {
  return std::to_string(left) + "+" + (right == nullptr ? "-" : std::to_string(*right));
}

TEST(NodeObserver, SeesTheResultsOfTheTwoSidesOfAJoin) {
  TopologyBuilder flow("observed");
  flow.From(kIn)
      .LeftJoin("pairs", flow.From(kOther), {.before = 10ms, .after = 10ms}, Both)
      .To(kOut);
  Outputs outputs;
  TopologyDriver driver(Observed(std::move(flow).Build().value(), &outputs));
  driver.Pipe(kOther, "a", 2, TimestampFromMillis(1));
  driver.Pipe(kIn, "a", 1, TimestampFromMillis(1));
  EXPECT_THAT(outputs.seen, AllOf(Contains("pairs-this-windowed: \"a\"=1"),
                                  Contains("pairs-this-join: \"a\"=\"1+2\""),
                                  Contains("pairs-merge: \"a\"=\"1+2\"")));
}

TEST(NodeObserver, SeesTheResultsOfTheTwoSidesOfAJoinOfTables) {
  TopologyBuilder flow("observed");
  flow.TableFrom(kIn, "left")
      .LeftJoin("joined", flow.TableFrom(kOther, "right"), Both)
      .ToStream()
      .To(kOut);
  Outputs outputs;
  TopologyDriver driver(Observed(std::move(flow).Build().value(), &outputs));
  driver.Pipe(kIn, "a", 1);
  EXPECT_THAT(outputs.seen, Contains("joined-join-this: \"a\"=\"1+-\""));
}

TEST(NodeObserver, SeesALateRecordAsWhatItIs) {
  TopologyBuilder flow("observed");
  flow.From(kIn)
      .GroupByKey()
      .Window(Tumbling{.size = 10ms})
      .Late(Topic<Text, int64_t>("late"))
      .Count("counts");
  Outputs outputs;
  TopologyDriver driver(Observed(std::move(flow).Build().value(), &outputs));
  driver.Pipe(kIn, "a", 7, TimestampFromMillis(100));
  outputs.seen.clear();
  driver.Pipe(kIn, "a", 8, TimestampFromMillis(1));
  EXPECT_THAT(outputs.seen, ElementsAre("counts: \"a\"=8"));
}

}  // namespace
}  // namespace millrace
