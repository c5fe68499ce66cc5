// GroupedStream and WindowedStream: a stream on its way into an aggregation. Made by
// Stream::GroupBy and GroupByKey.
//
// An aggregation keeps one row per key (and window) in the store that it is given; every record
// that changes a row emits the new row, with the highest timestamp of all that went into it.
// Records with a null key are dropped and counted. Store and changelog are durable under the
// store's name, together with the outputs of the transaction that changed them.
//
// Null values: plain aggregations drop and count them. Windowed ones count them, and hand them to
// functions that take `const V*`; for functions that take `const V&` they are dropped.
//
// Functions return the new aggregate, or change a copy in place:
//   (const A& aggregate, const V& value) -> A         (const K&, const V&, const A&) -> A
//   (A& aggregate, const V& value) -> void            (const K&, const V&, A&) -> void
// A std::optional<A> is as good; std::nullopt deletes the row, and the key's next record starts
// anew. A function that throws leaves the row as it was.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "millrace/detail/verb_checks.h"
#include "millrace/stream.h"
#include "millrace/windows.h"

namespace millrace {

template <class K, class V>
class WindowedStream;
template <class K, class V>
class SessionStream;
template <class K, class V>
class CountedStream;
template <class K, class A>
class CogroupedStream;

// Of one of the streams of a Cogroup.
template <class K, class V>
struct CogroupOptions {
  // In windows: where its records go that are late for all of their windows, as
  // WindowedStream::Late.
  std::optional<Topic<K, V>> late = std::nullopt;
};

template <class K, class V>
class GroupedStream {
 public:
  // How many records a key has had. -> Table<K, int64_t>
  Table<K, int64_t> Count(std::string store, StoreOptions options = {}) const {
    return Add<int64_t>(std::move(store), options, detail::CountAggregation());
  }

  // Folds values into one of the same type; the first is taken as it is.
  template <class F>
  Table<K, V> Reduce(std::string store, F fold, StoreOptions options = {}) const {
    if constexpr (detail::CheckReducer<F, K, V>()) {
      return Add<V>(std::move(store), options, detail::ReduceAggregation<V, K>(std::move(fold)));
    } else {
      return Table<K, V>(detail::TableHandle());
    }
  }

  // Folds values into an A that starts as `initial`: a value or a function without parameters.
  // -> Table<K, A>
  template <class Init, class F>
  auto Aggregate(std::string store, Init initial, F fold, StoreOptions options = {}) const {
    using A = typename detail::InitialOf<Init>::Value;
    if constexpr (detail::CheckAggregator<Init, F, K, V>()) {
      return Add<A>(std::move(store), options,
                    detail::FoldAggregation<K, V>(std::move(initial), std::move(fold)));
    } else {
      return Table<K, A>(detail::TableHandle());
    }
  }

  // One row per key and window (windows.h).
  WindowedStream<K, V> Window(Tumbling windows) const {
    return WindowedStream<K, V>(group_,
                                detail::TimeWindows{windows.size, windows.size, windows.grace, {}});
  }
  WindowedStream<K, V> Window(Hopping windows) const {
    return WindowedStream<K, V>(
        group_, detail::TimeWindows{windows.size, windows.advance, windows.grace, {}});
  }

  WindowedStream<K, V> Window(Sliding windows) const {
    return WindowedStream<K, V>(group_, detail::SlidingWindows{windows.difference, windows.grace});
  }
  WindowedStream<K, V> Window(Unlimited windows) const {
    return WindowedStream<K, V>(group_, detail::TimeWindows{.only_start = windows.start});
  }
  SessionStream<K, V> Window(Sessions windows) const {
    return SessionStream<K, V>(group_, {windows.gap, windows.grace});
  }
  // One result per `size` records of a key.
  CountedStream<K, V> Window(CountWindow window) const {
    return CountedStream<K, V>(group_, window);
  }

  // Starts an aggregation of several streams into one A: `fold` is this stream's.
  //   likes.GroupByKey().Cogroup<Score>(AddLike).Cogroup(shares.GroupByKey(), AddShare)
  //       .Aggregate("scores", Score())
  template <class A, class F>
  CogroupedStream<K, A> Cogroup(F fold, CogroupOptions<K, V> options = {}) const {
    return CogroupedStream<K, A>().Cogroup(*this, std::move(fold), std::move(options));
  }

  // For the verbs themselves.
  explicit GroupedStream(detail::GroupedNode group)
      : group_(std::make_shared<detail::GroupedNode>(std::move(group))) {}
  const std::shared_ptr<detail::GroupedNode>& group() const { return group_; }

 private:
  template <class A>
  Table<K, A> Add(std::string store, StoreOptions options, detail::Aggregation fold) const {
    return Table<K, A>(detail::AddAggregate(
        group_.get(), detail::CheckedSpec<K, A>(std::move(store), options), std::move(fold)));
  }

  std::shared_ptr<detail::GroupedNode> group_;
};

// How the rows of a windowed aggregation are kept.
struct WindowStateOptions {
  // How long rows are kept behind the newest window; nullopt: the least that late records need,
  // which is size + grace, for sliding windows 2 * difference + grace, for sessions gap + grace.
  std::optional<Duration> retention;
  bool in_memory = false;  // RocksDB otherwise; both restore from the changelog
  bool changelog = true;   // false: the state is lost with the state directory
  // Rows keep the headers of the record that changed them last, and come out with them: also
  // sessions, whose updates have none otherwise, and windows that come out when they are closed,
  // which otherwise have those of the record that closed them.
  bool keep_headers = false;
};

namespace detail {
inline StoreOptions StoreOptionsOf(const WindowStateOptions& options) {
  return {.in_memory = options.in_memory,
          .changelog = options.changelog,
          .keep_headers = options.keep_headers};
}
}  // namespace detail

template <class K, class V>
class WindowedStream {
 public:
  // How many records a key has in each window. -> Table<Windowed<K>, int64_t>
  Table<Windowed<K>, int64_t> Count(std::string store, WindowStateOptions options = {}) const {
    return Add<int64_t>(std::move(store), options, detail::CountAggregation());
  }

  // As GroupedStream's, in each window.
  template <class F>
  Table<Windowed<K>, V> Reduce(std::string store, F fold, WindowStateOptions options = {}) const {
    if constexpr (detail::CheckReducer<F, K, V>()) {
      return Add<V>(std::move(store), options, detail::ReduceAggregation<V, K>(std::move(fold)));
    } else {
      return Table<Windowed<K>, V>(detail::TableHandle());
    }
  }

  // As GroupedStream's, in each window. -> Table<Windowed<K>, A>
  template <class Init, class F>
  auto Aggregate(std::string store, Init initial, F fold, WindowStateOptions options = {}) const {
    using A = typename detail::InitialOf<Init>::Value;
    if constexpr (detail::CheckAggregator<Init, F, K, V>()) {
      return Add<A>(std::move(store), options,
                    detail::FoldAggregation<K, V>(std::move(initial), std::move(fold)));
    } else {
      return Table<Windowed<K>, A>(detail::TableHandle());
    }
  }

  // Each window comes out once, when it is closed, in place of every update of it: windows that
  // close together in the order of start, then key bytes. Once per closed window over restarts,
  // too.
  WindowedStream EmitOnClose(OnClose rules = {}) const {
    WindowedStream closing = *this;
    closing.emit_on_close_ = rules;
    return closing;
  }

  // Records that are late for all of their windows go to the topic as they came, in the
  // task's transaction. They are counted as late with and without it.
  WindowedStream Late(const Topic<K, V>& topic) const {
    WindowedStream with_topic = *this;
    with_topic.late_ = detail::LateTopicOf(topic);
    return with_topic;
  }

  // For the verbs themselves.
  WindowedStream(std::shared_ptr<detail::GroupedNode> group, detail::AnyWindows windows)
      : group_(std::move(group)), windows_(windows) {}

 private:
  template <class A>
  Table<Windowed<K>, A> Add(std::string store, const WindowStateOptions& options,
                            detail::Aggregation fold) const {
    detail::WindowedAggregate step;
    step.store = detail::CheckedSpec<K, A>(std::move(store), detail::StoreOptionsOf(options));
    step.retention = options.retention;
    step.fold = std::move(fold);
    step.windows = windows_;
    step.emit_on_close = emit_on_close_.has_value();
    step.kafka_streams_rules = step.emit_on_close && emit_on_close_->kafka_streams_rules;
    step.late = late_;
    step.windowed = detail::WindowedCodecOf<K>();
    return Table<Windowed<K>, A>(detail::AddWindowedAggregate(group_.get(), std::move(step)));
  }

  std::shared_ptr<detail::GroupedNode> group_;
  detail::AnyWindows windows_;
  std::optional<OnClose> emit_on_close_;
  detail::LateTopic late_;
};

}  // namespace millrace

// What other windows and Cogroup make.
#include "millrace/cogrouped_stream.h"  // IWYU pragma: export
#include "millrace/counted_stream.h"    // IWYU pragma: export
#include "millrace/session_stream.h"    // IWYU pragma: export
