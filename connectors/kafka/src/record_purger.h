// RecordPurger: deletes from repartition topics what their group has consumed, now and then and
// without anybody waiting for it. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "connectors/kafka/src/cluster.h"
#include "connectors/kafka/src/rd_types.h"
#include "millrace/log.h"

namespace millrace::kafka {

class RecordPurger {
 public:
  // `cluster` must outlive the purger.
  explicit RecordPurger(Cluster* cluster);

  // A transaction with these positions is committed. Repartition topics of the group are
  // remembered, and purged once the interval has passed.
  void Committed(const std::string& group, const GroupOffsets& consumed);

 private:
  void Send();
  void LookAtAnswers();

  Cluster* const cluster_;
  const Duration interval_;
  std::mutex mutex_;
  std::map<TopicPartition, Offset> consumed_;  // since the last request
  std::chrono::nanoseconds last_sent_;
  RdQueue answers_;
};

}  // namespace millrace::kafka
