// SessionStore<K, V>: a store of sessions for the Processor API. An entry is (key, start, end) ->
// value; both ends are inclusive, and belong to the entry's name.
//
//   flow.AddStore(SessionedStore<UserId, Visit>("visits", {.retention = 24h}));
//   …  visits_ = context.SessionedStore<UserId, Visit>("visits");
//
// Ownership, threads, errors and durability are those of store.h. An entry is visible while
// end > observed stream time - retention, where the observed stream time is the highest end ever
// put or removed by any key (in memory: put only, as in Kafka Streams).
#pragma once

#include <limits>
#include <string>
#include <utility>

#include "millrace/store.h"

namespace millrace {

template <class K, class V>
class SessionStore {
 public:
  explicit SessionStore(detail::ErasedSessionStore* store = nullptr) : store_(store) {}

  // The session with exactly these bounds; its timestamp is its end.
  ValueAndTimestamp<V> Get(const K& key, Timestamp start, Timestamp end) const {
    detail::StoredValue row = store_->Fetch(&key, start, end);
    return {static_cast<const V*>(row.value), row.timestamp};
  }
  // As KeyValueStore::HeadersOf.
  const Headers& HeadersOf(const K& key, Timestamp start, Timestamp end) const {
    return store_->HeadersOf(&key, start, end);
  }
  // Dropped when the end is no longer visible.
  void Put(const K& key, Timestamp start, Timestamp end, const V& value,
           const Headers& headers = Headers::Empty()) {
    store_->Put(&key, start, end, &value, &headers);
  }
  void Remove(const K& key, Timestamp start, Timestamp end) {
    store_->Put(&key, start, end, nullptr, nullptr);
  }

  // The sessions of `key` with end >= earliest_end and start <= latest_start, ordered by end, then
  // start (in memory: by end, then start from high to low).
  RowIterator<K, V> Find(const K& key, Timestamp earliest_end, Timestamp latest_start,
                         Order order = Order::kForward) const {
    return FindRange(&key, &key, earliest_end, latest_start, order);
  }
  // The same of the keys in [from_key, to_key] (null = open): by segment of 60 s or half of the
  // retention, then key, then end, then start; in memory by end, then key, then start from high to
  // low.
  RowIterator<K, V> FindRange(const K* from_key, const K* to_key, Timestamp earliest_end,
                              Timestamp latest_start, Order order = Order::kForward) const {
    return RowIterator<K, V>(
        store_->FindSessions(from_key, to_key, earliest_end, latest_start, order));
  }
  // All sessions of `key`.
  RowIterator<K, V> Fetch(const K& key, Order order = Order::kForward) const {
    return Find(key, kEarliest, kLatest, order);
  }
  RowIterator<K, V> FetchRange(const K* from_key, const K* to_key,
                               Order order = Order::kForward) const {
    return FindRange(from_key, to_key, kEarliest, kLatest, order);
  }

 private:
  static constexpr Timestamp kEarliest = TimestampFromMillis(0);
  static constexpr Timestamp kLatest = TimestampFromMillis(std::numeric_limits<int64_t>::max());

  detail::ErasedSessionStore* store_;
};

struct SessionStoreOptions {
  Duration retention;  // sessions that ended longer ago than this are hidden, then deleted
  bool in_memory = false;
  bool changelog = true;
  bool keep_headers = false;  // see StoreOptions
};

// Declares a store for Process(); the name is durable.
template <HasSerde K, HasSerde V>
detail::StoreSpec SessionedStore(std::string name, SessionStoreOptions options) {
  detail::StoreSpec spec =
      detail::KeyValueSpec<K, V>(std::move(name), {.in_memory = options.in_memory,
                                                   .changelog = options.changelog,
                                                   .keep_headers = options.keep_headers});
  spec.kind = detail::StoreKind::kSession;
  spec.retention = options.retention;
  return spec;
}

}  // namespace millrace
