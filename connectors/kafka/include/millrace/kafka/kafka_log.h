// Kafka as a Log: kafka://host:port[,host:port…]. Any number of processes share one.
//
// What is durable when: Commit, CreateTopic, DeleteTopic, AddPartitions and ResetOffsets return
// after the brokers have acknowledged (acks=all: every in-sync replica has it). How many replicas
// may be lost then is the topic's business (replication factor, min.insync.replicas).
//
// What differs from the other logs:
//   * A commit writes a marker into every partition that it touched, and markers take offsets: a
//     partition's offsets have gaps, and `end - begin` counts the markers and aborted records too.
//   * The end of a partition is where its first open transaction starts (Kafka's last stable
//     offset), whoever opened it. It may stand still while others have records in the air.
//   * Fetch() works ahead in the background: right after Assign() it is empty; Wait() and go on.
//   * A topic that is deleted and made again under its name while it is open is not noticed: the
//     protocol version that librdkafka speaks knows topics by name.
//   * PartitionDescription::bytes is 0; the client library does not ask for it.
//   * Topics are described without `purge_consumed`, which Kafka has no place for: what carries the
//     name of a repartition topic is purged (see KafkaOptions::purge_interval).
//   * A record of the timestamp 0, which the client library takes for "now", is written with 1 and
//     the header kTrueTimestampHeader; readers here give 0 again.
//
// Errors: Unavailable: no broker answered in time, or see log.h at Commit. Unauthenticated: wrong
// credentials or certificate. PermissionDenied: an ACL is missing; the message names the operation
// and the resource.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "millrace/log.h"

namespace millrace::kafka {

inline constexpr char kTrueTimestampHeader[] = "__millrace_timestamp";

struct KafkaOptions {
  // Properties of the client library by the names of its documentation ("security.protocol",
  // "sasl.username", …), as CheckClientProperty (client_properties.h) lets them pass.
  std::map<std::string, std::string> properties;
  // Lets properties pass that give up protection (an unverified certificate). For development.
  bool insecure = false;
  // Replicas of topics that are created. -1: the broker's default.
  int replication_factor = -1;
  // How long a transaction may be open before the broker aborts it: a producer that died blocks
  // the readers of its partitions for so long, unless its successor comes first.
  Duration transaction_timeout{10'000};
  // How long OpenKafkaLog tries to reach a broker.
  Duration connect_timeout{10'000};
  // How long a question to the brokers may take before it is Unavailable.
  Duration request_timeout{30'000};
  // Fetched ahead by one reader, over all its partitions; what the library needs beside a record's
  // bytes is counted.
  size_t fetch_bytes = 32 << 20;
  // Waiting to be sent by one producer. Small enough for short commits: a commit sends all of it.
  size_t produce_bytes = 16 << 20;
  // Shows records of open and of aborted transactions, too. For tools, never for topologies.
  bool read_uncommitted = false;
  // After a transaction whose requests met a broken connection, a producer goes on with a new epoch
  // (docs/decisions/0009). Off only to show what happens then.
  bool epoch_guard = true;
  // Records of topics "<group>-…-repartition" are deleted up to the group's committed offset, this
  // often at most. Zero: never.
  Duration purge_interval{30'000};
  // What brokers and client library complain about, one line each, from any thread. Never holds a
  // secret. Null: dropped.
  std::function<void(std::string_view)> on_warning;
};

// Reaches a broker or fails. InvalidArgument: the URL, or a property. Unavailable: no broker in
// `connect_timeout`; names the brokers and the reason.
absl::StatusOr<std::unique_ptr<Log>> OpenKafkaLog(const std::string& url,
                                                  const KafkaOptions& options = {});

// Makes "kafka:…" URLs open with these options (log_url.h).
void RegisterKafkaScheme(const KafkaOptions& options = {});

}  // namespace millrace::kafka
