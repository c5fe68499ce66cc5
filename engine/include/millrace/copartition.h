// CoPartition: two streams whose topics must have equal partition counts, because steps on both of
// them share a store. Joins and aggregations ask for it themselves.
//
//   auto rows = flow.From(kRows);
//   auto requests = flow.From(kRequests).Repartition("requests", …);
//   CoPartition(rows, requests, "requests look into the rows of their own task");
//
// A repartition topic upstream that was not given a count takes that of the others. Counts of
// outside topics are compared at the start, which is refused with `reason` where they differ.
#pragma once

#include <string>
#include <utility>

#include "millrace/stream.h"

namespace millrace {

namespace detail {
void RequireCopartition(const StreamHandle& a, const StreamHandle& b, std::string reason);
}  // namespace detail

template <class K1, class V1, class K2, class V2>
void CoPartition(const Stream<K1, V1>& a, const Stream<K2, V2>& b, std::string reason) {
  detail::RequireCopartition(a.handle(), b.handle(), std::move(reason));
}

}  // namespace millrace
