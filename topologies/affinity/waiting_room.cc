#include "topologies/affinity/waiting_room.h"

#include <algorithm>

namespace millrace::topologies::affinity {

void WaitingRoom::Open(KeyValueStore<int64_t, Waiting> rows) {
  rows_ = rows;
  for (auto row = rows_.All(); row.Valid(); row.Next()) {
    numbers_[row.key()] = row.value().post;
    by_post_[row.value().post].push_back(row.key());
  }
}

void WaitingRoom::Enter(const Waiting& waiting, Timestamp timestamp, const Headers& headers) {
  const int64_t number = numbers_.empty() ? 0 : numbers_.rbegin()->first + 1;
  rows_.Put(number, waiting, timestamp, headers);
  numbers_[number] = waiting.post;
  by_post_[waiting.post].push_back(number);
}

std::vector<WaitingRoom::Guest> WaitingRoom::LeaveFor(int64_t post) {
  std::vector<Guest> guests;
  const auto found = by_post_.find(post);
  if (found == by_post_.end()) return guests;
  const std::vector<int64_t> numbers = found->second;
  for (const int64_t number : numbers) {
    if (auto guest = Leave(number)) guests.push_back(std::move(*guest));
  }
  return guests;
}

std::optional<WaitingRoom::Guest> WaitingRoom::LeaveIfSince(Timestamp since) {
  if (numbers_.empty()) return std::nullopt;
  const int64_t first = numbers_.begin()->first;
  const auto row = rows_.Get(first);
  if (row && row->since > since) return std::nullopt;
  return Leave(first);
}

int64_t WaitingRoom::Forget(int64_t user) {
  std::vector<int64_t> numbers;
  for (auto row = rows_.All(); row.Valid(); row.Next()) {
    if (row.value().user == user) numbers.push_back(row.key());
  }
  for (const int64_t number : numbers) Leave(number);
  return static_cast<int64_t>(numbers.size());
}

std::optional<WaitingRoom::Guest> WaitingRoom::Leave(int64_t number) {
  const auto row = rows_.Get(number);
  if (!row) return std::nullopt;
  Guest guest{.waiting = *row, .timestamp = row.timestamp};
  guest.headers = rows_.HeadersOf(number);
  rows_.Delete(number);
  numbers_.erase(number);
  const auto of_post = by_post_.find(guest.waiting.post);
  std::erase(of_post->second, number);
  if (of_post->second.empty()) by_post_.erase(of_post);
  return guest;
}

}  // namespace millrace::topologies::affinity
