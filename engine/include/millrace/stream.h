// Stream<K, V>: records that flow from step to step of a topology. Made by TopologyBuilder::From.
//
// A handle on a topology under construction: cheap to copy, used on one thread, dead after Build().
// Nothing runs and nothing is durable while it is built; mistakes are reported by Build().
//
// Functions are called while const and on several threads, one per task: they must not keep state
// (Process() is for that). They may throw; the record is then poison (ErrorPolicy).
//
// Every verb takes `(const V&)`, `(const K&, const V&)`, or a pointer to a member of V. Nulls:
//  - a reference is for non-null only. Without a value, MapValues makes null, FlatMap nothing,
//    Filter does not match (so FilterNot passes), a selector gives a null key, Peek and ForEach do
//    not look; Map and a topic chooser call the record poison, for they have nothing to make.
//  - a pointer, `(const V*)` or `(const K*, const V*)` in any mixture, sees nulls as null pointers.
// Where a function makes something, std::nullopt of a std::optional makes a null.
//
// Durable names (stores, repartition topics) come first among the arguments, are kebab-case, and
// belong to the topology for ever: changing one moves its state.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "millrace/deduplicate.h"
#include "millrace/detail/edge_functions.h"
#include "millrace/detail/lowering.h"
#include "millrace/emit.h"
#include "millrace/join_window.h"
#include "millrace/store.h"
#include "millrace/topic.h"

namespace millrace {

template <class K, class V>
class Table;
template <class K, class V>
class GlobalTable;
template <class K, class V>
class GroupedStream;
template <class K, class V, size_t kBranches>
class BranchedStream;

template <class K, class V>
struct SinkOptions {
  // (const V&, int32_t partitions) or (const K&, const V&, int32_t) -> PartitionId, or a vector of
  // them: a copy goes to each, none drops the record. Empty: murmur2 of the key's bytes, as Kafka's
  // producers; a windowed key lies where its key would.
  detail::PartitionFunction<K, V> partitioner;
};

template <class K, class V>
struct RepartitionOptions {
  // Nullopt: as many as the widest topic upstream.
  std::optional<int32_t> partitions;
  detail::PartitionFunction<K, V> partitioner;
};

// How a stream waits for a versioned table.
struct TableJoinOptions {
  // A record waits until the stream time has reached its timestamp + grace, and then meets the row
  // as of its timestamp, so that the table's updates may be late by so much. The table's history is
  // at least as long. Those that wait are kept in the store "<name>-buffer"; they come out in the
  // order of timestamp, key bytes, arrival. nullopt: records do not wait.
  std::optional<Duration> grace = std::nullopt;
  bool in_memory = false;  // the store, which is restored from its changelog
};

template <class K, class V>
class Stream {
 public:
  using Key = K;
  using Value = V;

  // -- Stateless steps.
  // Records for which `matches` is true.
  template <class F>
  Stream Filter(F matches) const;
  // Records for which `matches` is false.
  template <class F>
  Stream FilterNot(F matches) const;
  // New key and value: `map` returns a KeyValue<K2, V2>. -> Stream<K2, V2>
  template <class F>
  auto Map(F map) const;
  // New value: `map` returns V2 or std::optional<V2>. -> Stream<K, V2>
  template <class F>
  auto MapValues(F map) const;
  // Any number of records: the last parameter of `map` is an Emit<K2, V2>&. -> Stream<K2, V2>
  template <class F>
  auto FlatMap(F map) const;
  // Any number of values: the last parameter of `map` is an Emit<V2>&. -> Stream<K, V2>
  template <class F>
  auto FlatMapValues(F map) const;
  // New key: `select` returns K2 or std::optional<K2>. -> Stream<K2, V>
  template <class F>
  auto SelectKey(F select) const;
  // Looks at records that pass.
  template <class F>
  Stream Peek(F look) const;
  // Looks at records; the stream ends here.
  template <class F>
  void ForEach(F look) const;
  // Records of both, in the order in which they come.
  Stream Merge(const Stream& other) const;
  // Each record goes to the first branch that matches it:
  //   auto [likes, shares, rest] = reactions.Split().Branch(IsLike).Branch(IsShare).Default();
  BranchedStream<K, V, 0> Split() const;
  // f(*this): fits a function from stream to stream into the chain.
  template <class F>
  auto Via(F&& f) const;

  // -- Out of this sub-topology. Both types need a Serde.
  // Writes to a topic of the same types, in the task's transaction.
  template <class KT, class VT>
  void To(const Topic<KT, VT>& topic, SinkOptions<K, V> options = {}) const;
  // Writes to the topic whose name `choose` returns. The topic must exist.
  template <class F>
  void To(F choose, SinkOptions<K, V> options = {}) const;
  // Through a topic of this topology, "<application>-<name>-repartition", so that records of a key
  // are in one partition. Records with a null key are dropped and counted.
  Stream Repartition(std::string name, RepartitionOptions<K, V> options = {}) const;

  // -- State.
  // The latest value of each key, kept in `store`. A null value deletes. If the key was changed,
  // it goes through a repartition topic of the store's name.
  Table<K, V> ToTable(std::string store, StoreOptions options = {}) const;
  // Groups by the key that the records have. Goes through a repartition topic only if the key was
  // changed; it is named `name`, or, without one, like the first store that it feeds.
  GroupedStream<K, V> GroupByKey(std::string name = "") const;
  // Groups by a new key, through the repartition topic `name`. -> GroupedStream<K2, V>
  template <class F>
  auto GroupBy(std::string name, F select) const;
  // Looks up the table's row of each record's key; the result has the record's timestamp. `join`
  // is called with the record as everywhere, then the row: (const V&, const VT&) or
  // (const K&, const V&, const VT&). Records without key, value or row are dropped. The row is the
  // one of now, or, in a versioned table (StoreOptions::history), the one that was valid at the
  // record's timestamp. -> Stream<K, what `join` returns>
  template <class VT, class F>
  auto Join(const Table<K, VT>& table, F join) const;
  // The same, with the name of the repartition topic that a changed key makes necessary, and of the
  // store in which records wait.
  template <class VT, class F>
  auto Join(std::string name, const Table<K, VT>& table, F join,
            TableJoinOptions options = {}) const;
  // Also without a row or a key: the row comes as `const VT*`.
  template <class VT, class F>
  auto LeftJoin(const Table<K, VT>& table, F join) const;
  template <class VT, class F>
  auto LeftJoin(std::string name, const Table<K, VT>& table, F join,
                TableJoinOptions options = {}) const;
  // Looks up the row of a global table under the key that `select` makes of each record: (const
  // V&), (const K&, const V&) or a member of V -> KG or std::optional<KG>. `join` is called as for
  // a table. The result has the record's key, also a null one; no repartition is needed. Records
  // without value, selected key or row are dropped. -> Stream<K, what `join` returns>
  template <class KG, class VG, class S, class F>
  auto Join(const GlobalTable<KG, VG>& table, S select, F join) const;
  // Also without a row or a selected key: the row comes as `const VG*`.
  template <class KG, class VG, class S, class F>
  auto LeftJoin(const GlobalTable<KG, VG>& table, S select, F join) const;
  // Each record meets those of the other stream with the same key within the window
  // (join_window.h). A result has the higher timestamp of both, and the headers of the record that
  // came later. `join` is called with the record as everywhere, then the other one's value. Records
  // without key or value are dropped. A changed key goes through "<name>-left-repartition" or
  // "<name>-right-repartition". -> Stream<K, what `join` returns>
  template <class VR, class F>
  auto Join(std::string name, const Stream<K, VR>& other, JoinWindow window, F join,
            JoinOptions<K, V, VR> options = {}) const;
  // Also records of this stream that met none, once their window is closed (those without a key at
  // once): the other value comes as `const VR*`. They have their own timestamp, and the headers of
  // the record that closed the window.
  template <class VR, class F>
  auto LeftJoin(std::string name, const Stream<K, VR>& other, JoinWindow window, F join,
                JoinOptions<K, V, VR> options = {}) const;
  // Also those of the other stream: both values come as pointers, `const V*` and `const VR*`.
  template <class VR, class F>
  auto OuterJoin(std::string name, const Stream<K, VR>& other, JoinWindow window, F join,
                 JoinOptions<K, V, VR> options = {}) const;

  // The first record of each key; those within `horizon` of one that passed, by event time, before
  // or after it, are dropped and counted. Records without a key pass. `store` remembers the keys
  // for horizon + grace. If the key was changed, it goes through a repartition topic of the
  // store's name.
  Stream Deduplicate(std::string store, Duration horizon,
                     DeduplicateOptions<K, V> options = {}) const;
  // The first record of each key and id: `select` returns D or std::optional<D>, which needs a
  // Serde. Records without an id pass.
  template <class F>
  Stream Deduplicate(std::string store, Duration horizon, F select,
                     DeduplicateOptions<K, V> options = {}) const;

  // -- Steps of your own (processor.h).
  // P is a Processor<K, V, K2, V2> with a default constructor; `stores` were added to the builder
  // with AddStore, or are those of tables and aggregations. -> Stream<K2, V2>
  template <class P>
  auto Process(std::string name, std::vector<std::string> stores = {}) const;
  // `make` returns a std::unique_ptr<P>; it is called once per task.
  template <class Factory>
  auto Process(std::string name, std::vector<std::string> stores, Factory make) const;
  // P is a Processor<K, V, K, V2> that forwards only with the key of the record that it processes:
  // no repartition is needed behind it. -> Stream<K, V2>
  template <class P>
  auto ProcessValues(std::string name, std::vector<std::string> stores = {}) const;
  template <class Factory>
  auto ProcessValues(std::string name, std::vector<std::string> stores, Factory make) const;

  // For the verbs themselves.
  explicit Stream(detail::StreamHandle handle) : handle_(std::move(handle)) {
    detail::NoteTypes(handle_.flow, handle_.node, detail::CodecIfAny<K>(), detail::CodecIfAny<V>());
  }
  const detail::StreamHandle& handle() const { return handle_; }

 private:
  template <bool kLeft, class VT, class F>
  auto JoinTable(std::string name, const Table<K, VT>& table, F join,
                 TableJoinOptions options = {}) const;
  template <bool kLeft, class KG, class VG, class S, class F>
  auto JoinGlobal(const GlobalTable<KG, VG>& table, S select, F join) const;
  template <bool kLeft, bool kRight, class VR, class F>
  auto JoinStream(std::string name, const Stream<K, VR>& other, JoinWindow window, F join,
                  JoinOptions<K, V, VR> options) const;
  template <class D>
  Stream AddDeduplicate(std::string store, Duration horizon, detail::ValueMapper select_id,
                        DeduplicateOptions<K, V> options) const;
  template <bool kKeepsKey, class P>
  auto AddProcessor(std::string name, const std::vector<std::string>& stores,
                    detail::ProcessorFactory factory) const;

  detail::StreamHandle handle_;
};

// A stream on its way into branches. The first predicate that matches takes the record.
template <class K, class V, size_t kBranches>
class BranchedStream {
 public:
  template <class F>
  BranchedStream<K, V, kBranches + 1> Branch(F matches) &&;
  // The branches in order, and last the one of records that match none.
  std::array<Stream<K, V>, kBranches + 1> Default() &&;
  // The branches in order; records that match none are dropped.
  std::array<Stream<K, V>, kBranches> NoDefault() &&;

  // For the verbs themselves.
  BranchedStream(detail::StreamHandle parent, std::vector<detail::Predicate> predicates)
      : parent_(std::move(parent)), predicates_(std::move(predicates)) {}

 private:
  detail::StreamHandle parent_;
  std::vector<detail::Predicate> predicates_;
};

}  // namespace millrace

// The other types that verbs return, then the verbs.
#include "millrace/detail/branch_verbs.h"       // IWYU pragma: export
#include "millrace/detail/deduplicate_verb.h"   // IWYU pragma: export
#include "millrace/detail/global_verbs.h"       // IWYU pragma: export
#include "millrace/detail/process_verbs.h"      // IWYU pragma: export
#include "millrace/detail/stateful_verbs.h"     // IWYU pragma: export
#include "millrace/detail/stateless_verbs.h"    // IWYU pragma: export
#include "millrace/detail/stream_join_verbs.h"  // IWYU pragma: export
#include "millrace/grouped_stream.h"            // IWYU pragma: export
#include "millrace/table.h"                     // IWYU pragma: export
