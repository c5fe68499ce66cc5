// WaitingRoom: interactions with posts that nobody has told of yet, until they do.
//
// The rows are the interactions as they came; who waits for which post is kept in memory beside
// them, for there are few. A custom store: one object per task, task thread only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "millrace/custom_store.h"
#include "topologies/affinity/facts.h"

namespace millrace::topologies::affinity {

class WaitingRoom final : public CustomStore<int64_t, Waiting> {
 public:
  // Enough for a backlog in which the reactions come first.
  static constexpr size_t kSeats = 200'000;

  struct Guest {
    Waiting waiting;
    Timestamp timestamp;  // the record's
    Headers headers;
  };

  void Open(KeyValueStore<int64_t, Waiting> rows) override;

  bool IsFull() const { return numbers_.size() >= kSeats; }
  // REQUIRES: !IsFull().
  void Enter(const Waiting& waiting, Timestamp timestamp, const Headers& headers);
  // Those that wait for the post leave, in the order in which they came.
  std::vector<Guest> LeaveFor(int64_t post);
  // The one that came first leaves, if that was before `since`.
  std::optional<Guest> LeaveIfSince(Timestamp since);
  // Those of the user leave unseen. Says how many.
  int64_t Forget(int64_t user);

 private:
  std::optional<Guest> Leave(int64_t number);

  KeyValueStore<int64_t, Waiting> rows_;
  std::map<int64_t, int64_t> numbers_;  // number -> post, in the order of arrival
  absl::flat_hash_map<int64_t, std::vector<int64_t>> by_post_;
};

}  // namespace millrace::topologies::affinity
