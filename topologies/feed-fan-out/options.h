// What of feed-fan-out depends on how large an author is.
#pragma once

#include <chrono>
#include <cstdint>

#include "millrace/time.h"

namespace millrace::topologies {

struct FeedFanOutOptions {
  // An author with more followers is pulled: posts are not written to feeds but found at reading.
  int64_t pull_above = 10'000;
  // With fewer than these, such an author's posts are written again.
  int64_t push_below = 8'000;
  // With more followers in a partition, a post is a job there, which is advanced by so many of them
  // at a time.
  int32_t slice = 256;
  // How often jobs are advanced.
  Duration slice_every = std::chrono::milliseconds(5);
};

}  // namespace millrace::topologies
