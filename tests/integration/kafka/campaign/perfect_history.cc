#include "integration/kafka/campaign/perfect_history.h"

#include "absl/strings/str_cat.h"
#include "millrace/partitioner.h"

namespace millrace::campaign {
namespace {

template <class T>
std::string Encoded(const T& value) {
  std::string bytes;
  Serde<T>::Encode(value, &bytes);
  return bytes;
}

}  // namespace

PerfectHistory::PerfectHistory(int64_t records) {
  for (const char* topic : kOutputs) outputs[topic].resize(kPartitions);
  std::map<std::string, Fold> folds;
  std::map<std::pair<std::string, int64_t>, int64_t> windows;
  std::vector<int64_t> offsets(kPartitions, 0);
  std::vector<int64_t> ids(kPartitions, 0);
  for (int64_t i = 0; i < records; ++i) {
    const std::string key = absl::StrCat("k", i % 7);
    const int32_t partition = PartitionForKey(key, kPartitions).value();
    const auto p = static_cast<size_t>(partition);
    if (offsets[p] % 4 == 3) ++offsets[p];
    const Timestamp timestamp = TimestampFromMillis(i * 100);
    const Provenance from{partition, offsets[p]++};
    inputs.Add(partition, {.offset = from.offset, .timestamp = timestamp, .key = key, .value = i});

    outputs["echo"][p].push_back({key, Encoded(i), timestamp, from});
    const std::string group = GroupOf(key);
    folds[group].Add(i);
    const auto g = static_cast<size_t>(PartitionForKey(group, kPartitions).value());
    outputs["folds"][g].push_back({group, Encoded(folds[group]), timestamp, from});
    Windowed<std::string> window{.key = key, .start = TimestampFromMillis(i / 10 * 1000)};
    const int64_t count = ++windows[{key, i / 10}];
    outputs["windows"][p].push_back({Encoded(window), Encoded(count), timestamp, from});
    const std::string owner = absl::StrCat("owner-of-", key, ":v", i / 20, ":", i);
    outputs["joined"][p].push_back({key, owner, timestamp, from});
    outputs["ids"][p].push_back({key, Encoded(ids[p]++), timestamp, from});
  }
}

Violations PerfectHistory::Judged() const {
  Violations violations;
  for (const auto& judge : JudgesOfAllTopics(&inputs, &violations)) {
    const auto& partitions = outputs.at(judge->topic());
    for (size_t p = 0; p < partitions.size(); ++p) {
      for (size_t i = 0; i < partitions[p].size(); ++i) {
        const OwnedOutput& output = partitions[p][i];
        judge->Add({.partition = static_cast<int32_t>(p),
                    .offset = static_cast<int64_t>(i),
                    .key = output.key,
                    .value = output.value,
                    .timestamp = output.timestamp,
                    .from = output.from,
                    .writer = output.writer});
      }
    }
    judge->Finish();
  }
  return violations;
}

}  // namespace millrace::campaign
