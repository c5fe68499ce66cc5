// The stores' interfaces as the compiled operators see them; store.h puts types around them.
//
// Ownership: a task owns its stores; operators borrow them for the task's life. Thread: the task's.
// Errors: a store that fails (I/O, damage) reports absent values and makes the task's StoreHealth
// bad; the task checks it before it commits, so nothing derived from a failed read is ever
// committed. Durability: writes stay in the write-back buffer until the task's transaction has been
// committed to the log (changelog included); only then do they reach the store's own files.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <typeinfo>

#include "millrace/detail/codec.h"
#include "millrace/headers.h"
#include "millrace/time.h"

namespace millrace::detail {

enum class StoreKind { kKeyValue, kWindow, kSession, kVersioned, kCustom };

enum class StoreBackendKind { kRocksDb, kMemory };

class ErasedKeyValueStore;

// What the engine knows of the object of a custom store (custom_store.h).
class CustomObject {
 public:
  virtual ~CustomObject() = default;
  virtual void OpenErased(ErasedKeyValueStore* rows) = 0;
  virtual void BeforeCommit() = 0;
};

// Everything that is needed to create a store; plain data, part of the topology.
struct StoreSpec {
  std::string name;  // durable, given by a person
  StoreKind kind = StoreKind::kKeyValue;
  const Codec* key = nullptr;
  const Codec* value = nullptr;
  StoreBackendKind backend = StoreBackendKind::kRocksDb;
  bool changelog = true;  // false: gone when the state directory is
  // The topic of a source that is the store's changelog, in place of one of its own; empty: none
  // is.
  std::string source_topic;
  bool IsRestorable() const { return changelog || !source_topic.empty(); }
  // Rows keep the headers of the record that wrote them, in the files and in the changelog.
  bool keep_headers = false;
  // Key-value stores only: at most so many rows, the least recently used one goes; 0 = no limit.
  size_t max_rows = 0;
  // Window and session stores: how long entries are visible. Versioned stores: the history.
  Duration retention{0};
  // Rows lie in the order of time, then key, so that the oldest of all keys are found at once.
  bool time_ordered = false;
  // Window stores only.
  Duration window_size{0};
  bool retain_duplicates = false;
  // Versioned stores only: as Kafka Streams has it, see VersionedStoreOptions.
  bool forgets_tombstones = false;
  // Custom stores only: the object's type, and what makes one.
  const std::type_info* custom = nullptr;
  std::function<std::unique_ptr<CustomObject>()> make_custom;
};

// Borrowed from the store until the next call on it. A null value means absent.
struct StoredValue {
  const void* value = nullptr;
  Timestamp timestamp = kNoTimestamp;
};

// The record that writes a row: what the row keeps of it beside the value. Headers are borrowed for
// the call, null = none, and kept only by stores that keep them.
struct WrittenBy {
  WrittenBy(Timestamp at, const Headers* with = nullptr)  // NOLINT(google-explicit-constructor)
      : timestamp(at), headers(with) {}
  Timestamp timestamp;
  const Headers* headers;
};

enum class Order { kForward, kReverse };

// A snapshot walk over a store, in the order of the encoded key bytes (unsigned), the open
// transaction's writes included. Writing to the store during a walk is allowed; the walk does not
// see it. Destroy it before the task's record is done: open iterators are counted.
class StoreIterator {
 public:
  virtual ~StoreIterator() = default;
  virtual bool Valid() const = 0;
  virtual void Next() = 0;
  // The user's key, decoded; valid until Next().
  virtual const void* key() = 0;
  virtual std::string_view key_bytes() const = 0;
  // Valid until Next().
  virtual StoredValue value() = 0;
  // Of the record that wrote the row; empty unless the store keeps them. Valid until Next().
  virtual const Headers& headers() { return Headers::Empty(); }
  // Window and session stores: the start of the entry's window. Else kNoTimestamp.
  virtual Timestamp window_start() const { return kNoTimestamp; }
  // Session stores: the end of the session, inclusive. Else kNoTimestamp.
  virtual Timestamp window_end() const { return kNoTimestamp; }
};

class ErasedStore {
 public:
  virtual ~ErasedStore() = default;
  virtual const StoreSpec& spec() const = 0;
};

class ErasedKeyValueStore : public ErasedStore {
 public:
  virtual StoredValue Get(const void* key) = 0;
  // Of the record that wrote the row; empty unless the store keeps them. Borrowed as values are.
  virtual const Headers& HeadersOf(const void* key) = 0;
  // Copies `value`; null deletes.
  virtual void Put(const void* key, const void* value, WrittenBy by) = 0;
  // Stores *value without a copy and leaves the previous value in the box (empty if there was
  // none). REQUIRES: value->has_value(). The path of aggregations.
  virtual void Swap(const void* key, ErasedValue* value, WrittenBy by) = 0;
  // Keys from..to, both inclusive; null = open. from > to is an empty range.
  virtual std::unique_ptr<StoreIterator> Range(const void* from, const void* to, Order order) = 0;
  // Keys whose encoded bytes start with `prefix`.
  virtual std::unique_ptr<StoreIterator> Prefix(std::string_view prefix, Order order) = 0;
  // About how many rows were committed.
  virtual int64_t ApproximateNumEntries() = 0;
};

// Entries are (key, window start) -> value. An entry is visible while
// start > observed stream time - retention, where the observed stream time is the highest start
// ever put by any key of this store instance (Kafka Streams' rule).
class ErasedWindowStore : public ErasedStore {
 public:
  virtual StoredValue Fetch(const void* key, Timestamp start) = 0;
  // As ErasedKeyValueStore::HeadersOf. Duplicates have theirs in walks only.
  virtual const Headers& HeadersOf(const void* key, Timestamp start) = 0;
  // Null deletes (does nothing when duplicates are retained). An expired start is dropped.
  virtual void Put(const void* key, Timestamp start, const void* value, WrittenBy by) = 0;
  virtual void Swap(const void* key, Timestamp start, ErasedValue* value, WrittenBy by) = 0;
  // Windows of one key with start in [from, to].
  virtual std::unique_ptr<StoreIterator> FetchRange(const void* key, Timestamp from, Timestamp to,
                                                    Order order) = 0;
  // Windows of all keys in [from_key, to_key] (null = open) with start in [from, to]; ordered as
  // in Kafka Streams: by segment, then key bytes, then start (in memory: by start, then key).
  virtual std::unique_ptr<StoreIterator> FetchKeys(const void* from_key, const void* to_key,
                                                   Timestamp from, Timestamp to, Order order) = 0;
  // The highest start ever put; kNoTimestamp before the first.
  virtual Timestamp observed_stream_time() const = 0;
};

// Entries are (key, session start, session end) -> value; both ends are inclusive. An entry is
// visible while end > observed stream time - retention, where the observed stream time is the
// highest end ever put or removed by any key of this store instance (Kafka Streams' rule).
class ErasedSessionStore : public ErasedStore {
 public:
  virtual StoredValue Fetch(const void* key, Timestamp start, Timestamp end) = 0;
  // As ErasedKeyValueStore::HeadersOf.
  virtual const Headers& HeadersOf(const void* key, Timestamp start, Timestamp end) = 0;
  // Null removes. An expired end is dropped. `headers` as WrittenBy's.
  virtual void Put(const void* key, Timestamp start, Timestamp end, const void* value,
                   const Headers* headers) = 0;
  // Sessions of the keys in [from_key, to_key] (null = open) with end >= earliest_end and
  // start <= latest_start: by segment, then key, then end, then start. Sessions of one key are
  // ordered by end, then start.
  virtual std::unique_ptr<StoreIterator> FindSessions(const void* from_key, const void* to_key,
                                                      Timestamp earliest_end,
                                                      Timestamp latest_start, Order order) = 0;
  // Sessions of all keys with end in [from, to], hidden ones too as long as they are not deleted,
  // which no row is before its task's next commit. REQUIRES: time_ordered; so: by end, then key.
  virtual std::unique_ptr<StoreIterator> EndedBetween(Timestamp from, Timestamp to) = 0;
  // The highest end ever put or removed; kNoTimestamp before the first.
  virtual Timestamp observed_stream_time() const = 0;
};

// What became of a version that was put.
struct VersionPut {
  bool kept = false;  // false: it is older than the history, and was dropped
  // When the next newer version of the key begins; kNoTimestamp: there is none.
  Timestamp valid_to = kNoTimestamp;
  bool is_latest() const { return kept && valid_to == kNoTimestamp; }
};

// Entries are (key, from) -> value or tombstone; each is valid from its timestamp until the next
// one of its key. The observed stream time is the highest timestamp ever put by any key.
class ErasedVersionedStore : public ErasedStore {
 public:
  // Null puts a tombstone. A version at the same timestamp is replaced. Dropped while
  // from < observed stream time - history. A version is valid from the time of its record on.
  virtual VersionPut Put(const void* key, const void* value, WrittenBy from) = 0;
  // The latest version, however old it is; null if that is a tombstone. The timestamp is its from.
  virtual StoredValue Get(const void* key) = 0;
  // The version that is valid at `as_of`; null for a tombstone, and, unless it is the latest
  // version, while as_of < observed stream time - history.
  virtual StoredValue GetAsOf(const void* key, Timestamp as_of) = 0;
  // Of the version that the last Get() or GetAsOf() returned; empty unless the store keeps them.
  virtual const Headers& last_headers() const = 0;
  // The highest timestamp ever put; kNoTimestamp before the first.
  virtual Timestamp observed_stream_time() const = 0;
};

class ErasedCustomStore : public ErasedStore {
 public:
  // Null before the task has opened it.
  virtual CustomObject* object() = 0;
};

}  // namespace millrace::detail
