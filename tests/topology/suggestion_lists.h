// The suggestions topology on a driver, fed with affinities and follows, and the lists it writes.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "millrace/topology_driver.h"
#include "tests/topology/normal_topics.h"
#include "topologies/suggestions/suggestions.h"

namespace millrace::topologies {

inline schemas::Affinity AffinityRow(int64_t user, int64_t author, int64_t count, Timestamp at) {
  return {.user = user, .author = author, .interactions = count, .last_at = at};
}

class SuggestionLists {
 protected:
  static constexpr Timestamp kNoon = TimestampFromMillis(1'767'268'800'000);

  explicit SuggestionLists(int partitions) : partitions_(partitions) {}

  // Without a count: a tombstone.
  void SetAffinity(int64_t user, int64_t author, int64_t count, Timestamp at) {
    std::string key, value;
    Serde<schemas::AffinityKey>::Encode({user, author}, &key);
    std::optional<std::string_view> view;
    if (count != 0) {
      Serde<schemas::Affinity>::Encode(AffinityRow(user, author, count, at), &value);
      view = value;
    }
    driver_.PipeBytes(topics::kAffinity.name(), key, view, at, Headers::Empty(),
                      PartitionOf(schemas::UserId{user}, partitions_));
  }
  void AddFollow(int64_t user, int64_t author, Timestamp at) {
    db_.Put(schemas::Follow{user, author, at}, at);
  }
  void Unfollow(int64_t user, int64_t author, Timestamp at) {
    db_.Remove(schemas::FollowKey{user, author}, at);
  }
  void Wait(Duration span, Duration step = std::chrono::seconds(30)) {
    for (; span > Duration(0); span -= step) driver_.AdvanceWallClock(step);
  }
  // The user's list, as a reader of suggested.users.v1 has it.
  std::vector<int64_t> ListOf(int64_t user) {
    std::vector<int64_t> users;
    for (const schemas::ListedUser& listed : EntriesOf(user)) users.push_back(listed.user);
    return users;
  }
  std::vector<schemas::ListedUser> EntriesOf(int64_t user) {
    for (const auto& record : driver_.Drain(topics::kSuggestedUsers)) {
      ++written_;
      if (record.value.has_value()) {
        lists_[record.key->value] = *record.value;
      } else {
        lists_.erase(record.key->value);
      }
    }
    const auto list = lists_.find(user);
    return list == lists_.end() ? std::vector<schemas::ListedUser>() : list->second.users;
  }

  const int partitions_;
  TopologyDriver driver_{BuildSuggestions().value(), {.partitions = partitions_, .start = kNoon}};
  NormalDatabase db_{&driver_};
  std::map<int64_t, schemas::UserList> lists_;
  int written_ = 0;
};

}  // namespace millrace::topologies
