#include "topologies/post-metrics/queries.h"

#include <bit>

#include "millrace/status.h"
#include "millrace/store_reader.h"
#include "topologies/post-metrics/facts.h"

namespace millrace::topologies {

absl::StatusOr<schemas::PostMetrics> GetPostMetrics(Engine* engine, const schemas::PostHour& hour) {
  MR_ASSIGN_OR_RETURN(auto hours,
                      (ReaderOf<metrics::HourOfPost, metrics::Counts>(engine, "hours")));
  MR_ASSIGN_OR_RETURN(const auto row, hours.Get({.hour = hour.hour, .post = hour.post}));
  schemas::PostMetrics found{.post = hour.post, .hour = hour.hour};
  if (!row.has_value()) return found;
  found.likes = row->value.likes;
  found.comments = row->value.comments;
  found.shares = row->value.shares;
  found.impressions = row->value.impressions;
  return found;
}

absl::StatusOr<schemas::PostEngagement> GetPostEngagement(Engine* engine, int64_t post) {
  MR_ASSIGN_OR_RETURN(auto totals, (ReaderOf<int64_t, metrics::Totals>(engine, "totals")));
  MR_ASSIGN_OR_RETURN(const auto row, totals.Get(post));
  schemas::PostEngagement found{.post = post};
  if (!row.has_value()) return found;
  found.likes = row->value.likes;
  found.comments = row->value.comments;
  found.shares = row->value.shares;
  found.impressions = row->value.impressions;
  found.e = std::bit_cast<double>(row->value.told_e_bits);
  return found;
}

}  // namespace millrace::topologies
