// TopologyDriver: runs a topology in the calling thread on a memory log and a clock of your own. It
// is the real engine (task, commit, stores); only the log, the clock and who calls Step() differ.
//
//   TopologyDriver driver(BuildWordCount().value());
//   driver.Pipe(kLines, std::string("k"), std::string("to be or not"));
//   EXPECT_THAT(driver.Drain(kCounts), …);
//
// Records run one by one, the earliest of all tasks first, each in a transaction of its own, so
// that what a record causes in other sub-topologies has happened when Pipe() returns.
// Mistakes of the test (unknown topic, topology that cannot start) crash with a message.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "millrace/log.h"
#include "millrace/metrics.h"
#include "millrace/record.h"
#include "millrace/status.h"
#include "millrace/store.h"
#include "millrace/topic.h"
#include "millrace/topology.h"

namespace millrace {

struct TopologyDriverOptions {
  int partitions = 1;  // of every outside topic
  // Made before the start, for a topology that reads topics by a pattern; the topics that it reads
  // by name are made anyway.
  std::vector<std::string> topics;
  Timestamp start = TimestampFromMillis(0);
  // As EngineOptions::max_skew, against the driver's clock.
  std::optional<Duration> max_skew;
  // Empty: a temporary directory that goes with the driver.
  std::string state_directory;
};

// A record that owns its parts.
template <class K, class V>
struct OwnedRecord {
  std::optional<K> key;
  std::optional<V> value;
  Timestamp timestamp = kNoTimestamp;
  Headers headers;
  PartitionId partition;
  Offset offset;
};

// One row of a store, decoded.
template <class K, class V>
struct StoreRow {
  K key;
  V value;
  Timestamp timestamp = kNoTimestamp;
  bool operator==(const StoreRow&) const = default;
};

class TopologyDriver {
 public:
  using Options = TopologyDriverOptions;
  explicit TopologyDriver(Topology topology, Options options = {});
  ~TopologyDriver();

  // Appends a record and runs until nothing is left to do. Without a timestamp it has the clock's.
  template <class K, class V>
  void Pipe(const Topic<K, V>& topic, const std::type_identity_t<std::optional<K>>& key,
            const std::type_identity_t<std::optional<V>>& value,
            std::optional<Timestamp> timestamp = std::nullopt,
            const Headers& headers = Headers::Empty());
  void PipeBytes(const std::string& topic, std::optional<std::string_view> key,
                 std::optional<std::string_view> value,
                 std::optional<Timestamp> timestamp = std::nullopt,
                 const Headers& headers = Headers::Empty(),
                 std::optional<PartitionId> partition = std::nullopt);

  // The records that came into the topic since the last call, partition by partition. With one
  // partition: in the order in which they were produced.
  template <class K, class V>
  std::vector<OwnedRecord<K, V>> Drain(const Topic<K, V>& topic);
  std::vector<OwnedRecord<std::string, std::string>> DrainBytes(const std::string& topic);

  // Moves the clock and runs the wall-clock punctuations that became due, once each.
  void AdvanceWallClock(Duration by);

  // The committed rows of a key-value store, task by task, in the store's order.
  template <class K, class V>
  std::vector<StoreRow<K, V>> ReadStore(const std::string& store);

  // Stops cleanly and starts again on the same log and state.
  void Restart();
  // The same as after kill -9: whatever was not committed is gone.
  void Crash();
  // Crash() with the state directory deleted: everything comes back from the changelogs.
  void CrashAndLoseState();

  // The error that stopped the topology (ErrorPolicy::Stop), if any.
  const absl::Status& status() const;
  MetricsRegistry* metrics();
  Log* log();

 private:
  struct Impl;
  struct RawRow {
    std::string key;
    std::string value;
    Timestamp timestamp;
  };
  std::vector<RawRow> ReadStoreBytes(const std::string& store);

  std::unique_ptr<Impl> impl_;
};

template <class K, class V>
void TopologyDriver::Pipe(const Topic<K, V>& topic,
                          const std::type_identity_t<std::optional<K>>& key,
                          const std::type_identity_t<std::optional<V>>& value,
                          std::optional<Timestamp> timestamp, const Headers& headers) {
  std::string key_bytes;
  std::string value_bytes;
  if (key.has_value()) Serde<K>::Encode(*key, &key_bytes);
  if (value.has_value()) Serde<V>::Encode(*value, &value_bytes);
  PipeBytes(topic.name(),
            key.has_value() ? std::optional<std::string_view>(key_bytes) : std::nullopt,
            value.has_value() ? std::optional<std::string_view>(value_bytes) : std::nullopt,
            timestamp, headers);
}

namespace detail {
template <class T>
std::optional<T> DecodeOrCrash(const std::optional<std::string>& bytes) {
  if (!bytes.has_value()) return std::nullopt;
  T value{};
  MR_CHECK(Serde<T>::Decode(*bytes, &value).ok(), "a record or row is not of the type asked for");
  return value;
}
}  // namespace detail

template <class K, class V>
std::vector<OwnedRecord<K, V>> TopologyDriver::Drain(const Topic<K, V>& topic) {
  std::vector<OwnedRecord<K, V>> typed;
  for (auto& raw : DrainBytes(topic.name())) {
    typed.push_back({detail::DecodeOrCrash<K>(raw.key), detail::DecodeOrCrash<V>(raw.value),
                     raw.timestamp, std::move(raw.headers), raw.partition, raw.offset});
  }
  return typed;
}

template <class K, class V>
std::vector<StoreRow<K, V>> TopologyDriver::ReadStore(const std::string& store) {
  std::vector<StoreRow<K, V>> rows;
  for (RawRow& raw : ReadStoreBytes(store)) {
    rows.push_back({*detail::DecodeOrCrash<K>(std::move(raw.key)),
                    *detail::DecodeOrCrash<V>(std::move(raw.value)), raw.timestamp});
  }
  return rows;
}

}  // namespace millrace
