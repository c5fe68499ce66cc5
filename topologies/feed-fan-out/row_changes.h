// First steps of feed-fan-out: changes of rows become news about authors.
#pragma once

#include "connectors/debezium/change.h"
#include "millrace/stream.h"
#include "schemas/ids.h"
#include "schemas/social_rows.h"
#include "topologies/feed-fan-out/author_rows.h"

namespace millrace::topologies::feed {

// Whole changes, each of them once, in the order of their rows. A private post is as good as gone;
// one that moves to another author, or in time, goes and comes.
Stream<schemas::UserId, AuthorNews> NewsOfPosts(
    const Stream<schemas::PostId, debezium::Change<schemas::Post>>& changes);
Stream<schemas::UserId, AuthorNews> NewsOfFollows(
    const Stream<schemas::UserId, debezium::Change<schemas::Follow>>& changes);

}  // namespace millrace::topologies::feed
