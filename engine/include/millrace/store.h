// Typed state stores for the Processor API: KeyValueStore<K, V> and WindowStore<K, V>; the other
// kinds are in session_store.h and versioned_store.h.
//
// A store belongs to a task and is used on the task's thread only. Reads see the writes of the open
// transaction. Writes become durable when the task's transaction commits (changelog and store
// together), never before. Errors of the disk stop the task before it commits; there is nothing to
// check at the call. Pointers and views are valid until the next call on the same store.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "millrace/detail/erased_store.h"
#include "millrace/time.h"

namespace millrace {

using Order = detail::Order;

// A row and the timestamp of the record that wrote it. `value` is null when there is no such row.
template <class V>
struct ValueAndTimestamp {
  const V* value = nullptr;
  Timestamp timestamp = kNoTimestamp;
  explicit operator bool() const { return value != nullptr; }
  const V& operator*() const { return *value; }
  const V* operator->() const { return value; }
};

// A walk over rows: for (; it.Valid(); it.Next()). Closes when it goes out of scope.
template <class K, class V>
class RowIterator {
 public:
  explicit RowIterator(std::unique_ptr<detail::StoreIterator> it) : it_(std::move(it)) {}
  bool Valid() const { return it_->Valid(); }
  void Next() { it_->Next(); }
  const K& key() const { return *static_cast<const K*>(it_->key()); }
  const V& value() const { return *static_cast<const V*>(it_->value().value); }
  Timestamp timestamp() const { return it_->value().timestamp; }
  // Of the record that wrote the row; empty unless the store was declared with keep_headers.
  const Headers& headers() const { return it_->headers(); }
  // Window and session stores only.
  Timestamp window_start() const { return it_->window_start(); }
  // Session stores only; inclusive.
  Timestamp window_end() const { return it_->window_end(); }

 private:
  std::unique_ptr<detail::StoreIterator> it_;
};

template <class K, class V>
class KeyValueStore {
 public:
  explicit KeyValueStore(detail::ErasedKeyValueStore* store = nullptr) : store_(store) {}

  ValueAndTimestamp<V> Get(const K& key) const {
    detail::StoredValue row = store_->Get(&key);
    return {static_cast<const V*>(row.value), row.timestamp};
  }
  // Of the record that wrote the row, as Put() was told; empty where there is no row, and unless
  // the store was declared with keep_headers.
  const Headers& HeadersOf(const K& key) const { return store_->HeadersOf(&key); }
  void Put(const K& key, const V& value, Timestamp timestamp = kNoTimestamp,
           const Headers& headers = Headers::Empty()) {
    store_->Put(&key, &value, {timestamp, &headers});
  }
  void Delete(const K& key) { store_->Put(&key, nullptr, kNoTimestamp); }

  RowIterator<K, V> All(Order order = Order::kForward) const {
    return RowIterator<K, V>(store_->Range(nullptr, nullptr, order));
  }
  // Both bounds inclusive, in the order of the encoded keys.
  RowIterator<K, V> Range(const K& from, const K& to, Order order = Order::kForward) const {
    return Range(&from, &to, order);
  }
  // The same; null = open.
  RowIterator<K, V> Range(const K* from, const K* to, Order order = Order::kForward) const {
    return RowIterator<K, V>(store_->Range(from, to, order));
  }
  // Rows whose encoded key starts with these bytes.
  RowIterator<K, V> Prefix(std::string_view bytes, Order order = Order::kForward) const {
    return RowIterator<K, V>(store_->Prefix(bytes, order));
  }
  // About how many rows the last commit left, without a walk: exact in memory; on disk, rows that
  // were written again or deleted lately may count more than once, or still.
  int64_t ApproximateNumEntries() const { return store_->ApproximateNumEntries(); }

 private:
  detail::ErasedKeyValueStore* store_;
};

template <class K, class V>
class WindowStore {
 public:
  explicit WindowStore(detail::ErasedWindowStore* store = nullptr) : store_(store) {}

  ValueAndTimestamp<V> Fetch(const K& key, Timestamp start) const {
    detail::StoredValue row = store_->Fetch(&key, start);
    return {static_cast<const V*>(row.value), row.timestamp};
  }
  // As KeyValueStore::HeadersOf; where duplicates are retained, only walks know them.
  const Headers& HeadersOf(const K& key, Timestamp start) const {
    return store_->HeadersOf(&key, start);
  }
  void Put(const K& key, Timestamp start, const V& value,
           const Headers& headers = Headers::Empty()) {
    store_->Put(&key, start, &value, {start, &headers});
  }
  void Delete(const K& key, Timestamp start) { store_->Put(&key, start, nullptr, start); }

  // Windows of `key` with start in [from, to].
  RowIterator<K, V> Fetch(const K& key, Timestamp from, Timestamp to,
                          Order order = Order::kForward) const {
    return RowIterator<K, V>(store_->FetchRange(&key, from, to, order));
  }
  // Windows of the keys in [from_key, to_key] (null = open) with start in [from, to]: by segment,
  // then key, then start; in memory by start, then key.
  RowIterator<K, V> FetchRange(const K* from_key, const K* to_key, Timestamp from, Timestamp to,
                               Order order = Order::kForward) const {
    return RowIterator<K, V>(store_->FetchKeys(from_key, to_key, from, to, order));
  }
  // Windows of every key with start in [from, to].
  RowIterator<K, V> FetchAll(Timestamp from, Timestamp to, Order order = Order::kForward) const {
    return RowIterator<K, V>(store_->FetchKeys(nullptr, nullptr, from, to, order));
  }

 private:
  detail::ErasedWindowStore* store_;
};

struct StoreOptions {
  bool in_memory = false;  // RocksDB otherwise; both restore from the changelog
  bool changelog = true;   // false: the state is lost with the state directory
  // Rows keep the headers of the record that wrote them: tables those of the update, Put() those
  // that it is given. They are as durable as the rows, and may be turned on and off: rows that were
  // written without headers have none.
  bool keep_headers = false;
  // A cache: when there is one row more, the one that was put or read the longest time ago is
  // deleted. Walks do not count as use. Such a store is in memory; its order of use is as durable
  // as its rows are, so a read is a change for the changelog.
  std::optional<size_t> max_rows = std::nullopt;
  // A versioned store (versioned_store.h): it remembers what each row was for at least so long.
  std::optional<Duration> history = std::nullopt;
};

namespace detail {
template <HasSerde K, HasSerde V>
StoreSpec KeyValueSpec(std::string name, StoreOptions options = {}) {
  StoreSpec spec;
  spec.name = std::move(name);
  spec.key = CodecOf<K>();
  spec.value = CodecOf<V>();
  const bool in_memory = options.in_memory || options.max_rows.has_value();
  spec.backend = in_memory ? StoreBackendKind::kMemory : StoreBackendKind::kRocksDb;
  spec.changelog = options.changelog;
  spec.keep_headers = options.keep_headers;
  spec.max_rows = options.max_rows.value_or(0);
  if (options.history.has_value()) {
    spec.kind = StoreKind::kVersioned;
    spec.retention = *options.history;
  }
  return spec;
}
}  // namespace detail

// Declares a store for Process(); the name is durable.
//   flow.AddStore(Store<PostId, Counter>("likes-by-post"));
template <HasSerde K, HasSerde V>
detail::StoreSpec Store(std::string name, StoreOptions options = {}) {
  return detail::KeyValueSpec<K, V>(std::move(name), options);
}

struct WindowStoreOptions {
  Duration window_size;
  Duration retention;  // entries older than this behind the newest are hidden, then deleted
  bool retain_duplicates = false;
  bool in_memory = false;
  bool changelog = true;
  bool keep_headers = false;  // see StoreOptions
};

template <HasSerde K, HasSerde V>
detail::StoreSpec WindowedStore(std::string name, WindowStoreOptions options) {
  detail::StoreSpec spec =
      detail::KeyValueSpec<K, V>(std::move(name), {.in_memory = options.in_memory,
                                                   .changelog = options.changelog,
                                                   .keep_headers = options.keep_headers});
  spec.kind = detail::StoreKind::kWindow;
  spec.window_size = options.window_size;
  spec.retention = options.retention;
  spec.retain_duplicates = options.retain_duplicates;
  return spec;
}

}  // namespace millrace
