// What Map and FlatMap make: KeyValue is one record, Emit takes any number of them.
#pragma once

#include "absl/functional/function_ref.h"

namespace millrace {

// The result of Map. Either part may be a std::optional, whose nullopt makes a null.
template <class K, class V>
struct KeyValue {
  K key;
  V value;
};
template <class K, class V>
KeyValue(K, V) -> KeyValue<K, V>;

// Passes records on, one by one, while FlatMap's function runs: nothing is collected, so a fan-out
// to a million readers stays flat in memory. Borrowed for the duration of the call.
//   .FlatMap([](const Post& post, Emit<UserId, Post>& emit) { for (…) emit(reader, post); })
template <class... T>
class Emit;

// FlatMap's: records with new keys.
template <class K, class V>
class Emit<K, V> {
 public:
  using Sink = absl::FunctionRef<void(const void* key, const void* value)>;
  explicit Emit(Sink sink) : sink_(sink) {}

  void operator()(const K& key, const V& value) const { sink_(&key, &value); }
  // Null pointers make nulls.
  void Nullable(const K* key, const V* value) const { sink_(key, value); }

 private:
  Sink sink_;
};

// FlatMapValues': values under the record's key.
template <class V>
class Emit<V> {
 public:
  using Sink = absl::FunctionRef<void(const void* value)>;
  explicit Emit(Sink sink) : sink_(sink) {}

  void operator()(const V& value) const { sink_(&value); }
  void Nullable(const V* value) const { sink_(value); }

 private:
  Sink sink_;
};

}  // namespace millrace
