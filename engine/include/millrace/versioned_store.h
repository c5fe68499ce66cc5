// VersionStore<K, V>: a key-value store that remembers what each row was, for the Processor API
// and for tables that are joined as of a time.
//
//   flow.AddStore(VersionedStore<Isin, Price>("prices", {.history = 24h}));
//   …  prices_ = context.VersionedStore<Isin, Price>("prices");
//
// A version is valid from its timestamp until the next one of its key; they may be put in any
// order. The latest version of a key stays for ever, older ones for the history: a version that is
// older than observed stream time - history when it is put is dropped, and so are reads as of such
// a time, unless the latest version answers them. The observed stream time is the highest timestamp
// ever put by any key. Ownership, threads, errors and durability are those of store.h.
#pragma once

#include <string>
#include <utility>

#include "millrace/store.h"

namespace millrace {

using VersionPut = detail::VersionPut;

template <class K, class V>
class VersionStore {
 public:
  explicit VersionStore(detail::ErasedVersionedStore* store = nullptr) : store_(store) {}

  // Replaces a version of the same timestamp.
  VersionPut Put(const K& key, const V& value, Timestamp from,
                 const Headers& headers = Headers::Empty()) {
    return store_->Put(&key, &value, {from, &headers});
  }
  // The key has no value from then on, until its next version.
  VersionPut Delete(const K& key, Timestamp from) { return store_->Put(&key, nullptr, from); }

  // The latest version, with its timestamp.
  ValueAndTimestamp<V> Get(const K& key) const { return Typed(store_->Get(&key)); }
  // The version that is valid at `as_of`.
  ValueAndTimestamp<V> GetAsOf(const K& key, Timestamp as_of) const {
    return Typed(store_->GetAsOf(&key, as_of));
  }
  // Of the record that put what the last Get() or GetAsOf() returned; empty where that was nothing,
  // and unless the store was declared with keep_headers.
  const Headers& last_headers() const { return store_->last_headers(); }

 private:
  static ValueAndTimestamp<V> Typed(detail::StoredValue row) {
    return {static_cast<const V*>(row.value), row.timestamp};
  }

  detail::ErasedVersionedStore* store_;
};

struct VersionedStoreOptions {
  Duration history;
  bool in_memory = false;
  bool changelog = true;
  bool keep_headers = false;  // see StoreOptions
  // As Kafka Streams: a tombstone at exactly the timestamp of a key's latest version, where the
  // version before that is a tombstone or there is none, removes the version and is forgotten, so
  // that an older version that comes late is the latest one again.
  bool forgets_tombstones = false;
};

// Declares a store for Process(); the name is durable. Store<K, V>(name, {.history = …}) does the
// same.
template <HasSerde K, HasSerde V>
detail::StoreSpec VersionedStore(std::string name, VersionedStoreOptions options) {
  detail::StoreSpec spec =
      detail::KeyValueSpec<K, V>(std::move(name), {.in_memory = options.in_memory,
                                                   .changelog = options.changelog,
                                                   .keep_headers = options.keep_headers,
                                                   .history = options.history});
  spec.forgets_tombstones = options.forgets_tombstones;
  return spec;
}

}  // namespace millrace
