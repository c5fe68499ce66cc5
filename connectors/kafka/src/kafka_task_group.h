// KafkaTaskGroup: a classic consumer group whose members subscribe to one empty topic with a
// partition per task ("tokens"): who is assigned the token owns the task. Data is read elsewhere,
// by offset; what the group gives is ownership, and the generation that fences the commits of those
// who lost it.
//
// The assignor depends on the library: up to 2.6.0 its cooperative one loops or aborts, so there it
// is `range` (everybody gives up everything at each change, and mostly gets it back), from 2.6.1
// `cooperative-sticky`.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "connectors/kafka/src/client.h"
#include "connectors/kafka/src/cluster.h"
#include "connectors/kafka/src/group_identity.h"
#include "millrace/task_group.h"

namespace millrace::kafka {

// "<group>-tasks-<plan>", a partition per task.
std::string TaskTopic(const TaskGroupOptions& options);
// What a member subscribes to that leaves: the library sends no LeaveGroup for a static member, but
// one that wants no tokens gets none. One partition.
std::string LeaversTopic(const TaskGroupOptions& options);

class KafkaTaskGroup : public TaskGroup {
 public:
  // Begins to join. Both topics must be there.
  static absl::StatusOr<std::unique_ptr<KafkaTaskGroup>> Join(
      const std::shared_ptr<Cluster>& cluster, const TaskGroupOptions& options);
  ~KafkaTaskGroup() override;

  absl::StatusOr<TaskGroupEvent> Poll(Duration timeout) override;
  absl::Status Acknowledge() override;
  absl::Status Leave() override;
  absl::StatusOr<std::string> Identity() const override;
  absl::StatusOr<std::vector<TaskGroupMember>> Members() override;

 private:
  KafkaTaskGroup(std::shared_ptr<Cluster> cluster, TaskGroupOptions options);
  // With a new client of the library.
  absl::Status Begin();
  absl::StatusOr<TaskGroupEvent> JoinAgain();
  absl::StatusOr<TaskGroupEvent> AfterFatalError(rd_kafka_resp_err_t code, const char* reason);
  absl::Status Subscribe(const std::string& topic);
  TaskGroupEvent ReadRebalance(rd_kafka_event_t* event);
  absl::Status ReadError(rd_kafka_event_t* event) const;
  absl::Status Answer();
  void Close();
  bool IsCooperative() const;
  absl::StatusOr<std::string> IdentityNow() const;

  const std::shared_ptr<Cluster> cluster_;
  const TaskGroupOptions options_;
  std::shared_ptr<Client> client_;  // Identity() reads it under the mutex
  RdQueue queue_;
  // The step that waits for Acknowledge().
  RdEvent pending_;
  bool pending_assigns_ = false;
  TaskGroupEvent next_;  // to be given by the next Poll()
  std::set<int32_t> owned_;
  bool assigned_ = false;  // in the generation that the group is in, for all we know
  int joins_in_vain_ = 0;  // since it was
  std::chrono::nanoseconds assigned_at_{0};
  int fences_in_a_row_ = 0;  // soon after it was assigned
  mutable std::mutex mutex_;
  MemberEpoch epoch_;  // of the last assignment
};

}  // namespace millrace::kafka
