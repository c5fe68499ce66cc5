#include "topologies/feed-cache/readers.h"

#include <algorithm>
#include <utility>

#include "topologies/feed-cache/page_cache.h"

namespace millrace::topologies::cache {
namespace {

using schemas::CacheEntry;
using schemas::UserId;

FeedPageRequest FirstPage(int64_t user) { return {.user = user, .limit = kWarmedLimit}; }

// What a reader would notice: which posts, under which labels, and what their scores are made of.
std::string ContentOf(const FeedPage& page) {
  std::string content;
  for (const FeedItem& item : page.items) {
    Serde<int64_t>::Encode(item.post, &content);
    content.push_back(static_cast<char>(item.label));
    Serde<int64_t>::Encode(item.engagement, &content);
    Serde<int64_t>::Encode(item.affinity, &content);
  }
  return content;
}

}  // namespace

void StoreView::MarkChanged(int64_t user, Timestamp at) {
  FeedVersion version;
  if (const auto row = versions.Get(user)) version = *row;
  if (version.has_news) return;
  version.has_news = true;
  versions.Put(user, version, at);
  dirty.Put(user, {}, at);
}

void StoreView::Entries(int64_t user,
                        const std::function<bool(const Entry&, int64_t)>& visit) const {
  for (auto row = entries.Prefix(KeyPrefix<1, Entry>({.user = user})); row.Valid(); row.Next()) {
    if (!visit(row.key(), row.value())) return;
  }
}

void StoreView::PulledAuthors(int64_t user, const std::function<void(int64_t)>& visit) const {
  std::vector<int64_t> pulled;
  for (auto row = celebrities.All(); row.Valid(); row.Next()) {
    if (follows.Get({.user = user, .author = row.key()})) pulled.push_back(row.key());
  }
  for (const int64_t author : pulled) visit(author);
}

void StoreView::Affinities(int64_t user, const std::function<void(int64_t, int64_t)>& visit) const {
  for (auto row = affinity.Prefix(KeyPrefix<1, UserAuthor>({.user = user})); row.Valid();
       row.Next()) {
    visit(row.key().author, row.value());
  }
}

std::optional<PostFact> StoreView::Post(int64_t post) const {
  const auto row = posts.Get({.index = PostIndex::kById, .id = post});
  if (!row) return std::nullopt;
  return *row;
}

void StoreView::PostsOf(int64_t author,
                        const std::function<bool(int64_t, const PostFact&)>& visit) const {
  const PostIndexKey key{.index = PostIndex::kByAuthor, .id = author};
  for (auto row = posts.Prefix(KeyPrefix<2>(key)); row.Valid(); row.Next()) {
    if (!visit(row.key().post, row.value())) return;
  }
}

void StoreView::HotPosts(const std::function<bool(int64_t)>& visit) const {
  const auto row = hot.Get(0);
  if (!row) return;
  const std::vector<schemas::HotPost> board = row->posts;
  for (const schemas::HotPost& post : board) {
    if (!visit(post.post)) return;
  }
}

Fixed StoreView::EngagementOf(int64_t post) const {
  const auto row = engagement.Get(post);
  return row ? *row : 0;
}

void Warmer::Init(Context& context) {
  view_.Open(context);
  active_ = context.Store<std::string, schemas::UserList>("active");
  pages_written_ = context.metrics()->counter("feed_pages_written_total");
  context.Schedule(kRound, {.type = PunctuationType::kWallClock},
                   [this, &context](Timestamp now) { Round(now, context); });
  context.Schedule(kVersionLives, {.type = PunctuationType::kWallClock},
                   [this](Timestamp now) { ForgetOldVersions(now); });
}

void Warmer::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  if (record.key == nullptr) context.Refuse("a feed entry of nobody", PoisonClass::kSchema);
  const EntryKey key{.user = record.key->user, .post = record.key->post};
  const auto known = view_.entry_times.Get(key);
  if (known) {
    const Timestamp created = TimestampFromMillis(*known);
    view_.entries.Delete({.user = key.user, .created_at = created, .post = key.post});
  }
  if (record.value != nullptr) {
    const schemas::FeedEntry& entry = *record.value;
    view_.entry_times.Put(key, ToMillis(entry.created_at), record.timestamp);
    view_.entries.Put({.user = key.user, .created_at = entry.created_at, .post = key.post},
                      entry.author, record.timestamp);
  } else {
    view_.entry_times.Delete(key);
  }
  view_.MarkChanged(key.user, record.timestamp);
}

void Warmer::Round(Timestamp now, Context& context) {
  std::vector<int64_t> changed;
  for (auto row = view_.dirty.All(); row.Valid(); row.Next()) changed.push_back(row.key());
  for (const int64_t user : changed) {
    view_.dirty.Delete(user);
    TellVersion(user, now, context);
  }
  std::vector<int64_t> mine;
  if (const auto active = active_.Get("1h")) {
    for (const schemas::ListedUser& listed : active->users) {
      const auto partition = PartitionOf(UserId{listed.user}, context.TaskCount());
      if (partition == context.task().partition) mine.push_back(listed.user);
    }
  }
  for (const int64_t user : mine) Warm(user, now, context);
  Cool(mine, now, context);
}

void Warmer::Warm(int64_t user, Timestamp now, Context& context) {
  const FeedPage page = *MakePage(view_, FirstPage(user), now);
  const Timestamp expires = std::min(now + kPageLives, page.valid_until);
  WrittenPage written{.content = ContentOf(page)};
  const auto before = view_.pages.Get(user);
  const bool had_page = static_cast<bool>(before);
  const bool changed = !had_page || before->content != written.content;
  // A page that would be gone before it is looked at the next time is written again as it is.
  if (!changed && before->page.expires > now + kRound) return;
  if (had_page && changed) TellVersion(user, now, context);
  written.page = {.written_at = now, .expires = expires, .json = PageJson(page)};
  if (const auto version = view_.versions.Get(user)) {
    written.page.version = version->told_at;
  }
  view_.pages.Put(user, written, now);
  pages_written_->Add();
  const CacheEntry entry{
      .written_at = now, .ttl_ms = (expires - now).count(), .value = std::move(written.page.json)};
  Send(*PageKey(FirstPage(user)), &entry, now, context);
}

void Warmer::Cool(const std::vector<int64_t>& active, Timestamp now, Context& context) {
  std::vector<int64_t> idle;
  for (auto row = view_.pages.All(); row.Valid(); row.Next()) {
    if (std::find(active.begin(), active.end(), row.key()) == active.end()) {
      idle.push_back(row.key());
    }
  }
  for (const int64_t user : idle) {
    view_.pages.Delete(user);
    Send(*PageKey(FirstPage(user)), nullptr, now, context);
  }
}

void Warmer::TellVersion(int64_t user, Timestamp now, Context& context) {
  view_.versions.Put(user, {.told_at = now}, now);
  const CacheEntry version{
      .written_at = now, .ttl_ms = kVersionLives.count(), .value = std::to_string(ToMillis(now))};
  Send("feed:ver:" + std::to_string(user), &version, now, context);
}

// No page lives so long that it would have to be compared with them.
void Warmer::ForgetOldVersions(Timestamp now) {
  std::vector<int64_t> old;
  for (auto row = view_.versions.All(); row.Valid(); row.Next()) {
    const FeedVersion& version = row.value();
    if (!version.has_news && version.told_at < now - kVersionLives) old.push_back(row.key());
  }
  for (const int64_t user : old) view_.versions.Delete(user);
}

void Warmer::Send(const std::string& key, const CacheEntry* entry, Timestamp now,
                  Context& context) {
  context.Forward({.key = &key, .value = entry, .timestamp = now});
}

void Tastes::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  if (record.key == nullptr) context.Refuse("an affinity of nobody", PoisonClass::kSchema);
  const int64_t interactions = record.value == nullptr ? 0 : record.value->interactions;
  if (interactions < 0) context.Refuse("less than no interactions", PoisonClass::kRange);
  const UserAuthor key{.user = record.key->user, .author = record.key->author};
  if (interactions == 0) {
    view_.affinity.Delete(key);
  } else {
    view_.affinity.Put(key, interactions, record.timestamp);
  }
  view_.MarkChanged(key.user, record.timestamp);
}

void Follows::Process(const Record<KeyIn, ValueIn>& record, Context&) {
  if (record.value == nullptr) return;
  const auto& change = *record.value;
  if (change.is_upsert()) {
    view_.follows.Put({.user = change.after->follower, .author = change.after->followee}, {},
                      record.timestamp);
  } else if (change.is_delete() && change.before.has_value()) {
    view_.follows.Delete({.user = change.before->follower, .author = change.before->followee});
  }
  if (record.key != nullptr) view_.MarkChanged(record.key->value, record.timestamp);
}

void Celebrities::Process(const Record<KeyIn, ValueIn>& record, Context&) {
  if (record.value->is) {
    view_.celebrities.Put(record.key->value, {}, record.timestamp);
  } else {
    view_.celebrities.Delete(record.key->value);
  }
}

void FollowerCounts::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  const int64_t author = record.key->value;
  FollowerCount count;
  if (const auto row = counts_.Get(author)) count = *row;
  const bool before = count.celebrity;
  count.followers += record.value->by;
  if (count.followers >= from_) count.celebrity = true;
  if (count.followers <= 0) count.celebrity = false;
  if (count.followers > 0) {
    counts_.Put(author, count, record.timestamp);
  } else {
    counts_.Delete(author);
  }
  if (count.celebrity == before) return;
  const Celebrity news{.is = count.celebrity};
  context.Forward(record.WithValue(&news));
}

}  // namespace millrace::topologies::cache
