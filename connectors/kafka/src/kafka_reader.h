// KafkaReader: reads partitions with one consumer of its own, which belongs to no group.
//
// Each partition has a queue that the library fills in the background, up to its share of
// KafkaOptions::fetch_bytes; nothing is paused or forwarded. The shares are dealt when the first
// partition is fetched from, and again when there are more than twice as many partitions as then.
// One thread, but for Wake().
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connectors/kafka/src/client.h"
#include "connectors/kafka/src/cluster.h"
#include "connectors/kafka/src/rd_types.h"
#include "millrace/log.h"

namespace millrace::kafka {

class KafkaReader : public LogReader {
 public:
  // `cluster` is shared with the log.
  KafkaReader(std::shared_ptr<Cluster> cluster, OnWarning on_warning);
  ~KafkaReader() override;

  absl::Status Assign(const TopicPartition& partition, Offset start) override;
  void Unassign(const TopicPartition& partition) override;
  absl::StatusOr<RecordBatch> Fetch(const TopicPartition& partition, size_t max_bytes) override;
  void Wait(Duration timeout) override;
  void Wake() override;

 private:
  // Where a waiting thread sleeps. The library's threads reach it, so it is apart from what only
  // the reader's thread touches.
  class Signal {
   public:
    void Notify();
    void Wait(Duration timeout);

   private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool pending_ = false;
  };

  struct Partition {
    TopicPartition name;
    Offset position;  // of the next record that Fetch gives
    absl::Status error;
    RdTopic topic;  // null: not started yet
    RdQueue queue;
    Signal* signal = nullptr;
    std::atomic<bool> has_news{false};      // the queue got something since it was emptied
    std::vector<rd_kafka_message_t*> held;  // taken off the queue and not given yet...
    size_t next_held = 0;                   // ...from here on
    size_t bytes_per_record = 100;          // about
    bool was_full = false;                  // the queue, see Nudge()
    bool at_end = false;                    // the brokers had nothing behind `position`
  };

  absl::Status EnsureStarted();
  absl::Status StartClient();
  absl::Status Start(Partition* partition);
  void Stop(Partition* partition);
  void TakeOffQueue(Partition* partition, size_t max_bytes);
  void Nudge(Partition* partition);
  absl::StatusOr<RecordBatch> Give(Partition* partition, size_t max_bytes);
  // Of an event that is no record. OK: the partition goes on.
  absl::Status HandleEvent(Partition* partition, const rd_kafka_message_t& event);
  void CheckDeleted(Partition* partition);
  absl::Status OutOfRange(const Partition& partition);
  static void OnNews(rd_kafka_t* client, void* partition);

  const std::shared_ptr<Cluster> cluster_;
  const OnWarning on_warning_;
  Signal signal_;
  std::shared_ptr<Client> client_;  // batches that are out keep it, too
  size_t sized_for_ = 0;            // partitions that the client's bounds are made for
  QueueBounds bounds_{};
  bool all_started_ = true;
  bool topic_gone_ = false;  // said by the library while it was taking off a queue
  int fetches_since_poll_ = 0;
  std::map<TopicPartition, std::unique_ptr<Partition>> partitions_;
};

}  // namespace millrace::kafka
