#include "liked_by_followed.h"

namespace liked {
namespace {

using namespace millrace;
using debezium::Change;
using schemas::Follow, schemas::Like, schemas::PostId, schemas::UserId;

// By person: their followers and their likes. What is new on one side meets all of the other.
struct MeetBoth : Processor<UserId, Deed, Reason, UserId> {
  void Init(Context& context) override {
    sides_[0] = context.Store<Pair, int64_t>("followers");
    sides_[1] = context.Store<Pair, int64_t>("likes");
  }
  void Process(const Record<UserId, Deed>& record, Context& context) override {
    const Deed& deed = *record.value;
    const bool is_like = deed.kind == Deed::Kind::kLike;
    const Pair row{record.key->value, deed.id};
    if (deed.stands) sides_[is_like].Put(row, 1, record.timestamp);
    if (!deed.stands) sides_[is_like].Delete(row);
    std::string person;
    topologies::FieldSerde<Pair>::EncodePrefix<1>(row, &person);
    for (auto it = sides_[!is_like].Prefix(person); it.Valid(); it.Next()) {
      const int64_t other = it.key().other;
      const Reason reason{is_like ? other : deed.id, is_like ? deed.id : other, row.one};
      const UserId* value = deed.stands ? record.key : nullptr;
      context.Forward({.key = &reason, .value = value, .timestamp = record.timestamp});
    }
  }
  KeyValueStore<Pair, int64_t> sides_[2];
};

}  // namespace

absl::StatusOr<Topology> BuildLikedByFollowed() {
  TopologyBuilder flow("liked-by-followed");
  flow.AddStore(Store<Pair, int64_t>("followers"));
  flow.AddStore(Store<Pair, int64_t>("likes"));
  const auto follows =
      flow.From(topics::kNormalFollows).Map([](const UserId&, const Change<Follow>& change) {
        const Follow& row = change.is_delete() ? *change.before : *change.after;
        return KeyValue(UserId{row.followee},
                        Deed{Deed::Kind::kFollower, change.is_upsert(), row.follower});
      });
  const auto likes =
      flow.From(topics::kNormalLikes).Map([](const PostId&, const Change<Like>& change) {
        const Like& row = change.is_delete() ? *change.before : *change.after;
        return KeyValue(UserId{row.user}, Deed{Deed::Kind::kLike, change.is_upsert(), row.post});
      });
  follows.Merge(likes)
      .Repartition("by-person")
      .Process<MeetBoth>("meet-both", {"followers", "likes"})
      .To(kReasons);
  return std::move(flow).Build();
}

}  // namespace liked
