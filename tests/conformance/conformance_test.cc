// Replays the vectors of each topology of the catalogue, and demands the output and the stores that
// Kafka Streams had. MILLRACE_CONFORMANCE_VECTORS names another folder of vectors.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "conformance/replay.h"
#include "gtest/gtest.h"

namespace millrace::conformance {
namespace {

std::filesystem::path VectorsFolder() {
  const char* other = std::getenv("MILLRACE_CONFORMANCE_VECTORS");
  if (other != nullptr) return other;
  return std::filesystem::path(MILLRACE_SOURCE_DIR) / "tests/conformance/vectors";
}

class Conformance : public testing::TestWithParam<Entry> {};

TEST_P(Conformance, DoesWhatKafkaStreamsDoes) {
  const std::filesystem::path folder = VectorsFolder() / GetParam().name;
  ASSERT_TRUE(std::filesystem::is_directory(folder)) << folder;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const absl::StatusOr<std::string> difference = FirstDifference(GetParam(), file.path());
    ASSERT_TRUE(difference.ok()) << difference.status();
    EXPECT_EQ(*difference, "") << file.path();
  }
}

// So that a trace can show what comes out of it.
TEST_P(Conformance, EveryStepKnowsItsTypes) {
  TopologyBuilder flow("types");
  GetParam().build(flow);
  const Topology topology = std::move(flow).Build().value();
  for (const detail::NodeSpec& node : topology.data().nodes) {
    if (node.children.empty()) continue;
    EXPECT_NE(node.key, nullptr) << node.name;
    EXPECT_NE(node.value, nullptr) << node.name;
  }
}

std::string TestName(const testing::TestParamInfo<Entry>& info) {
  std::string name = info.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Catalogue, Conformance, testing::ValuesIn(AllEntries()), TestName);

}  // namespace

// Failures name the topology.
void PrintTo(const Entry& entry, std::ostream* out) { *out << entry.name; }

}  // namespace millrace::conformance
