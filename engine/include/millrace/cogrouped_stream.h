// CogroupedStream: several grouped streams on their way into one aggregation. Made by
// GroupedStream::Cogroup.
//
// Each stream has its own function, and its own time: a record is late by what its own stream has
// seen. The streams must be co-partitioned, as for a join (Build() checks).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "millrace/grouped_stream.h"

namespace millrace {

template <class K, class A>
class CogroupedWindows;
template <class K, class A>
class CogroupedSessions;

template <class K, class A>
class CogroupedStream {
 public:
  // One more stream.
  template <class V, class F>
  CogroupedStream Cogroup(const GroupedStream<K, V>& stream, F fold,
                          CogroupOptions<K, V> options = {}) const {
    CogroupedStream more = *this;
    if constexpr (detail::CheckCogroup<F, K, V, A>()) {
      more.members_.push_back(
          {stream.group(), detail::FoldWithoutInitial<K, V, A>(std::move(fold)), {}});
      if (options.late.has_value()) more.members_.back().late = detail::LateTopicOf(*options.late);
    }
    return more;
  }

  // As GroupedStream's Aggregate.
  template <class Init>
  Table<K, A> Aggregate(std::string store, Init initial, StoreOptions options = {}) const {
    return Table<K, A>(detail::AddCogroup(StartingWith(std::move(initial)),
                                          detail::CheckedSpec<K, A>(std::move(store), options)));
  }

  // One row per key and window (windows.h).
  CogroupedWindows<K, A> Window(Tumbling windows) const {
    return {*this, detail::TimeWindows{windows.size, windows.size, windows.grace, {}}};
  }
  CogroupedWindows<K, A> Window(Hopping windows) const {
    return {*this, detail::TimeWindows{windows.size, windows.advance, windows.grace, {}}};
  }
  CogroupedWindows<K, A> Window(Sliding windows) const {
    return {*this, detail::SlidingWindows{windows.difference, windows.grace}};
  }
  CogroupedSessions<K, A> Window(Sessions windows) const {
    return {*this, detail::SessionWindows{windows.gap, windows.grace}};
  }

  // For the verbs themselves.
  template <class Init>
  std::vector<detail::Cogrouped> StartingWith(Init initial) const {
    using Initial = detail::InitialOf<Init>;
    static_assert(
        std::is_same_v<typename Initial::Value, A> && !Initial::kMayBeNull,
        "Aggregate of cogrouped streams: pass an initial A, or a function that makes one");
    std::vector<detail::Cogrouped> members = members_;
    const auto start = detail::EraseInitial(std::move(initial));
    for (detail::Cogrouped& member : members) member.fold.initial = start;
    return members;
  }

 private:
  std::vector<detail::Cogrouped> members_;
};

// Cogrouped streams, in windows.
template <class K, class A>
class CogroupedWindows {
 public:
  template <class Init>
  Table<Windowed<K>, A> Aggregate(std::string store, Init initial,
                                  WindowStateOptions options = {}) const {
    detail::WindowedAggregate step;
    step.store = detail::CheckedSpec<K, A>(std::move(store), detail::StoreOptionsOf(options));
    step.retention = options.retention;
    step.windows = windows_;
    step.windowed = detail::WindowedCodecOf<K>();
    return Table<Windowed<K>, A>(
        detail::AddWindowedCogroup(streams_.StartingWith(std::move(initial)), std::move(step)));
  }

  // For the verbs themselves.
  CogroupedWindows(CogroupedStream<K, A> streams, detail::AnyWindows windows)
      : streams_(std::move(streams)), windows_(windows) {}

 private:
  CogroupedStream<K, A> streams_;
  detail::AnyWindows windows_;
};

// Cogrouped streams, in sessions.
template <class K, class A>
class CogroupedSessions {
 public:
  // `merge` as in SessionStream::Aggregate.
  template <class Init, class M>
  Table<Session<K>, A> Aggregate(std::string store, Init initial, M merge,
                                 WindowStateOptions options = {}) const {
    std::vector<detail::Cogrouped> members = streams_.StartingWith(std::move(initial));
    if constexpr (detail::CheckMerger<M, K, A>()) {
      const auto merger = detail::EraseMerger<K, A>(std::move(merge));
      for (detail::Cogrouped& member : members) member.fold.merge = merger;
    }
    detail::WindowedAggregate step;
    step.store = detail::CheckedSpec<K, A>(std::move(store), detail::StoreOptionsOf(options));
    step.retention = options.retention;
    step.windows = windows_;
    step.windowed = detail::SessionCodecOf<K>();
    return Table<Session<K>, A>(detail::AddWindowedCogroup(members, std::move(step)));
  }

  // For the verbs themselves.
  CogroupedSessions(CogroupedStream<K, A> streams, detail::SessionWindows windows)
      : streams_(std::move(streams)), windows_(windows) {}

 private:
  CogroupedStream<K, A> streams_;
  detail::SessionWindows windows_;
};

}  // namespace millrace
