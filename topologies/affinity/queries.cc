#include "topologies/affinity/queries.h"

#include <string>

#include "millrace/status.h"
#include "millrace/store_reader.h"
#include "topologies/affinity/facts.h"

namespace millrace::topologies {
namespace {

using affinity::Pair;
using affinity::Total;

schemas::Affinity AffinityOf(const Pair& pair, const Total& total) {
  return {.user = pair.user,
          .author = pair.author,
          .interactions = total.interactions,
          .last_at = total.last_at};
}

}  // namespace

absl::StatusOr<schemas::Affinity> GetAffinity(Engine* engine, const schemas::AffinityKey& key) {
  MR_ASSIGN_OR_RETURN(auto totals, (ReaderOf<Pair, Total>(engine, "affinity")));
  const Pair pair{.user = key.user, .author = key.author};
  MR_ASSIGN_OR_RETURN(const auto row, totals.Get(pair));
  if (!row.has_value()) return schemas::Affinity{.user = key.user, .author = key.author};
  return AffinityOf(pair, row->value);
}

absl::StatusOr<std::vector<schemas::Affinity>> GetAffinities(Engine* engine, int64_t user) {
  MR_ASSIGN_OR_RETURN(auto totals, (ReaderOf<Pair, Total>(engine, "affinity")));
  ReadRange<Pair> range;
  FieldSerde<Pair>::EncodePrefix<1>({.user = user}, &range.prefix);
  std::vector<schemas::Affinity> found;
  MR_RETURN_IF_ERROR(totals.Read(range, [&found](const auto& row) {
    found.push_back(AffinityOf(row.key, row.value));
    return true;
  }));
  return found;
}

}  // namespace millrace::topologies
