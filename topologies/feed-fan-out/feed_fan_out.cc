#include "topologies/feed-fan-out/feed_fan_out.h"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "millrace/topology_builder.h"
#include "schemas/topics.h"
#include "topologies/common/normalise/erased_hashes.h"
#include "topologies/common/normalise/normalise.h"
#include "topologies/feed-fan-out/authors.h"
#include "topologies/feed-fan-out/client_commands.h"
#include "topologies/feed-fan-out/row_changes.h"
#include "topologies/feed-fan-out/users.h"

namespace millrace::topologies {
namespace {

using feed::AuthorNews;
using feed::UserCommand;
using feed::UserOutput;
using schemas::FeedEntry;
using schemas::FeedKey;
using schemas::NotificationRequest;
using schemas::UserId;

// What the last step asks of the first, and of itself.
const Topic<UserId, AuthorNews> kRequests{"fan-out.requests.v1"};

void AddStores(TopologyBuilder* flow) {
  flow->AddStore(Store<UserId, feed::Author>("authors"));
  flow->AddStore(Store<feed::AuthorPost, feed::TimelineRow>("timeline"));
  flow->AddStore(Store<feed::AuthorFollower, feed::FollowedAt>("followers"));
  flow->AddStore(Store<feed::FollowerAuthor, feed::FollowedAt>("following"));
  flow->AddStore(Store<int64_t, feed::PulledAuthor>("pulled"));
  flow->AddStore(Store<feed::FeedPosition, feed::FeedRow>("feeds"));
  flow->AddStore(Store<feed::FeedPost, feed::PostTime>("feed-posts"));
  flow->AddStore(Store<feed::ReadPost, feed::ReadAt>("read-marks"));
  flow->AddStore(Store<int64_t, feed::FeedBounds>("feed-bounds"));
  flow->AddStore(StoreOf<ErasedHashes>("feeds-erased"));
  flow->AddStore(Store<feed::JobKey, feed::Job>("jobs"));
  constexpr auto kDay = std::chrono::hours(24);
  flow->AddStore(WindowedStore<feed::DeadPost, feed::RemovedBy>(
      "dead", {.window_size = kDay, .retention = 7 * kDay}));
}

PartitionId PartitionOfEntry(const FeedKey& key, const FeedEntry*, int32_t partitions) {
  return schemas::PartitionOf(UserId{key.user}, partitions);
}

// By topic.
void Write(const Stream<FeedKey, UserOutput>& outputs) {
  using Kind = UserOutput::Kind;
  const auto [requests, notes, erasures, entries] =
      outputs.Split()
          .Branch([](const UserOutput& output) { return output.kind == Kind::kRequest; })
          .Branch([](const UserOutput& output) { return output.kind == Kind::kNotify; })
          .Branch([](const UserOutput& output) { return output.kind == Kind::kErased; })
          .Default();
  erasures
      .Map([](const UserOutput& output) {
        return KeyValue{UserId{output.erased.user}, output.erased};
      })
      .To(topics::kErasureDone);
  entries
      .MapValues([](const UserOutput& output) {
        return output.kind == Kind::kRemoved ? std::nullopt : std::optional(output.entry);
      })
      .To(topics::kFeedEntries, {.partitioner = PartitionOfEntry});
  notes
      .Map([](const UserOutput& output) {
        const FeedEntry& entry = output.entry;
        return KeyValue{UserId{entry.user}, NotificationRequest{.user = entry.user,
                                                                .actor = entry.author,
                                                                .subject = entry.post,
                                                                .created_at = entry.created_at}};
      })
      .To(topics::kNotificationRequests);
  requests
      .Map([](const UserOutput& output) {
        return KeyValue{UserId{output.entry.author}, output.news};
      })
      .To(kRequests);
}

}  // namespace

absl::StatusOr<Topology> BuildFeedFanOut() { return BuildFeedFanOutWith({}); }

absl::StatusOr<Topology> BuildFeedFanOutWith(FeedFanOutOptions options) {
  TopologyBuilder flow("feed-fan-out");
  AddStores(&flow);
  const auto requests = flow.From(kRequests).Filter([](const AuthorNews&) { return true; });
  const auto commands = feed::NewsOfPosts(NormalPosts(&flow))
                            .Merge(feed::NewsOfFollows(NormalFollows(&flow)))
                            .Merge(requests)
                            .Repartition("by-author")
                            .Process("authors", {"authors", "timeline"}, [options] {
                              return std::make_unique<feed::Authors>(options);
                            });
  const auto reads = flow.From(topics::kFeedReads).Process<feed::ReadCommands>("read-commands");
  const auto erasures =
      flow.From(topics::kUserErased).Process<feed::EraseCommands>("erase-commands");
  // One topic for all: users are then in as many partitions as there are tasks of `authors`.
  Write(commands.Merge(reads)
            .Merge(erasures)
            .Repartition("by-user", {.partitioner =
                                         [](const UserCommand& command, int32_t partitions) {
                                           return feed::PartitionOfCommand(command, partitions);
                                         }})
            .Process("users",
                     {"followers", "following", "pulled", "feeds", "feed-posts", "feed-bounds",
                      "read-marks", "jobs", "dead", "feeds-erased"},
                     [options] { return std::make_unique<feed::Users>(options); }));
  return std::move(flow).Build();
}

}  // namespace millrace::topologies
