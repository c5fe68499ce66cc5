// TopologyBuilder: where a topology begins. Declare sources, chain verbs, Build().
//
//   absl::StatusOr<Topology> BuildHotPosts() {
//     TopologyBuilder flow("hot-posts");
//     flow.From(topics::kReactions, {.timestamp = &Reaction::reacted_at})
//         .GroupBy("reactions-by-post", &Reaction::post)
//         .Window(Hopping{.size = 60min, .advance = 1min, .grace = 5min})
//         .Aggregate("post-heat", Heat{}, AddReaction)
//         .ToStream()
//         .To(topics::kPostHeat);
//     return std::move(flow).Build();
//   }
//
// One thread. Streams and tables are handles on the builder's content and may outlive it, but
// extending one after Build() is a bug (checked). Nothing is durable: a topology is a value.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "millrace/detail/process_adapter.h"
#include "millrace/error_policy.h"
#include "millrace/global_table.h"
#include "millrace/stream.h"
#include "millrace/table.h"
#include "millrace/topic.h"
#include "millrace/topology.h"

namespace millrace {

struct TopologyOptions {
  // What becomes of records that cannot be decoded, or on which a function throws.
  ErrorPolicy errors = ErrorPolicy::DeadLetter();
  // When a task has had no record for so long (wall clock), its stream time goes on as fast as the
  // wall clock, until the next record: windows close, and what Suppress and joins hold back comes
  // out, though nothing comes in. Records that come later than that are late. Nullopt: stream time
  // stands still without records, as in Kafka Streams.
  std::optional<Duration> advance_when_idle;
};

template <class K, class V>
struct SourceOptions {
  // The event time of a record: &V::member of type Timestamp, or a function from (const V&) or
  // (const K&, const V&), with an optional last parameter `const LogTime&`, to Timestamp; or
  // WallClockTime(). Empty: the log's timestamp.
  detail::TimestampFunction<K, V> timestamp;
  // What becomes of records with a negative time.
  InvalidTimestamp invalid_timestamp = InvalidTimestamp::kDrop;
};

class TopologyBuilder {
 public:
  // The name is durable: it is the default application id, and the prefix of internal topics.
  explicit TopologyBuilder(std::string name, TopologyOptions options = {});
  TopologyBuilder(TopologyBuilder&&) noexcept;
  TopologyBuilder& operator=(TopologyBuilder&&) noexcept;
  ~TopologyBuilder();

  // Reads a topic. Reading the same topic again gives the same source.
  template <class K, class V>
  Stream<K, V> From(const Topic<K, V>& topic, SourceOptions<K, V> options = {}) {
    return Stream<K, V>(Source<K, V>({topic.name()}, options));
  }
  // Reads several topics of the same types as one stream.
  template <class K, class V>
  Stream<K, V> From(std::initializer_list<Topic<K, V>> topics, SourceOptions<K, V> options = {}) {
    return From(std::vector<Topic<K, V>>(topics), std::move(options));
  }
  template <class K, class V>
  Stream<K, V> From(const std::vector<Topic<K, V>>& topics, SourceOptions<K, V> options = {}) {
    std::vector<std::string> names;
    names.reserve(topics.size());
    for (const Topic<K, V>& topic : topics) names.push_back(topic.name());
    return Stream<K, V>(Source<K, V>(std::move(names), options));
  }

  // Reads all topics whose whole names match a regular expression (ECMAScript's) as one stream.
  // Which ones they are is decided when the engine starts: a topic that is made later is read from
  // the next start on. Internal topics, dead letters of these topics, and names that begin with
  // "__" never match. The start is refused while none matches, or when one is read by another
  // source, too.
  //   flow.FromMatching<UserId, Click>("clicks-.*")
  template <HasSerde K, HasSerde V>
  Stream<K, V> FromMatching(std::string pattern, SourceOptions<K, V> options = {}) {
    detail::SourceSpec source = SourceOf<K, V>({std::move(pattern)}, options);
    source.pattern = true;
    return Stream<K, V>(detail::AddSource(flow_, std::move(source)));
  }

  // Reads a topic as a table, kept in `store`: a record replaces the row of its key, a null value
  // deletes it. Records with a null key are dropped and counted.
  template <class K, class V>
  Table<K, V> TableFrom(const Topic<K, V>& topic, std::string store,
                        SourceOptions<K, V> options = {}, StoreOptions state = {}) {
    return Table<K, V>(detail::AddTable(Source<K, V>({topic.name()}, options),
                                        detail::KeyValueSpec<K, V>(std::move(store), state)));
  }
  // The same without a store: a stream of updates that views may keep, and no join can look into.
  template <class K, class V>
  Table<K, V> TableFrom(const Topic<K, V>& topic, SourceOptions<K, V> options = {}) {
    return Table<K, V>(detail::AddTable(Source<K, V>({topic.name()}, options), std::nullopt));
  }

  // As TableFrom with a store, for a topic that keeps the last record of every key for ever (a
  // compacted one): the topic itself is the store's changelog, so that rows are not written a
  // second time. Lost state is rebuilt by reading the topic up to where the application has
  // consumed it.
  template <class K, class V>
  Table<K, V> CompactedTableFrom(const Topic<K, V>& topic, std::string store,
                                 SourceOptions<K, V> options = {}, StoreOptions state = {}) {
    return Table<K, V>(
        detail::AddCompactedTable(Source<K, V>({topic.name()}, options),
                                  detail::KeyValueSpec<K, V>(std::move(store), state)));
  }
  // A store of what a topic holds, for Process(name, {store}): as CompactedTableFrom. With P, a
  // Processor<K, V, …> with a default constructor decides what of a record goes into the store,
  // which may be of any kind; it looks into no other one, forwards nothing and schedules nothing.
  // It runs again on the same records when state was lost, so it must then do the same.
  //   flow.AddReadOnlyStore(Store<Currency, Rate>("rates"), kRates);
  template <class K, class V>
  void AddReadOnlyStore(detail::StoreSpec store, const Topic<K, V>& topic,
                        SourceOptions<K, V> options = {}) {
    detail::AddCompactedTable(Source<K, V>({topic.name()}, options), std::move(store));
  }
  template <class P, class K, class V>
  void AddReadOnlyStore(detail::StoreSpec store, const Topic<K, V>& topic,
                        SourceOptions<K, V> options = {}) {
    constexpr bool kOk = detail::ProcessesStreamOf<P, K, V>() && std::is_default_constructible_v<P>;
    static_assert(kOk,
                  "AddReadOnlyStore<P>: P derives from millrace::Processor<K, V, K2, V2> for a "
                  "Topic<K, V> and is default-constructible");
    if constexpr (kOk) {
      detail::AddReadOnlyStore(Source<K, V>({topic.name()}, options), std::move(store),
                               detail::DefaultFactory<P>());
    }
  }

  // Reads all partitions of a topic as one table in every engine (global_table.h), kept in `store`:
  // a record replaces the row of its key, a null value deletes it. Records with a null key are
  // dropped and counted.
  template <class K, class V>
  GlobalTable<K, V> GlobalTableFrom(const Topic<K, V>& topic, std::string store,
                                    SourceOptions<K, V> options = {}, StoreOptions state = {}) {
    return GlobalTable<K, V>(
        detail::AddGlobalTable(flow_, SourceOf<K, V>({topic.name()}, options),
                               detail::KeyValueSpec<K, V>(std::move(store), state)));
  }
  // The same with a processor of your own that keeps what it wants in the store; what it forwards
  // goes nowhere. P is a Processor<K, V, …> with a default constructor. It may look into no other
  // store and schedule nothing. Steps read the store, and only read it: Process(name, {store}).
  //   flow.AddGlobalStore<KeepsRates>(Store<Currency, Rate>("rates"), kRates);
  template <class P, class K, class V>
  void AddGlobalStore(detail::StoreSpec store, const Topic<K, V>& topic,
                      SourceOptions<K, V> options = {}) {
    constexpr bool kOk = detail::ProcessesStreamOf<P, K, V>() && std::is_default_constructible_v<P>;
    static_assert(kOk,
                  "AddGlobalStore<P>: P derives from millrace::Processor<K, V, K2, V2> for a "
                  "Topic<K, V> and is default-constructible");
    if constexpr (kOk) {
      detail::AddGlobalStore(flow_, SourceOf<K, V>({topic.name()}, options), std::move(store),
                             detail::DefaultFactory<P>());
    }
  }

  // Adds a store for Process(): Store<K, V>("name"), WindowedStore<K, V>("name", {…}),
  // SessionedStore<K, V>("name", {…}) or VersionedStore<K, V>("name", {…}).
  void AddStore(detail::StoreSpec store);

  // Checks and freezes the topology. InvalidArgument: every mistake, a line each.
  absl::StatusOr<Topology> Build() &&;

 private:
  template <class K, class V>
  detail::StreamHandle Source(std::vector<std::string> topics, const SourceOptions<K, V>& options) {
    return detail::AddSource(flow_, SourceOf<K, V>(std::move(topics), options));
  }
  template <class K, class V>
  static detail::SourceSpec SourceOf(std::vector<std::string> topics,
                                     const SourceOptions<K, V>& options) {
    return {.topics = std::move(topics),
            .key = detail::CodecOf<K>(),
            .value = detail::CodecOf<V>(),
            .timestamp = options.timestamp.extractor(),
            .timestamp_has_data = options.timestamp.has_data(),
            .wall_clock_time = options.timestamp.is_clock(),
            .invalid_timestamp = options.invalid_timestamp};
  }

  std::shared_ptr<detail::Flow> flow_;
};

}  // namespace millrace
