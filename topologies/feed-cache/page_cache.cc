#include "topologies/feed-cache/page_cache.h"

#include "absl/strings/str_cat.h"
#include "connectors/debezium/json_writer.h"

namespace millrace::topologies {

std::optional<std::string> PageKey(const FeedPageRequest& request) {
  if (!request.cursor.empty() || request.order != FeedOrder::kScore) return std::nullopt;
  return absl::StrCat("feed:v1:", request.user, ":", request.offset, ":", request.limit);
}

std::string PageJson(const FeedPage& page) {
  std::string json;
  debezium::JsonWriter writer(&json);
  writer.Time("at", page.at);
  std::string* posts = writer.Raw("posts");
  posts->push_back('[');
  for (const FeedItem& item : page.items) {
    if (posts->back() != '[') posts->push_back(',');
    debezium::JsonWriter fields(posts);
    fields.Integer("post_id", item.post);
    fields.Integer("author_id", item.author);
    fields.Time("created_at", item.created_at);
    fields.Number("relevance_score", item.relevance);
    fields.Text("source", FeedLabelName(item.label));
    fields.Close();
  }
  posts->push_back(']');
  writer.Text("next_cursor", page.next);
  writer.Close();
  return json;
}

absl::StatusOr<std::optional<CachedPage>> MemoryPageCache::Get(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = pages_.find(key);
  if (found == pages_.end()) return std::nullopt;
  return found->second.page;
}

absl::Status MemoryPageCache::Put(const std::string& key, const CachedPage& page) {
  const std::scoped_lock lock(mutex_);
  ++puts_;
  pages_[key] = {.page = page, .number = puts_};
  order_.push_back({.key = key, .at = page.written_at, .number = puts_});
  while (pages_.size() > max_pages_ || order_.front().at + kKept < page.written_at) DropOldest();
  return absl::OkStatus();
}

void MemoryPageCache::DropOldest() {
  const Written& oldest = order_.front();
  const auto found = pages_.find(oldest.key);
  if (found != pages_.end() && found->second.number == oldest.number) pages_.erase(found);
  order_.pop_front();
}

size_t MemoryPageCache::size() const {
  const std::scoped_lock lock(mutex_);
  return pages_.size();
}

}  // namespace millrace::topologies
