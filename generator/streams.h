// The streams of random numbers. Numbers are for ever: another order would be another network.
#pragma once

#include <cstdint>

namespace millrace::gen {

enum Stream : uint64_t {
  kChangeStream = 1,
  kCommentStream = 4,
  kSnapshotPostStream = 5,
  kFollowTimeStream = 6,
  kBodyStream = 7,
  kSnapshotCommentStream = 8,
  kSnapshotLikeStream = 9,
  kCodaStream = 10,
  kEventStream = 11,
  kOutboxStream = 12,
  kFaultStream = 13,
  kFollowListStream = 21,
  kCelebrityStream = 22,
  kBurstStream = 31,
};

}  // namespace millrace::gen
