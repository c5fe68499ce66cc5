#include "topologies/feed-fan-out/feeds.h"

namespace millrace::topologies {

using schemas::FeedEntry;
using schemas::FeedKey;

void Feeds::Init(Context& context) { feeds_ = context.Store<FeedPosition, FeedEntry>("feeds"); }

void Feeds::Process(const Record<int64_t, FeedChange>& record, Context& context) {
  const int64_t user = *record.key;
  const FeedChange& change = *record.value;
  const FeedPosition position{
      .user = user, .created_at = change.created_at, .post = change.post, .author = change.author};
  const FeedKey key{.user = user, .post = change.post};
  if (!change.enters) return Remove(position, key, record.timestamp, context);
  const FeedEntry entry{
      .user = user, .post = change.post, .author = change.author, .created_at = change.created_at};
  feeds_.Put(position, entry, record.timestamp);
  context.Forward({.key = &key, .value = &entry, .timestamp = record.timestamp});
}

void Feeds::Remove(const FeedPosition& position, const FeedKey& key, Timestamp now,
                   Context& context) {
  feeds_.Delete(position);
  // On account of another author the post may be in the feed all the same (FeedPosition::author).
  prefix_.clear();
  FieldSerde<FeedPosition>::EncodePrefix<3>(position, &prefix_);
  const auto other = feeds_.Prefix(prefix_);
  const FeedEntry* entry = other.Valid() ? &other.value() : nullptr;
  context.Forward({.key = &key, .value = entry, .timestamp = now});
}

}  // namespace millrace::topologies
