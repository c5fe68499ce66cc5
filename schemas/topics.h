// Every topic of the product as a typed constant: what it is called, and what lies in it. A name
// ends in the version of its format; the topics of Debezium are called after their tables.
#pragma once

#include <string>

#include "connectors/debezium/change.h"
#include "millrace/topic.h"
#include "schemas/affinity.h"
#include "schemas/cache_entry.h"
#include "schemas/client_event.h"
#include "schemas/engagement.h"
#include "schemas/feed_entry.h"
#include "schemas/hot_board.h"
#include "schemas/ids.h"
#include "schemas/notification_request.h"
#include "schemas/outbox.h"
#include "schemas/social_rows.h"
#include "schemas/user_events.h"
#include "schemas/user_feed_row.h"
#include "schemas/user_list.h"

namespace millrace::topics {

using schemas::PostId;
using schemas::UserId;

// -- In: change topics of the database: one per table, keyed by the primary key. A deletion is
// followed by a tombstone: a record without a value.
inline const Topic<schemas::PostKey, debezium::Change<schemas::Post>> kPosts{"cdc.posts"};
inline const Topic<schemas::FollowKey, debezium::Change<schemas::Follow>> kFollows{"cdc.follows"};
inline const Topic<schemas::LikeKey, debezium::Change<schemas::Like>> kLikes{"cdc.likes"};
inline const Topic<schemas::CommentKey, debezium::Change<schemas::Comment>> kComments{
    "cdc.comments"};
inline const Topic<std::string, debezium::Change<schemas::OutboxRow>> kOutbox{"outbox.events"};
// -- In: what clients and services say themselves.
inline const Topic<std::string, schemas::ClientEvent> kEvents{"events"};
inline const Topic<UserId, schemas::FeedRead> kFeedReads{"feed.read.v1"};
inline const Topic<UserId, schemas::UserErased> kUserErased{"user.erased.v1"};

// The changes of the tables, each of them once, in the order of its row's versions, and with whole
// rows on both sides: `before` of updates and deletions, no column that is "unchanged". The
// record's time is the event's. No tombstones. Written by cdc-normalise.
inline const Topic<PostId, debezium::Change<schemas::Post>> kNormalPosts{"posts.n"};
inline const Topic<UserId, debezium::Change<schemas::Follow>> kNormalFollows{"follows.n"};
inline const Topic<PostId, debezium::Change<schemas::Like>> kNormalLikes{"likes.n"};
inline const Topic<PostId, debezium::Change<schemas::Comment>> kNormalComments{"comments.n"};

// Announcements, each of them once. Written by outbox-router.
inline const Topic<PostId, schemas::PostCreated> kPostCreated{"post.created.v1"};
inline const Topic<PostId, schemas::PostUpdated> kPostUpdated{"post.updated.v1"};
inline const Topic<UserId, schemas::UserFollowed> kUserFollowed{"user.followed.v1"};

// What users find in their feeds. Written by feed-fan-out.
inline const Topic<schemas::FeedKey, schemas::FeedEntry> kFeedEntries{"feed.entries.v1"};
// Who is to be told of a new post. Written by feed-fan-out.
inline const Topic<UserId, schemas::NotificationRequest> kNotificationRequests{
    "notifications.requests.v1"};
// The posts of the last hour and of the last 24 hours. Written by hot-posts.
inline const Topic<schemas::HotBoardKey, schemas::HotBoard> kHotPosts{"hot.posts.v1"};
inline const Topic<schemas::HotBoardKey, schemas::HotBoard> kHotPostsOfDay{"hot.posts.24h.v1"};
// Written by post-metrics.
inline const Topic<schemas::PostHour, schemas::PostMetrics> kPostMetrics{"post.metrics.1h.v1"};
inline const Topic<PostId, schemas::LateReaction> kLateReactions{"post.metrics.late.v1"};
inline const Topic<PostId, schemas::PostEngagement> kPostEngagement{"post.e.v1"};
// Written by affinity.
inline const Topic<schemas::AffinityKey, schemas::Affinity> kAffinity{"affinity.v1"};
// Written by suggestions.
inline const Topic<UserId, schemas::UserList> kSuggestedUsers{"suggested.users.v1"};
// Written by active-users, under the key "1h".
inline const Topic<std::string, schemas::UserList> kActiveUsers{"active.users.v1"};
// Written by feed-rank.
inline const Topic<schemas::FeedKey, schemas::UserFeedRow> kUserFeeds{"user.feeds.v1"};
// Written by feed-cache, hot-posts and suggestions: a key-value sink.
inline const Topic<std::string, schemas::CacheEntry> kCache{"cache.v1"};
// Written by every topology that kept something about the user.
inline const Topic<UserId, schemas::ErasureDone> kErasureDone{"user.erasure.done.v1"};

}  // namespace millrace::topics
