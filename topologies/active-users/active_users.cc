#include "topologies/active-users/active_users.h"

#include <chrono>
#include <string>
#include <utility>

#include "millrace/copartition.h"
#include "millrace/topology_builder.h"
#include "schemas/topics.h"
#include "topologies/active-users/active_counts.h"
#include "topologies/active-users/deeds.h"
#include "topologies/active-users/whole_list.h"

namespace millrace::topologies {
namespace {

// Who went away must leave the list, also when nobody is left to move the time.
constexpr Duration kIdle = std::chrono::seconds(30);

void AddStores(TopologyBuilder* flow) {
  flow->AddStore(Store<active::UserMinute, int32_t>("minutes"));
  flow->AddStore(Store<active::DeedMinute, Nothing>("deeds"));
  flow->AddStore(ErasedUsers::Declare("erased-users"));
  flow->AddStore(Store<int32_t, schemas::UserList>("parts"));
  flow->AddStore(Store<std::string, schemas::UserList>("told"));
}

}  // namespace

absl::StatusOr<Topology> BuildActiveUsers() {
  TopologyBuilder flow("active-users", {.advance_when_idle = kIdle});
  AddStores(&flow);
  const auto deeds =
      flow.From(topics::kEvents)
          .Process<active::EventDeeds>("event-deeds")
          .Merge(flow.From(topics::kFeedReads).Process<active::ReadDeeds>("read-deeds"))
          .Repartition("by-user");
  const auto erased = flow.From(topics::kUserErased);
  CoPartition(deeds, erased, "who is erased is taken out of the counts of their partition");
  erased.Process<active::EraseCounts>("erase-counts", {"minutes", "erased-users"})
      .To(topics::kErasureDone);
  deeds.Process<active::ActiveCounts>("active-counts", {"minutes", "deeds", "erased-users"})
      .Repartition("parts-of-list", {.partitions = 1})
      .Process<active::WholeList>("whole-list", {"parts", "told"})
      .To(topics::kActiveUsers);
  return std::move(flow).Build();
}

}  // namespace millrace::topologies
