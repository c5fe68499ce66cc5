// SessionStream: a grouped stream on its way into an aggregation per session (windows.h). Made by
// GroupedStream::Window(Sessions).
//
// As with WindowedStream, but where sessions merge or grow a tombstone is emitted for each session
// that is no more, before the new one. Results have the session's end as timestamp, and no headers.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "millrace/grouped_stream.h"

namespace millrace {

template <class K, class V>
class SessionStream {
 public:
  // How many records a session has. -> Table<Session<K>, int64_t>
  Table<Session<K>, int64_t> Count(std::string store, WindowStateOptions options = {}) const {
    return Add<int64_t>(std::move(store), options, detail::CountAggregation());
  }

  // As GroupedStream's, in each session; `fold` also makes one value of two sessions'.
  template <class F>
  Table<Session<K>, V> Reduce(std::string store, F fold, WindowStateOptions options = {}) const {
    if constexpr (detail::CheckReducer<F, K, V>()) {
      return Add<V>(std::move(store), options, detail::ReduceAggregation<V, K>(std::move(fold)));
    } else {
      return Table<Session<K>, V>(detail::TableHandle());
    }
  }

  // As GroupedStream's, in each session. `merge` makes one aggregate of two: (const A&, const A&)
  // or (const K&, const A&, const A&) -> A. It is applied to the initial value and each session
  // that the record joins, in the order of their ends; then `fold`. -> Table<Session<K>, A>
  template <class Init, class F, class M>
  auto Aggregate(std::string store, Init initial, F fold, M merge,
                 WindowStateOptions options = {}) const {
    using A = typename detail::InitialOf<Init>::Value;
    if constexpr (detail::CheckAggregator<Init, F, K, V>() && detail::CheckMerger<M, K, A>()) {
      auto aggregation = detail::FoldAggregation<K, V>(std::move(initial), std::move(fold));
      aggregation.merge = detail::EraseMerger<K, A>(std::move(merge));
      return Add<A>(std::move(store), options, std::move(aggregation));
    } else {
      return Table<Session<K>, A>(detail::TableHandle());
    }
  }

  // Each session comes out once, when it is closed, in place of every update of it; those that
  // close together in the order of end, start, key bytes.
  SessionStream EmitOnClose(OnClose rules = {}) const {
    SessionStream closing = *this;
    closing.emit_on_close_ = rules;
    return closing;
  }

  // Records that are late for the session that they would join or make go to the topic as they
  // came, in the task's transaction. They are counted as late with and without it.
  SessionStream Late(const Topic<K, V>& topic) const {
    SessionStream with_topic = *this;
    with_topic.late_ = detail::LateTopicOf(topic);
    return with_topic;
  }

  // For the verbs themselves.
  SessionStream(std::shared_ptr<detail::GroupedNode> group, detail::SessionWindows windows)
      : group_(std::move(group)), windows_(windows) {}

 private:
  template <class A>
  Table<Session<K>, A> Add(std::string store, const WindowStateOptions& options,
                           detail::Aggregation fold) const {
    detail::WindowedAggregate step;
    step.store = detail::CheckedSpec<K, A>(std::move(store), detail::StoreOptionsOf(options));
    step.retention = options.retention;
    step.fold = std::move(fold);
    step.windows = windows_;
    step.windowed = detail::SessionCodecOf<K>();
    step.emit_on_close = emit_on_close_.has_value();
    step.kafka_streams_rules = step.emit_on_close && emit_on_close_->kafka_streams_rules;
    step.late = late_;
    return Table<Session<K>, A>(detail::AddWindowedAggregate(group_.get(), std::move(step)));
  }

  std::shared_ptr<detail::GroupedNode> group_;
  detail::SessionWindows windows_;
  std::optional<OnClose> emit_on_close_;
  detail::LateTopic late_;
};

}  // namespace millrace
