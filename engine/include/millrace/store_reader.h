// StoreReader<K, V>: the committed rows of a store of a running engine, typed, from any thread.
//
//   auto counts = ReaderOf<UserId, int64_t>(engine.get(), "likes-by-user").value();
//   auto row = counts.Get(UserId(7));                           // StatusOr<optional<ReadRow>>
//   counts.Read({.from = UserId(1), .to = UserId(9)}, [](const auto& row) { …; return true; });
//
// A reader sees what the last commits left, never the open transaction, and disturbs no task. Each
// task's rows are of one moment, but those of two tasks may be of two; a row that is written while
// a walk goes on may be seen or not. Order: task by task; key-value and versioned stores by key
// bytes, window and session stores by time segment, then key. Ownership: borrows the engine.
// Thread: any; a reader may be used by several at once. Errors: Unavailable while the engine does
// not run the store's tasks; DataLoss: a row that cannot be decoded. Nothing is written.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "millrace/detail/topology_data.h"
#include "millrace/engine.h"
#include "millrace/headers.h"
#include "millrace/serde.h"
#include "millrace/status.h"

namespace millrace {

template <class K, class V>
struct ReadRow {
  K key;
  V value;
  Timestamp timestamp = kNoTimestamp;
  // Windows and sessions: as in their keys. Versions: from when, and until before when it is valid
  // (the largest timestamp: it is the latest). Else kNoTimestamp.
  Timestamp start = kNoTimestamp;
  Timestamp end = kNoTimestamp;
  Headers headers;  // if the store keeps them
};

// Which rows; all, unless something narrows it down.
template <class K>
struct ReadRange {
  std::optional<K> from;  // in the order of the encoded keys; inclusive
  std::optional<K> to;    // inclusive
  std::string prefix;     // keys whose bytes start with it
  // Windows that start then, sessions that overlap, versions that are valid at some time of it.
  // Both inclusive.
  Timestamp earliest = Timestamp::min();
  Timestamp latest = Timestamp::max();
  std::optional<PartitionId> partition;
};

template <class K, class V>
class StoreReader {
 public:
  using Row = ReadRow<K, V>;
  // Returns false to stop.
  using Visit = std::function<bool(const Row&)>;

  // The row of a key; of a versioned store the latest one. nullopt: there is none. In a store whose
  // keys lie in several partitions (a processor's own), the first that is found.
  // InvalidArgument: a window or session store.
  absl::StatusOr<std::optional<Row>> Get(const K& key) const {
    if (has_windows()) return WrongKind("Get(key) needs a store without windows");
    return First({.from = key, .to = key, .earliest = Timestamp::max()});
  }
  // The window that starts at `time`; of a versioned store the row that was valid then.
  // InvalidArgument: another store.
  absl::StatusOr<std::optional<Row>> GetAt(const K& key, Timestamp time) const {
    if (kind_ != detail::StoreKind::kWindow && kind_ != detail::StoreKind::kVersioned) {
      return WrongKind("GetAt(key, time) needs a window store or a versioned one");
    }
    return First({.from = key, .to = key, .earliest = time, .latest = time});
  }
  // Calls `visit` for each row. Where a row that is not decoded is met, the walk ends with
  // DataLoss.
  absl::Status Read(const ReadRange<K>& range, const Visit& visit) const {
    const bool versioned = kind_ == detail::StoreKind::kVersioned;
    Walk walk{range, visit, versioned};
    MR_RETURN_IF_ERROR(engine_->ReadStore(
        QueryOf(range, versioned), [&walk](const StoreQueryRow& row) { return walk.See(row); }));
    walk.EndVersion(Timestamp::max());
    return walk.damage;
  }

  // Use ReaderOf().
  StoreReader(Engine* engine, std::string store, const detail::StoreSpec& spec)
      : engine_(engine), store_(std::move(store)), kind_(spec.kind) {}

 private:
  // One Read(). A version is passed on when it is known how long it is valid.
  struct Walk {
    const ReadRange<K>& range;
    const Visit& visit;
    const bool versioned;
    absl::Status damage = {};
    bool go_on = true;
    std::optional<Row> version = {};  // the one before

    bool See(const StoreQueryRow& raw) {
      Row row;
      damage = Decode(raw, &row);
      if (!damage.ok()) return false;
      if (!versioned) return visit(row);
      const bool same_key = last_key == raw.key;
      EndVersion(same_key ? raw.start : Timestamp::max());
      last_key = raw.key;
      if (raw.value.has_value()) version = std::move(row);
      return go_on;
    }
    void EndVersion(Timestamp end) {
      if (version.has_value()) {
        version->end = end;
        const bool wanted = version->start <= range.latest && range.earliest < end;
        // The latest version is valid for ever.
        const bool latest = end == Timestamp::max() && version->start <= range.latest;
        if (go_on && damage.ok() && (wanted || latest)) go_on = visit(*version);
      }
      version.reset();
    }
    static absl::Status Decode(const StoreQueryRow& raw, Row* row) {
      row->timestamp = raw.timestamp;
      row->start = raw.start;
      row->end = raw.end;
      MR_RETURN_IF_ERROR(Serde<K>::Decode(raw.key, &row->key));
      if (raw.value.has_value()) MR_RETURN_IF_ERROR(Serde<V>::Decode(*raw.value, &row->value));
      return DecodeHeaders(raw.headers, &row->headers);
    }
    std::string last_key = {};
  };

  bool has_windows() const {
    return kind_ == detail::StoreKind::kWindow || kind_ == detail::StoreKind::kSession;
  }
  absl::Status WrongKind(const char* why) const {
    return absl::InvalidArgumentError("store '" + store_ + "': " + why);
  }
  // How long a version is valid follows from those behind it, so all of them are read.
  StoreQuery QueryOf(const ReadRange<K>& range, bool versioned) const {
    StoreQuery query;
    query.store = store_;
    if (range.from.has_value()) Serde<K>::Encode(*range.from, &query.from.emplace());
    if (range.to.has_value()) Serde<K>::Encode(*range.to, &query.to.emplace());
    query.prefix = range.prefix;
    query.partition = range.partition;
    if (versioned) return query;
    query.earliest = range.earliest;
    query.latest = range.latest;
    return query;
  }
  absl::StatusOr<std::optional<Row>> First(const ReadRange<K>& range) const {
    std::optional<Row> found;
    MR_RETURN_IF_ERROR(Read(range, [&found](const Row& row) {
      found = row;
      return false;
    }));
    return found;
  }

  Engine* engine_;
  std::string store_;
  detail::StoreKind kind_;
};

// A reader of the store of that name. K is the key without its window. NotFound: there is none;
// InvalidArgument: it has other types.
template <HasSerde K, HasSerde V>
absl::StatusOr<StoreReader<K, V>> ReaderOf(Engine* engine, const std::string& store) {
  const detail::StoreSpec* spec = engine->topology().data().FindStore(store);
  if (spec == nullptr) {
    return absl::NotFoundError("topology '" + engine->topology().name() + "' has no store '" +
                               store + "'");
  }
  if (*spec->key->type != typeid(K) || *spec->value->type != typeid(V)) {
    return absl::InvalidArgumentError("store '" + store + "' has other types than those asked for");
  }
  return StoreReader<K, V>(engine, store, *spec);
}

}  // namespace millrace
