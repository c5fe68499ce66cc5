// post-metrics: likes, comments, shares and impressions of every post, by clock hour and as the one
// number that rankings use. Rules, picture and tables are in the README.
#pragma once

#include "absl/status/statusor.h"
#include "millrace/topology.h"
#include "topologies/common/ranking/score.h"

namespace millrace::topologies {

struct PostMetricsOptions {
  EngagementProfile profile = EngagementProfile::kRequirements;
  // How far the engagement of a post may be from what was told last. 0: every change is told at
  // once, exactly.
  double e_quantum = 0.05;
};

absl::StatusOr<Topology> BuildPostMetrics(const PostMetricsOptions& options = {});

}  // namespace millrace::topologies
