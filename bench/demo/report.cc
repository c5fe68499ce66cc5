#include "bench/demo/report.h"

#include <algorithm>
#include <functional>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "millrace/status.h"
#include "schemas/topics.h"

namespace millrace::demo {
namespace {

constexpr size_t kFetchBytes = 4 << 20;

std::string Text(Timestamp time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixMillis(ToMillis(time)),
                          absl::UTCTimeZone());
}

// Calls `visit` for every record of the topic, partition by partition.
absl::Status ForEachRecord(Log* log, const std::string& topic,
                           const std::function<absl::Status(const RecordView&)>& visit) {
  MR_ASSIGN_OR_RETURN(TopicDescription description, log->DescribeTopic(topic));
  MR_ASSIGN_OR_RETURN(std::unique_ptr<LogReader> reader, log->NewReader());
  for (size_t p = 0; p < description.partitions.size(); ++p) {
    const TopicPartition partition{topic, PartitionId(static_cast<int32_t>(p))};
    MR_RETURN_IF_ERROR(reader->Assign(partition, description.partitions[p].begin));
    while (true) {
      MR_ASSIGN_OR_RETURN(RecordBatch batch, reader->Fetch(partition, kFetchBytes));
      if (batch.empty()) break;
      for (const RecordView& record : batch.records) MR_RETURN_IF_ERROR(visit(record));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> HotPostsTable(Log* log, int rows) {
  schemas::HotBoard newest;
  MR_RETURN_IF_ERROR(ForEachRecord(log, topics::kHotPosts.name(), [&](const RecordView& record) {
    if (!record.value.has_value()) return absl::OkStatus();
    schemas::HotBoard board;
    MR_RETURN_IF_ERROR(Serde<schemas::HotBoard>::Decode(*record.value, &board));
    if (board.time >= newest.time) newest = std::move(board);
    return absl::OkStatus();
  }));
  if (newest.posts.empty()) return std::string("No board of hot posts yet.\n");
  std::string out = absl::StrCat("Hot posts at ", Text(newest.time), " (", newest.posts.size(),
                                 " on the board)\n");
  absl::StrAppendFormat(&out, "  %4s  %16s  %8s  %6s  %8s\n", "rank", "post", "score", "likes",
                        "comments");
  for (size_t i = 0; i < newest.posts.size() && i < static_cast<size_t>(rows); ++i) {
    const schemas::HotPost& post = newest.posts[i];
    absl::StrAppendFormat(&out, "  %4d  %16d  %8.4f  %6d  %8d\n", i + 1, post.post, post.score,
                          post.likes, post.comments);
  }
  return out;
}

absl::StatusOr<std::string> OneFeed(Log* log, int rows) {
  const std::string& topic = topics::kFeedEntries.name();
  // The user of the newest entry by event time...
  int64_t user = 0;
  Timestamp newest = kNoTimestamp;
  MR_RETURN_IF_ERROR(ForEachRecord(log, topic, [&](const RecordView& record) {
    if (!record.value.has_value() || record.timestamp <= newest) return absl::OkStatus();
    schemas::FeedKey key;
    MR_RETURN_IF_ERROR(Serde<schemas::FeedKey>::Decode(*record.key, &key));
    newest = record.timestamp;
    user = key.user;
    return absl::OkStatus();
  }));
  if (newest == kNoTimestamp) return std::string("No feed has an entry yet.\n");

  // ...and what is left in that feed when all entries and removals are taken together.
  std::map<int64_t, schemas::FeedEntry> feed;
  const std::string prefix = absl::StrCat("{\"user_id\":", user, ",");
  MR_RETURN_IF_ERROR(ForEachRecord(log, topic, [&](const RecordView& record) {
    if (!record.key.has_value() || !record.key->starts_with(prefix)) return absl::OkStatus();
    schemas::FeedKey key;
    MR_RETURN_IF_ERROR(Serde<schemas::FeedKey>::Decode(*record.key, &key));
    if (!record.value.has_value()) {
      feed.erase(key.post);
      return absl::OkStatus();
    }
    return Serde<schemas::FeedEntry>::Decode(*record.value, &feed[key.post]);
  }));
  std::vector<schemas::FeedEntry> entries;
  for (const auto& [post, entry] : feed) entries.push_back(entry);
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return std::pair(b.created_at, a.post) < std::pair(a.created_at, b.post);
  });
  std::string out =
      absl::StrCat("Feed of user ", user, " (", entries.size(), " posts, newest first)\n");
  absl::StrAppendFormat(&out, "  %16s  %16s  %s\n", "post", "author", "created");
  for (size_t i = 0; i < entries.size() && i < static_cast<size_t>(rows); ++i) {
    absl::StrAppendFormat(&out, "  %16d  %16d  %s\n", entries[i].post, entries[i].author,
                          Text(entries[i].created_at));
  }
  return out;
}

}  // namespace millrace::demo
