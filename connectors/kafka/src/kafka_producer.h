// KafkaProducer: transactions, with one producer of the client library at a time.
//
//   ready ── Produce, Commit ──► open ── Commit ok, Abort, a clear failure ──► ready
//                                  └── an outcome that nobody knows, fenced ──► failed: every call
//                                                                       returns the first error
//
// Epoch guard: a request of a finished transaction that was lost on its way may still reach the
// broker, in the middle of a later transaction, and end that one (decision 0009). Before such a
// transaction can open, a new instance takes the place of the old one: the broker then refuses what
// belongs to the old epoch.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connectors/kafka/src/client.h"
#include "connectors/kafka/src/cluster.h"
#include "connectors/kafka/src/deadline.h"
#include "connectors/kafka/src/rd_types.h"
#include "connectors/kafka/src/record_purger.h"
#include "millrace/log.h"

namespace millrace::kafka {

class KafkaProducer : public LogProducer {
 public:
  struct Shared {
    std::shared_ptr<Cluster> cluster;
    std::shared_ptr<RecordPurger> purger;
  };

  // Fences older producers of the id and waits until their transactions have ended.
  static absl::StatusOr<std::unique_ptr<KafkaProducer>> Open(Shared shared, std::string id);
  ~KafkaProducer() override;

  absl::StatusOr<TopicHandle> OpenTopic(const std::string& topic) override;
  absl::Status Produce(TopicHandle topic, PartitionId partition,
                       const OutgoingRecord& record) override;
  size_t PendingBytes() const override { return pending_bytes_; }
  absl::StatusOr<std::vector<ProducedRange>> Commit(const CommitRequest& request) override;
  absl::Status Abort() override;

 private:
  // What the open transaction wrote into a partition. Delivery reports find it by its address.
  struct Written {
    TopicPartition partition;
    int64_t records = 0;
    int64_t first = -1;  // offsets
    int64_t last = -1;
  };
  struct Topic {
    std::string name;
    RdTopic handle;
    std::vector<Written> partitions;
  };

  KafkaProducer(Shared shared, std::string id) : shared_(std::move(shared)), id_(std::move(id)) {}

  const KafkaOptions& options() const { return shared_.cluster->settings().options; }
  // A new instance with the next epoch, in place of the old one.
  absl::Status Renew();
  absl::Status StartClient();
  absl::StatusOr<bool> InitTransactions(const Deadline& deadline);
  absl::Status Warm(Topic* topic);

  absl::Status Begin();
  absl::Status Enqueue(Topic* topic, PartitionId partition, const OutgoingRecord& record,
                       Written* written);
  absl::Status SendOffsets(const CommitRequest& request);
  absl::Status EndTransaction();
  absl::StatusOr<std::vector<ProducedRange>> Ranges() const;
  void OnDelivery(const rd_kafka_message_t& message);

  // A call failed before the broker was asked to commit: drops the transaction.
  absl::Status FailOpen(const rd_kafka_error_t& error, const Attempt& attempt);
  // The broker was asked to commit.
  absl::Status FailCommit(const rd_kafka_error_t& error);
  absl::Status Drop(const absl::Status& cause);
  absl::Status NothingCommitted(const absl::Status& cause);
  // The instance is of no use any more.
  absl::Status FatalFailure(rd_kafka_resp_err_t code, const std::string& text);
  // The first record that was not delivered says more than what follows from it.
  absl::Status Cause(const rd_kafka_error_t& error, const Attempt& attempt) const;
  void Clear();

  const Shared shared_;
  const std::string id_;
  std::unique_ptr<Client> client_;
  std::vector<std::unique_ptr<Topic>> topics_;  // whose handles are the client's
  int64_t lost_requests_seen_ = 0;              // of the client, before the open transaction
  bool opening_met_trouble_ = false;
  bool renew_ = false;
  absl::Status failed_;

  bool open_ = false;
  std::chrono::nanoseconds opened_{0};
  size_t pending_bytes_ = 0;
  int64_t produced_ = 0;
  int64_t delivered_ = 0;
  absl::Status delivery_;  // the first record's that could not be delivered
  std::vector<Written*> written_;
};

}  // namespace millrace::kafka
