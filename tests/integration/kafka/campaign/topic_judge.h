// Judges one output topic, record by record, partition by partition: every committed input has
// exactly one output in it, in order, by one writer at a time, and with the right value.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "integration/kafka/campaign/inputs.h"
#include "integration/kafka/campaign/violations.h"
#include "millrace/record.h"

namespace millrace::campaign {

// Rows that a store must have, by its name: key bytes to value bytes.
using StoreRows = std::map<std::string, std::map<std::string, std::string>>;

// A record of an output topic; borrows what RecordView does.
struct Output {
  int32_t partition = 0;
  int64_t offset = 0;
  std::string_view key;
  std::string_view value;
  Timestamp timestamp;
  std::optional<Provenance> from;  // nullopt: the header is missing or makes no sense
  int64_t writer = -1;
};

// Of a record as it lies in the log.
Output OutputOf(int32_t partition, const RecordView& record);

class TopicJudge {
 public:
  // Both are borrowed.
  TopicJudge(std::string topic, const Inputs* inputs, Violations* violations);
  virtual ~TopicJudge() = default;

  // All records of a partition, in their order, then the next partition.
  void Add(const Output& output);
  // After the last one: what is missing.
  void Finish();

  // What the topic's outputs say about the stores that made them.
  virtual void AddRows(StoreRows*) const {}

  const std::string& topic() const { return topic_; }
  int64_t records() const { return records_; }
  // How often along a partition another life of a task wrote on.
  int64_t writer_changes() const { return writer_changes_; }

 protected:
  // The value of an output whose input is known and which is no double.
  virtual void CheckContent(const Output& output, const Input& input) = 0;

  void Violated(const std::string& invariant, const Output& output, const std::string& what);

 private:
  void CheckWriter(const Output& output);
  void CheckOrder(const Output& output, const Provenance& from);

  const std::string topic_;
  const Inputs* const inputs_;
  Violations* const violations_;
  std::vector<std::vector<bool>> seen_;  // by input partition and index
  std::map<int32_t, int64_t> writers_;   // by output partition: the last one
  // By output partition and input partition: the last offset.
  std::map<std::pair<int32_t, int32_t>, int64_t> last_;
  int64_t records_ = 0;
  int64_t writer_changes_ = 0;
};

// One for each output topic of the topology.
std::vector<std::unique_ptr<TopicJudge>> JudgesOfAllTopics(const Inputs* inputs,
                                                           Violations* violations);

}  // namespace millrace::campaign
