// What the last step of feed-fan-out passes on, until it is told apart by topic. Never on a log.
#pragma once

#include <cstdint>

#include "millrace/processor.h"
#include "schemas/feed_entry.h"
#include "schemas/user_events.h"
#include "topologies/feed-fan-out/author_rows.h"

namespace millrace::topologies::feed {

struct UserOutput {
  enum class Kind : uint8_t {
    kEntry,    // an entry comes into the feed, or has changed
    kRemoved,  // it leaves it
    kNotify,   // its user is to be told of it
    kRequest,  // `news` for `entry.author`
    kErased,   // `erased`
  };
  Kind kind = Kind::kEntry;
  schemas::FeedEntry entry;
  AuthorNews news;
  schemas::ErasureDone erased;
};

using UserContext = ProcessorContext<schemas::FeedKey, UserOutput>;

}  // namespace millrace::topologies::feed
