#include "topologies/common/normalise/normalise.h"

#include <string>
#include <vector>

#include "millrace/copartition.h"
#include "schemas/topics.h"
#include "topologies/common/erased_users.h"
#include "topologies/common/normalise/erase_rows.h"
#include "topologies/common/normalise/normalise_rows.h"

namespace millrace::topologies {
namespace {

using debezium::Change;
using schemas::ErasureDone;
using schemas::UserErased;
using schemas::UserId;

std::vector<PartitionId> ToEveryTask(const UserErased&, int32_t partitions) {
  return AllPartitions(partitions);
}

template <class Row>
void AddStores(const RowStoreNames& names, TopologyBuilder* flow) {
  using Id = typename TableOf<Row>::Id;
  flow->AddStore(Store<Id, StoredRow<Row>>(names.rows));
  flow->AddStore(Store<OfUser<Id>, Present>(names.of_user));
  flow->AddStore(Store<GoneRow<Id>, Present>(names.gone));
  flow->AddStore(StoreOf<ErasedHashes>(names.erased));
}

template <class Row>
auto Normalise(const Topic<typename TableOf<Row>::Key, Change<Row>>& topic, TopologyBuilder* flow) {
  using OutKey = typename TableOf<Row>::OutKey;
  const std::string table(TableOf<Row>::kName);
  const RowStoreNames names(table);
  AddStores<Row>(names, flow);

  const auto changes = flow->From(topic);
  const auto requests = flow->From(topics::kUserErased)
                            .Repartition(table + "-erasures", {.partitioner = ToEveryTask});
  CoPartition(changes, requests, "erasures reach the rows of " + topic.name());

  const auto rows = changes.template Process<NormaliseRows<Row>>("normal-" + table, names.All());
  const auto erased = requests.template Process<EraseRows<Row>>("erase-" + table, names.All());
  erased
      .FlatMap([](const Erasure<Row>& erasure, Emit<UserId, ErasureDone>& emit) {
        if (erasure.done.has_value()) emit({erasure.done->user}, *erasure.done);
      })
      .To(topics::kErasureDone);
  const auto gone = erased.FlatMap(
      [](const OutKey* key, const Erasure<Row>& erasure, Emit<OutKey, Change<Row>>& emit) {
        if (key != nullptr) emit(*key, erasure.change);
      });
  return rows.Merge(gone);
}

}  // namespace

Stream<schemas::PostId, Change<schemas::Post>> NormalPosts(TopologyBuilder* flow) {
  return Normalise<schemas::Post>(topics::kPosts, flow);
}
Stream<UserId, Change<schemas::Follow>> NormalFollows(TopologyBuilder* flow) {
  return Normalise<schemas::Follow>(topics::kFollows, flow);
}
Stream<schemas::PostId, Change<schemas::Like>> NormalLikes(TopologyBuilder* flow) {
  return Normalise<schemas::Like>(topics::kLikes, flow);
}
Stream<schemas::PostId, Change<schemas::Comment>> NormalComments(TopologyBuilder* flow) {
  return Normalise<schemas::Comment>(topics::kComments, flow);
}

}  // namespace millrace::topologies
