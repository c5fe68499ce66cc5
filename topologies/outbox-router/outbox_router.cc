#include "topologies/outbox-router/outbox_router.h"

#include <chrono>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "millrace/copartition.h"
#include "millrace/topology_builder.h"
#include "schemas/topics.h"
#include "topologies/outbox-router/read_outbox.h"

namespace millrace::topologies {
namespace {

using schemas::PostCreated;
using schemas::PostId;
using schemas::PostUpdated;
using schemas::UserFollowed;
using schemas::UserId;

void TellPostCreated(const Announcement& what, Emit<PostId, PostCreated>& emit) {
  if (const auto* event = std::get_if<PostCreated>(&what.event)) emit({event->post}, *event);
}
void TellPostUpdated(const Announcement& what, Emit<PostId, PostUpdated>& emit) {
  if (const auto* event = std::get_if<PostUpdated>(&what.event)) emit({event->post}, *event);
}
void TellUserFollowed(const Announcement& what, Emit<UserId, UserFollowed>& emit) {
  if (const auto* event = std::get_if<UserFollowed>(&what.event)) emit({event->followee}, *event);
}

std::vector<PartitionId> ToEveryTask(const schemas::UserErased&, int32_t partitions) {
  return AllPartitions(partitions);
}

}  // namespace

absl::StatusOr<Topology> BuildOutboxRouter() {
  TopologyBuilder flow("outbox-router");
  flow.AddStore(WindowedStore<std::string, int32_t>(
      ReadOutbox::kStore,
      {.window_size = std::chrono::milliseconds(1), .retention = ReadOutbox::kRemembered}));
  flow.AddStore(ErasedUsers::Declare(ReadOutbox::kErased));
  const auto rows = flow.From(topics::kOutbox);
  const auto erased =
      flow.From(topics::kUserErased).Repartition("erasures", {.partitioner = ToEveryTask});
  CoPartition(rows, erased, "who is erased is told to every task");
  erased.Process<RememberErased>("remember-erased", {ReadOutbox::kErased});
  const auto announced =
      rows.ProcessValues<ReadOutbox>("read-outbox", {ReadOutbox::kStore, ReadOutbox::kErased});
  announced.FlatMap(TellPostCreated).To(topics::kPostCreated);
  announced.FlatMap(TellPostUpdated).To(topics::kPostUpdated);
  announced.FlatMap(TellUserFollowed).To(topics::kUserFollowed);
  return std::move(flow).Build();
}

}  // namespace millrace::topologies
