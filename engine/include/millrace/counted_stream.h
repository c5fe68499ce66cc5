// CountedStream: a grouped stream on its way into one result per number of records. Made by
// GroupedStream::Window(CountWindow).
//
// Records of a key are folded in the order in which they arrive; when there are `size` of them the
// result comes out and the next window starts from nothing. So windows have no times and no records
// are late. A result has the highest timestamp of its records and the headers of the last one.
// Records without key or value are dropped and counted. What there is of a window that is not full
// is durable in the store, whose row goes when the result comes out.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "millrace/detail/more_lowering.h"
#include "millrace/grouped_stream.h"

namespace millrace {

namespace detail {

// The part of a window that is there so far.
template <class A>
struct Filling {
  int64_t records = 0;
  std::optional<A> aggregate;
};

template <class A>
const FillingCodec* FillingCodecOf();

}  // namespace detail

// records i64, then the aggregate's bytes behind a byte 1; or a byte 0 if it is null.
template <HasSerde A>
struct Serde<detail::Filling<A>> {
  static void Encode(const detail::Filling<A>& filling, std::string* out) {
    Serde<int64_t>::Encode(filling.records, out);
    out->push_back(filling.aggregate.has_value() ? '\1' : '\0');
    if (filling.aggregate.has_value()) Serde<A>::Encode(*filling.aggregate, out);
  }
  static absl::Status Decode(std::string_view bytes, detail::Filling<A>* out) {
    constexpr size_t kHead = sizeof(int64_t) + 1;
    if (bytes.size() < kHead) return absl::InvalidArgumentError("a count window has 9 bytes");
    absl::Status status = Serde<int64_t>::Decode(bytes.substr(0, kHead - 1), &out->records);
    out->aggregate.reset();
    if (!status.ok() || bytes[kHead - 1] == '\0') return status;
    return Serde<A>::Decode(bytes.substr(kHead), &out->aggregate.emplace());
  }
};

namespace detail {

template <class A>
const FillingCodec* FillingCodecOf() {
  using F = Filling<A>;
  static const FillingCodec codec = {
      CodecOf<F>(),
      [](const void* filling) { return static_cast<const F*>(filling)->records; },
      [](const void* filling) { return AddressOf(static_cast<const F*>(filling)->aggregate); },
      [](void* filling, int64_t records, const void* aggregate) {
        F* target = static_cast<F*>(filling);
        target->records = records;
        target->aggregate.reset();
        if (aggregate != nullptr) target->aggregate = *static_cast<const A*>(aggregate);
      },
  };
  return &codec;
}

}  // namespace detail

template <class K, class V>
class CountedStream {
 public:
  // As GroupedStream's, over each `size` records. -> Stream<K, V>
  template <class F>
  Stream<K, V> Reduce(std::string store, F fold, StoreOptions options = {}) const {
    if constexpr (detail::CheckReducer<F, K, V>()) {
      return Add<V>(std::move(store), options, detail::ReduceAggregation<V, K>(std::move(fold)));
    } else {
      return Stream<K, V>(detail::StreamHandle());
    }
  }

  // As GroupedStream's, over each `size` records. -> Stream<K, A>
  template <class Init, class F>
  auto Aggregate(std::string store, Init initial, F fold, StoreOptions options = {}) const {
    using A = typename detail::InitialOf<Init>::Value;
    if constexpr (detail::CheckAggregator<Init, F, K, V>()) {
      return Add<A>(std::move(store), options,
                    detail::FoldAggregation<K, V>(std::move(initial), std::move(fold)));
    } else {
      return Stream<K, A>(detail::StreamHandle());
    }
  }

  // For the verbs themselves.
  CountedStream(std::shared_ptr<detail::GroupedNode> group, CountWindow window)
      : group_(std::move(group)), window_(window) {}

 private:
  template <class A>
  Stream<K, A> Add(std::string store, StoreOptions options, detail::Aggregation fold) const {
    return Stream<K, A>(detail::AddCountWindow(
        group_.get(), detail::KeyValueSpec<K, detail::Filling<A>>(std::move(store), options),
        {.store = "",
         .size = window_.size,
         .aggregation = std::move(fold),
         .filling = detail::FillingCodecOf<A>()}));
  }

  std::shared_ptr<detail::GroupedNode> group_;
  CountWindow window_;
};

}  // namespace millrace
