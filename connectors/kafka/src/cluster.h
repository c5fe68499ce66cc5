// Cluster: what everything here asks the brokers: which topics there are, with how many partitions,
// and from where to where these go. Thread-safe; each call waits for an answer.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connectors/kafka/src/client.h"
#include "connectors/kafka/src/client_config.h"
#include "connectors/kafka/src/metadata.h"
#include "millrace/log.h"

namespace millrace::kafka {

class Cluster {
 public:
  // Unavailable, Unauthenticated: no broker that talks to us.
  static absl::StatusOr<std::unique_ptr<Cluster>> Connect(const ClientSettings& settings);

  // Whether the topic is there with all its leaders. Of one that this process deleted a short while
  // ago some brokers may say so still: that one is not.
  absl::StatusOr<bool> HasTopic(const std::string& topic);
  // NotFound names the topic. A topic that was announced gets time to appear.
  absl::StatusOr<int32_t> PartitionCount(const std::string& topic);
  // Sorted; without those that Kafka keeps for itself.
  absl::StatusOr<std::vector<std::string>> Topics();
  // Those topics' partitions.
  absl::StatusOr<std::vector<TopicPartition>> Partitions();
  // From the first offset to the end for readers, who stop where a transaction is open. Waits up to
  // `patience` for those that had written before the call: a broker acknowledges a commit before
  // all of its records can be read.
  absl::StatusOr<std::vector<PartitionDescription>> Bounds(const std::string& topic,
                                                           Duration patience);
  // Of one partition. Unavailable: a transaction is still open then.
  absl::StatusOr<PartitionDescription> SettledBounds(const TopicPartition& partition,
                                                     Duration patience);
  // From the first offset to the end for writers.
  absl::StatusOr<PartitionDescription> FullBounds(const TopicPartition& partition);
  // No record before it is of this time or later. Nullopt: the broker knows of none.
  absl::StatusOr<std::optional<Offset>> NotBefore(const TopicPartition& partition, Timestamp time);

  // This process has made the topic: brokers that do not know it yet soon will.
  void Announce(const std::string& topic);
  bool WasAnnounced(const std::string& topic);  // a short while ago
  // Until every partition has a leader, or, with `gone`, until the topic is nowhere.
  absl::Status AwaitTopic(const std::string& topic, int32_t partitions);
  absl::Status AwaitTopicGone(const std::string& topic);

  Client& client() { return *client_; }
  // A client that asks in the name of a group, without being a member. Lives as long as this.
  // `awaits_moves`: brokers make it ask again as long as transactions are about to move what it
  // asks for.
  absl::StatusOr<Client*> ClientOfGroup(const std::string& group, bool awaits_moves);
  const ClientSettings& settings() const { return settings_; }

 private:
  Cluster(const ClientSettings& settings, std::unique_ptr<Client> client)
      : settings_(settings), client_(std::move(client)) {}

  absl::Status Reach();
  absl::StatusOr<TopicView> Look(Client* client, const std::string& topic);
  // The client that sees records of open transactions, too.
  absl::StatusOr<Client*> SeesAll();
  absl::StatusOr<std::vector<Offset>> OffsetsAt(Client* client, const std::string& topic,
                                                const std::vector<PartitionId>& partitions,
                                                int64_t time);
  // Where readers get to once what was written before has ended; `settled`: it has, in time.
  absl::StatusOr<std::vector<Offset>> AwaitEnds(const std::string& topic,
                                                const std::vector<PartitionId>& partitions,
                                                Duration patience, bool* settled);
  absl::StatusOr<RdMetadata> AskAll();
  absl::Status CheckPartition(const TopicPartition& partition);

  const ClientSettings settings_;
  const std::unique_ptr<Client> client_;
  std::mutex mutex_;
  std::unique_ptr<Client> sees_all_;  // null until it is needed
  std::map<std::pair<std::string, bool>, std::unique_ptr<Client>> of_groups_;
  // Until when others may not know of it.
  std::map<std::string, std::chrono::nanoseconds> announced_;
  std::map<std::string, std::chrono::nanoseconds> deleted_;
};

}  // namespace millrace::kafka
