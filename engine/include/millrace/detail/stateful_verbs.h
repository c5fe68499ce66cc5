// The verbs of Stream that end in a topic or a store.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "millrace/detail/join_functions.h"
#include "millrace/detail/verb_checks.h"
#include "millrace/stream.h"

namespace millrace {

template <class K, class V>
template <class KT, class VT>
void Stream<K, V>::To(const Topic<KT, VT>& topic, SinkOptions<K, V> options) const {
  static_assert(std::is_same_v<K, KT> && std::is_same_v<V, VT>,
                "To: the topic's types are not the stream's; pass a Topic<K, V>, or map the "
                "stream to the topic's types first");
  detail::AddSink(handle_, {.topic = topic.name(),
                            .partitioner = options.partitioner.OrDefault(),
                            .key = detail::CodecOf<KT>(),
                            .value = detail::CodecOf<VT>()});
}

template <class K, class V>
template <class F>
void Stream<K, V>::To(F choose, SinkOptions<K, V> options) const {
  constexpr bool kOk = detail::kIsTopicChooser<F, K, V> && detail::CheckSerdes<K, V>();
  static_assert(detail::kIsTopicChooser<F, K, V>,
                "To: pass a Topic<K, V>, or a function that returns the topic's name and is "
                "callable while const as (const V&) or (const K&, const V&), or &V::member; "
                "pointers (const K*, const V*) see nulls");
  if constexpr (kOk) {
    detail::AddSink(handle_, {.chooser = detail::EraseTopicChooser<K, V>(std::move(choose)),
                              .partitioner = options.partitioner.OrDefault(),
                              .key = detail::CodecOf<K>(),
                              .value = detail::CodecOf<V>()});
  }
}

template <class K, class V>
Stream<K, V> Stream<K, V>::Repartition(std::string name, RepartitionOptions<K, V> options) const {
  if constexpr (detail::CheckSerdes<K, V>()) {
    return Stream(detail::AddRepartition(handle_, {.name = std::move(name),
                                                   .partitions = options.partitions,
                                                   .partitioner = options.partitioner.OrDefault(),
                                                   .key = detail::CodecOf<K>(),
                                                   .value = detail::CodecOf<V>()}));
  } else {
    return *this;
  }
}

template <class K, class V>
Table<K, V> Stream<K, V>::ToTable(std::string store, StoreOptions options) const {
  return Table<K, V>(
      detail::AddToTable(handle_, detail::CheckedSpec<K, V>(std::move(store), options)));
}

template <class K, class V>
GroupedStream<K, V> Stream<K, V>::GroupByKey(std::string name) const {
  return GroupedStream<K, V>(detail::GroupedNode{.stream = handle_,
                                                 .repartition = std::move(name),
                                                 .key = detail::CodecIfAny<K>(),
                                                 .value = detail::CodecIfAny<V>()});
}

template <class K, class V>
template <class F>
auto Stream<K, V>::GroupBy(std::string name, F select) const {
  if constexpr (detail::CheckGroupSelector<F, K, V>()) {
    return SelectKey(std::move(select)).GroupByKey(std::move(name));
  } else {
    return GroupByKey(std::move(name));
  }
}

template <class K, class V>
template <bool kLeft, class VT, class F>
auto Stream<K, V>::JoinTable(std::string name, const Table<K, VT>& table, F join,
                             TableJoinOptions options) const {
  constexpr bool kOk = detail::kIsJoiner<F, K, V, VT, kLeft>;
  if constexpr (kLeft) {
    static_assert(kOk,
                  "LeftJoin: pass a function that returns V2 or std::optional<V2> and is callable "
                  "while const as (const V&, const VT* row) or (const K&, const V&, const VT* row);"
                  " const K* sees null keys");
  } else {
    static_assert(
        kOk,
        "Join: pass a function that returns V2 or std::optional<V2> and is callable "
        "while const as (const V&, const VT& row) or (const K&, const V&, const VT& row)");
  }
  if constexpr (kOk) {
    using V2 = detail::PlainT<detail::JoinedT<F, K, V, VT, kLeft>>;
    return Stream<K, V2>(
        detail::AddStreamTableJoin(handle_, table.handle(),
                                   {.name = std::move(name),
                                    .join = detail::EraseJoiner<K, V, VT, kLeft>(std::move(join)),
                                    .left = kLeft,
                                    .key = detail::CodecIfAny<K>(),
                                    .value = detail::CodecIfAny<V>(),
                                    .grace = options.grace,
                                    .in_memory = options.in_memory}));
  } else {
    return *this;
  }
}

template <class K, class V>
template <class VT, class F>
auto Stream<K, V>::Join(const Table<K, VT>& table, F join) const {
  return JoinTable</*kLeft=*/false>("", table, std::move(join));
}

template <class K, class V>
template <class VT, class F>
auto Stream<K, V>::Join(std::string name, const Table<K, VT>& table, F join,
                        TableJoinOptions options) const {
  return JoinTable</*kLeft=*/false>(std::move(name), table, std::move(join), options);
}

template <class K, class V>
template <class VT, class F>
auto Stream<K, V>::LeftJoin(const Table<K, VT>& table, F join) const {
  return JoinTable</*kLeft=*/true>("", table, std::move(join));
}

template <class K, class V>
template <class VT, class F>
auto Stream<K, V>::LeftJoin(std::string name, const Table<K, VT>& table, F join,
                            TableJoinOptions options) const {
  return JoinTable</*kLeft=*/true>(std::move(name), table, std::move(join), options);
}

}  // namespace millrace
