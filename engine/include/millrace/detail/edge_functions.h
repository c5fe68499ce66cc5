// The typed functions at the edges of a topology: event time, partition.
#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "millrace/detail/invoke.h"
#include "millrace/detail/topology_data.h"
#include "millrace/partitioner.h"
#include "millrace/time.h"
#include "millrace/windows.h"

namespace millrace {

// What the log knows of time, for functions that want to fall back on it.
struct LogTime {
  Timestamp record;     // the record's timestamp in the log
  Timestamp partition;  // the highest event time so far in its partition; kNoTimestamp at first
};

// The event time of a record is the clock's when the task gets to it. Such times are not the same
// when a record is processed again, after a crash or by another application.
//   flow.From(kClicks, {.timestamp = WallClockTime()})
struct WallClockTime {};

namespace detail {

template <class F, class K, class V>
inline constexpr bool kTakesLogTime = ShapeOf<F, K, V, const LogTime&>() != Shape::kNone;

template <class F, class K, class V>
consteval bool IsTimestampFunction() {
  if constexpr (kTakesLogTime<F, K, V>) {
    return std::is_convertible_v<ResultOfT<F, K, V, const LogTime&>, Timestamp>;
  } else {
    return std::is_convertible_v<ResultOfT<F, K, V>, Timestamp>;
  }
}

// A null that the function does not take leaves the log's timestamp.
template <class K, class V, class F>
TimestampExtractor EraseTimestamp(F f) {
  return [f = std::move(f)](const ErasedRecord& record, Timestamp partition) -> Timestamp {
    if constexpr (kTakesLogTime<F, K, V>) {
      constexpr Shape kShape = ShapeOf<F, K, V, const LogTime&>();
      if (NeedsKey(kShape) && record.key == nullptr) return record.timestamp;
      if (NeedsValue(kShape) && record.value == nullptr) return record.timestamp;
      return Call<kShape, K, V>(f, record, LogTime{record.timestamp, partition});
    } else {
      constexpr Shape kShape = ShapeOf<F, K, V>();
      if (NeedsKey(kShape) && record.key == nullptr) return record.timestamp;
      if (NeedsValue(kShape) && record.value == nullptr) return record.timestamp;
      return Call<kShape, K, V>(f, record);
    }
  };
}

template <class F, class K, class V>
inline constexpr bool kIsPartitioner =
    std::is_convertible_v<ResultOfT<F, K, V, int32_t>, PartitionId> ||
    std::is_same_v<ResultOfT<F, K, V, int32_t>, std::vector<PartitionId>>;

template <class K, class V, class F>
Partitioner ErasePartitioner(F f) {
  return [f = std::move(f)](const ErasedRecord& record, int32_t partitions) -> PartitionSet {
    constexpr Shape kShape = ShapeOf<F, K, V, int32_t>();
    RequireKey<kShape>(record, "partitioner: null key, but it takes const K&; const K* sees nulls");
    if (NeedsValue(kShape) && record.value == nullptr) {
      RaisePoison("partitioner: null value, but it takes const V&; const V* sees nulls");
    }
    return Call<kShape, K, V>(f, record, partitions);
  };
}

template <class F, class K>
inline constexpr bool kIsKeyPartitioner =
    std::is_invocable_r_v<PartitionId, const F&, const K&, int32_t>;

// Where no partitioner is given. A windowed key lies where its key would, as in Kafka Streams.
template <class K>
struct DefaultPartitioner {
  static Partitioner Make() { return nullptr; }
};
template <class W, class K>
struct KeyOfWindowPartitioner {
  static Partitioner Make() {
    return [](const ErasedRecord& record, int32_t partitions) -> PartitionSet {
      if (record.key == nullptr) return PartitionId(0);
      thread_local std::string bytes;
      bytes.clear();
      Serde<K>::Encode(static_cast<const W*>(record.key)->key, &bytes);
      return PartitionForKey(bytes, partitions);
    };
  }
};
template <class K>
struct DefaultPartitioner<Windowed<K>> : KeyOfWindowPartitioner<Windowed<K>, K> {};
template <class K>
struct DefaultPartitioner<Session<K>> : KeyOfWindowPartitioner<Session<K>, K> {};

// An option that holds a function from records to event time; empty: the log's timestamp.
template <class K, class V>
class TimestampFunction {
 public:
  TimestampFunction() = default;
  TimestampFunction(WallClockTime) : is_clock_(true) {}  // NOLINT(google-explicit-constructor)
  // Implicit: the option is assigned a function.
  template <class F, class = std::enable_if_t<!std::is_same_v<F, TimestampFunction>>>
  TimestampFunction(F f) {  // NOLINT(google-explicit-constructor)
    constexpr bool kOk = IsTimestampFunction<F, K, V>();
    static_assert(kOk,
                  "timestamp: pass &V::member of type millrace::Timestamp, or a function that "
                  "returns a Timestamp and is callable while const as (const V&), "
                  "(const K&, const V&), each with an optional last parameter const LogTime&; "
                  "pointers (const K*, const V*) see nulls");
    if constexpr (kOk) {
      extractor_ = EraseTimestamp<K, V>(std::move(f));
      has_data_ = !std::is_empty_v<F>;
    }
  }
  const TimestampExtractor& extractor() const { return extractor_; }
  // Two functions of the same type may differ.
  bool has_data() const { return has_data_; }
  bool is_clock() const { return is_clock_; }

 private:
  TimestampExtractor extractor_;
  bool has_data_ = false;
  bool is_clock_ = false;
};

// An option that holds a function from records to partitions; empty: by the key's hash.
template <class K, class V>
class PartitionFunction {
 public:
  PartitionFunction() = default;
  // Implicit: the option is assigned a function.
  template <class F, class = std::enable_if_t<!std::is_same_v<F, PartitionFunction>>>
  PartitionFunction(F f) {  // NOLINT(google-explicit-constructor)
    constexpr bool kOk = kIsPartitioner<F, K, V>;
    static_assert(
        kOk,
        "partitioner: pass a function that returns a PartitionId below `partitions`, or a "
        "std::vector of them, and is callable while const as (const V&, int32_t partitions) or "
        "(const K&, const V&, int32_t partitions); pointers (const K*, const V*) see "
        "nulls");
    if constexpr (kOk) partitioner_ = ErasePartitioner<K, V>(std::move(f));
  }
  Partitioner OrDefault() const {
    return partitioner_ != nullptr ? partitioner_ : DefaultPartitioner<K>::Make();
  }

 private:
  Partitioner partitioner_;
};

// An option that holds a function from keys to partitions; empty: by the key's hash.
template <class K>
class KeyPartitionFunction {
 public:
  KeyPartitionFunction() = default;
  // Implicit: the option is assigned a function.
  template <class F, class = std::enable_if_t<!std::is_same_v<F, KeyPartitionFunction>>>
  KeyPartitionFunction(F f) {  // NOLINT(google-explicit-constructor)
    constexpr bool kOk = kIsKeyPartitioner<F, K>;
    static_assert(kOk,
                  "partitioner: pass a function that returns a PartitionId below `partitions` and "
                  "is callable while const as (const K&, int32_t partitions)");
    if constexpr (kOk) {
      partitioner_ = [f = std::move(f)](const ErasedRecord& record,
                                        int32_t partitions) -> PartitionSet {
        // What has no key is about no row; any partition will do.
        if (record.key == nullptr) return PartitionId(0);
        return f(*static_cast<const K*>(record.key), partitions);
      };
    }
  }
  Partitioner OrDefault() const {
    return partitioner_ != nullptr ? partitioner_ : DefaultPartitioner<K>::Make();
  }

 private:
  Partitioner partitioner_;
};

}  // namespace detail
}  // namespace millrace
