#include "topologies/feed-fan-out/queries.h"

#include <algorithm>
#include <limits>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "millrace/status.h"
#include "millrace/store_reader.h"
#include "topologies/feed-fan-out/author_rows.h"
#include "topologies/feed-fan-out/timeline.h"
#include "topologies/feed-fan-out/user_rows.h"

namespace millrace::topologies::feed {
namespace {

using schemas::FeedEntry;
using schemas::FeedSource;
using schemas::UserId;

constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
constexpr int64_t kGreatest = std::numeric_limits<int64_t>::max();

absl::Status CheckRequest(UserId user, size_t limit, size_t limit_max) {
  if (user.value < 1) return absl::InvalidArgumentError("a user's id is at least 1");
  if (limit < 1 || limit > limit_max) {
    return absl::InvalidArgumentError("limit must be 1 to " + std::to_string(limit_max));
  }
  return absl::OkStatus();
}

PostAt At(const FeedEntry& entry) { return {entry.created_at, entry.post}; }

// Calls `visit` with the rows of the user that belong to the feed, newest first; false: enough.
absl::Status ReadWritten(Engine* engine, int64_t user, std::optional<PostAt> after,
                         const std::function<bool(FeedEntry)>& visit) {
  MR_ASSIGN_OR_RETURN(const auto all_bounds,
                      (ReaderOf<int64_t, FeedBounds>(engine, "feed-bounds")));
  MR_ASSIGN_OR_RETURN(const auto rows, (ReaderOf<FeedPosition, FeedRow>(engine, "feeds")));
  MR_ASSIGN_OR_RETURN(const auto bounds, all_bounds.Get(user));
  if (!bounds.has_value()) return absl::OkStatus();
  FeedPosition from{user, Timestamp::max(), kGreatest, kLeast};
  FeedPosition to{user, Timestamp::min(), kLeast, kGreatest};
  if (after.has_value()) from = {user, after->created_at, after->post, kGreatest};
  const FeedBounds& in = bounds->value;
  if (in.rows > kFeedRows) to = {user, in.last_created_at, in.last_post, in.last_author};
  return rows.Read({.from = from, .to = to}, [&](const auto& row) {
    FeedEntry entry{.user = user,
                    .post = row.key.post,
                    .author = row.key.author,
                    .created_at = row.key.created_at,
                    .source = row.value.source,
                    .is_read = row.value.read_at != kNoTimestamp};
    if (entry.is_read) entry.read_at = row.value.read_at;
    return visit(std::move(entry));
  });
}

struct Pulled {
  int64_t author = 0;
  Timestamp followed_at;
};

// The authors whom the user follows and whose posts, or some of them, are not written to feeds.
absl::StatusOr<std::vector<Pulled>> PulledAuthorsOf(Engine* engine, int64_t user) {
  MR_ASSIGN_OR_RETURN(const auto pulled, (ReaderOf<int64_t, PulledAuthor>(engine, "pulled")));
  MR_ASSIGN_OR_RETURN(const auto following,
                      (ReaderOf<FollowerAuthor, FollowedAt>(engine, "following")));
  absl::flat_hash_set<int64_t> all;
  MR_RETURN_IF_ERROR(pulled.Read({}, [&all](const auto& row) {
    all.insert(row.key);
    return true;
  }));
  std::vector<Pulled> found;
  if (all.empty()) return found;
  MR_RETURN_IF_ERROR(
      following.Read({.from = FollowerAuthor{user, kLeast}, .to = FollowerAuthor{user, kGreatest}},
                     [&](const auto& row) {
                       if (all.contains(row.key.author))
                         found.push_back({row.key.author, row.value.created_at});
                       return true;
                     }));
  return found;
}

using ReadTimes = absl::flat_hash_map<int64_t, Timestamp>;  // by post

absl::StatusOr<ReadTimes> ReadTimesOf(Engine* engine, int64_t user) {
  MR_ASSIGN_OR_RETURN(const auto marks, (ReaderOf<ReadPost, ReadAt>(engine, "read-marks")));
  ReadTimes times;
  MR_RETURN_IF_ERROR(marks.Read({.from = ReadPost{user, kLeast}, .to = ReadPost{user, kGreatest}},
                                [&times](const auto& row) {
                                  times[row.key.post] = row.value.read_at;
                                  return true;
                                }));
  return times;
}

// Adds the author's posts that are for the user.
absl::Status AddTimeline(Engine* engine, int64_t user, const Pulled& pulled,
                         const ReadTimes& read_times, std::vector<FeedEntry>* out) {
  MR_ASSIGN_OR_RETURN(const auto timeline, (ReaderOf<AuthorPost, TimelineRow>(engine, "timeline")));
  PostsFor wanted(pulled.followed_at, std::nullopt, kFeedRows);
  std::vector<PostRef> posts;
  const PostAt start = wanted.start();
  MR_RETURN_IF_ERROR(
      timeline.Read({.from = AuthorPost{pulled.author, start.created_at, start.post},
                     .to = AuthorPost{pulled.author, Timestamp::min(), kLeast}},
                    [&](const auto& row) { return wanted.See(row.key.at(), &posts); }));
  for (const PostRef& post : posts) {
    out->push_back({.user = user,
                    .post = post.post,
                    .author = pulled.author,
                    .created_at = post.created_at,
                    .source = FeedSource::kPull});
    const auto read_at = read_times.find(post.post);
    if (read_at == read_times.end()) continue;
    out->back().is_read = true;
    out->back().read_at = read_at->second;
  }
  return absl::OkStatus();
}

// Newest first, each post once; of a post that was also pulled, the written row.
void PutInOrder(std::vector<FeedEntry>* entries) {
  std::stable_sort(entries->begin(), entries->end(),
                   [](const FeedEntry& a, const FeedEntry& b) { return At(a) > At(b); });
  absl::flat_hash_set<int64_t> seen;
  std::erase_if(*entries, [&seen](const FeedEntry& e) { return !seen.insert(e.post).second; });
  if (entries->size() > kFeedRows) entries->resize(kFeedRows);
}

absl::StatusOr<FeedPage> WrittenPage(Engine* engine, int64_t user, const FeedRequest& request) {
  FeedPage page;
  absl::flat_hash_set<int64_t> seen;
  size_t skip = request.offset;
  MR_RETURN_IF_ERROR(ReadWritten(engine, user, request.after, [&](FeedEntry entry) {
    if (request.after.has_value() && At(entry) >= *request.after) return true;
    if (!seen.insert(entry.post).second) return true;
    if (skip > 0) return --skip, true;
    if (page.entries.size() == request.limit) {
      page.next = At(page.entries.back());
      return false;
    }
    page.entries.push_back(std::move(entry));
    return true;
  }));
  return page;
}

FeedPage PageOf(std::vector<FeedEntry> entries, const FeedRequest& request) {
  const auto is_before = [&](const FeedEntry& entry) {
    return request.after.has_value() && At(entry) >= *request.after;
  };
  const auto first = std::find_if_not(entries.begin(), entries.end(), is_before);
  const size_t begin =
      std::min(entries.size(), static_cast<size_t>(first - entries.begin()) + request.offset);
  const size_t end = std::min(entries.size(), begin + request.limit);
  FeedPage page;
  page.entries.assign(entries.begin() + static_cast<ptrdiff_t>(begin),
                      entries.begin() + static_cast<ptrdiff_t>(end));
  if (end < entries.size() && !page.entries.empty()) page.next = At(page.entries.back());
  return page;
}

}  // namespace

absl::StatusOr<FollowersPage> GetFollowers(Engine* engine, UserId user,
                                           const FollowersRequest& request) {
  MR_RETURN_IF_ERROR(CheckRequest(user, request.limit, kFollowersPageMax));
  MR_ASSIGN_OR_RETURN(const auto reader,
                      (ReaderOf<AuthorFollower, FollowedAt>(engine, "followers")));
  const int64_t first = request.after.has_value() ? *request.after : kLeast;
  // Every task has its part of them in order; no more than a page of each is needed.
  std::vector<Follower> found;
  int64_t last_partition = -1;
  absl::Status status = absl::UnavailableError("the engine runs no task");
  for (const TaskStatus& task : engine->tasks()) {
    last_partition = std::max<int64_t>(last_partition, task.task.partition.value());
  }
  for (int32_t partition = 0; partition <= last_partition; ++partition) {
    size_t left = request.limit + 1;
    const absl::Status read =
        reader.Read({.from = AuthorFollower{user.value, first},
                     .to = AuthorFollower{user.value, kGreatest},
                     .partition = PartitionId(partition)},
                    [&](const auto& row) {
                      if (row.key.follower == first) return true;
                      found.push_back({row.key.follower, row.value.created_at});
                      return --left > 0;
                    });
    // Other parts of the topology may have more tasks.
    if (!read.ok() && !absl::IsUnavailable(read)) return read;
    if (read.ok()) status = read;
  }
  MR_RETURN_IF_ERROR(status);
  std::sort(found.begin(), found.end(),
            [](const Follower& a, const Follower& b) { return a.user < b.user; });
  FollowersPage page;
  if (found.size() > request.limit) page.next = found[request.limit - 1].user;
  found.resize(std::min(found.size(), request.limit));
  page.followers = std::move(found);
  return page;
}

absl::StatusOr<FeedPage> GetFeed(Engine* engine, UserId user, const FeedRequest& request) {
  MR_RETURN_IF_ERROR(CheckRequest(user, request.limit, kFeedRows));
  MR_ASSIGN_OR_RETURN(const std::vector<Pulled> pulled, PulledAuthorsOf(engine, user.value));
  if (pulled.empty()) return WrittenPage(engine, user.value, request);
  std::vector<FeedEntry> entries;
  MR_RETURN_IF_ERROR(ReadWritten(engine, user.value, std::nullopt, [&entries](FeedEntry entry) {
    entries.push_back(std::move(entry));
    return true;
  }));
  MR_ASSIGN_OR_RETURN(const ReadTimes read_times, ReadTimesOf(engine, user.value));
  for (const Pulled& author : pulled) {
    MR_RETURN_IF_ERROR(AddTimeline(engine, user.value, author, read_times, &entries));
  }
  PutInOrder(&entries);
  return PageOf(std::move(entries), request);
}

}  // namespace millrace::topologies::feed
