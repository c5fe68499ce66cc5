// What a reader beside the campaign saw, written down record by record and held against what there
// is in the end: a reader of committed records must never see anything else, nor miss anything.
#pragma once

#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "integration/kafka/campaign/violations.h"
#include "millrace/ids.h"
#include "millrace/record.h"

namespace millrace::campaign {

struct SeenRecord {
  int64_t offset = 0;
  uint64_t hash = 0;  // of everything in the record
  bool operator==(const SeenRecord&) const = default;
};
SeenRecord SeenOf(const RecordView& record);

// A file: topic's index in kOutputs, partition, offset, hash, 8 bytes each.
class SeenWriter {
 public:
  // Unavailable: the file cannot be made.
  static absl::StatusOr<SeenWriter> Open(const std::string& file);
  void Add(int64_t topic, int32_t partition, const RecordView& record);
  // Unavailable: something was not written.
  absl::Status Flush();

 private:
  explicit SeenWriter(std::ofstream out) : out_(std::move(out)) {}
  std::ofstream out_;
};

class SeenCheck {
 public:
  // `violations` is borrowed.
  explicit SeenCheck(Violations* violations) : violations_(violations) {}

  // NotFound: there is no such file. DataLoss: it is cut off.
  absl::Status Load(const std::string& file);
  // In the order in which the reader saw them.
  void AddSeen(const TopicPartition& partition, const SeenRecord& record);

  // In the order of the final scan of each partition.
  void AddFinal(const TopicPartition& partition, const SeenRecord& record);
  // After the last one.
  void Finish();

  int64_t records() const { return records_; }

 private:
  struct Partition {
    std::vector<SeenRecord> seen;
    size_t next = 0;  // the first one that the final scan has not reached
  };
  void Violated(const TopicPartition& partition, int64_t offset, const std::string& what);

  Violations* const violations_;
  std::map<TopicPartition, Partition> partitions_;
  int64_t records_ = 0;
};

}  // namespace millrace::campaign
