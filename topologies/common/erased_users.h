// ErasedUsers: which users were erased, for steps that must not count what arrives of them later.
//
//   flow.AddStore(ErasedUsers::Declare("erased-users"));
//   …  erased_.Open(context.Store<int64_t, int64_t>("erased-users"), context.application_id());
//
// It keeps no ids: a row's key is a hash of the id, salted with the name of the application. That
// a stranger is taken for an erased user (one chance in 2^64 per pair) is accepted. Task thread
// only; rows stay for ever, 16 bytes a user.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "millrace/ids.h"
#include "millrace/store.h"
#include "millrace/time.h"
#include "topologies/common/user_hash.h"

namespace millrace::topologies {

class ErasedUsers {
 public:
  using Rows = KeyValueStore<int64_t, int64_t>;  // hash -> when, in milliseconds

  static auto Declare(std::string name) { return Store<int64_t, int64_t>(std::move(name)); }

  void Open(Rows rows, std::string_view salt) {
    rows_ = rows;
    hash_ = UserHash(salt);
  }
  void Add(int64_t user, Timestamp at) { rows_.Put(hash_(user), ToMillis(at), at); }
  bool Contains(int64_t user) const { return static_cast<bool>(rows_.Get(hash_(user))); }

 private:
  Rows rows_;
  UserHash hash_;
};

// A copy of the record for every task: for the partitioner of Repartition().
inline std::vector<PartitionId> AllPartitions(int32_t partitions) {
  std::vector<PartitionId> all;
  for (int32_t partition = 0; partition < partitions; ++partition) all.emplace_back(partition);
  return all;
}

}  // namespace millrace::topologies
