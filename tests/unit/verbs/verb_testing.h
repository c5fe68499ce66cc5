// What the tests of single verbs share: a driver over topics of text whose output reads as
// "key=value@timestamp".
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "millrace/millrace.h"
#include "millrace/topology_driver.h"

namespace millrace::verbs_test {

using std::chrono_literals::operator""ms;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Text = std::string;
using MaybeText = std::optional<std::string>;

inline const Topic<Text, Text> kIn{"in"};
inline const Topic<Text, Text> kOther{"other"};
inline const Topic<Text, Text> kOut{"out"};
inline const Topic<Text, Text> kLate{"late"};

inline Text TextOr(const Text* text, const char* instead = "-") {
  return text == nullptr ? instead : *text;
}

class TextDriver {
 public:
  explicit TextDriver(const std::function<void(TopologyBuilder&)>& build,
                      TopologyOptions options = {}, int partitions = 1)
      : driver_(BuildOrDie(build, std::move(options)), {.partitions = partitions}) {}

  void Pipe(const Topic<Text, Text>& topic, const MaybeText& key, const MaybeText& value,
            int64_t millis, const Headers& headers = Headers::Empty()) {
    driver_.Pipe(topic, key, value, TimestampFromMillis(millis), headers);
  }
  void Pipe(const MaybeText& key, const MaybeText& value, int64_t millis) {
    Pipe(kIn, key, value, millis);
  }

  // What came since the last call; header names behind a #.
  std::vector<Text> Take(const Topic<Text, Text>& topic = kOut) {
    std::vector<Text> taken;
    for (const auto& record : driver_.Drain(topic)) {
      Text text = record.key.value_or("null") + "=" + record.value.value_or("null") + "@" +
                  std::to_string(ToMillis(record.timestamp));
      for (const Headers::Entry& header : record.headers) text += " #" + header.name;
      taken.push_back(std::move(text));
    }
    return taken;
  }

  TopologyDriver* operator->() { return &driver_; }

 private:
  static Topology BuildOrDie(const std::function<void(TopologyBuilder&)>& build,
                             TopologyOptions options) {
    TopologyBuilder flow("verbs", std::move(options));
    build(flow);
    absl::StatusOr<Topology> topology = std::move(flow).Build();
    MR_CHECK(topology.ok(), topology.status().ToString());
    return *std::move(topology);
  }

  TopologyDriver driver_;
};

// What Build() says of a topology that it refuses.
inline Text Refusal(const std::function<void(TopologyBuilder&)>& build) {
  TopologyBuilder flow("verbs");
  build(flow);
  return Text(std::move(flow).Build().status().message());
}

}  // namespace millrace::verbs_test
