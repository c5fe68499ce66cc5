// Every topic of the product as a typed constant: what it is called, and what lies in it. A name
// ends in the version of its format; the topics of Debezium are called after their tables.
#pragma once

#include "connectors/debezium/change.h"
#include "millrace/topic.h"
#include "schemas/feed_entry.h"
#include "schemas/hot_board.h"
#include "schemas/social_rows.h"

namespace millrace::topics {

// Change topics of the database: one per table, keyed by the primary key. A deletion is followed
// by a tombstone: a record without a value.
inline const Topic<schemas::PostKey, debezium::Change<schemas::Post>> kPosts{"cdc.posts"};
inline const Topic<schemas::FollowKey, debezium::Change<schemas::Follow>> kFollows{"cdc.follows"};
inline const Topic<schemas::LikeKey, debezium::Change<schemas::Like>> kLikes{"cdc.likes"};
inline const Topic<schemas::CommentKey, debezium::Change<schemas::Comment>> kComments{
    "cdc.comments"};

// What users find in their feeds. Written by feed-fan-out.
inline const Topic<schemas::FeedKey, schemas::FeedEntry> kFeedEntries{"feed.entries.v1"};
// The posts of the hour. Written by hot-posts.
inline const Topic<schemas::HotBoardKey, schemas::HotBoard> kHotPosts{"hot.posts.v1"};

}  // namespace millrace::topics
