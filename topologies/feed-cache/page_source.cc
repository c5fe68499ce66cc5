#include "topologies/feed-cache/page_source.h"

#include <limits>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "millrace/status.h"
#include "millrace/store_reader.h"
#include "schemas/hot_board.h"

namespace millrace::topologies {
namespace {

using cache::Entry;
using cache::PostFact;
using cache::PostIndex;
using cache::PostIndexKey;

// The committed rows of an engine. The first error ends the reading; it is asked for at the end.
class ReaderView final : public cache::FeedView {
 public:
  explicit ReaderView(Engine* engine) : engine_(engine) {}

  void Entries(int64_t user,
               const std::function<bool(const Entry&, int64_t)>& visit) const override {
    Walk<Entry, int64_t, 1>("entries", {.user = user},
                            [&](const auto& row) { return visit(row.key, row.value); });
  }
  void PulledAuthors(int64_t user, const std::function<void(int64_t)>& visit) const override {
    const absl::flat_hash_set<int64_t> celebrities = Celebrities();
    if (celebrities.empty()) return;
    Walk<UserAuthor, Nothing, 1>("follows", {.user = user}, [&](const auto& row) {
      if (celebrities.contains(row.key.author)) visit(row.key.author);
      return true;
    });
  }
  void Affinities(int64_t user, const std::function<void(int64_t, int64_t)>& visit) const override {
    Walk<UserAuthor, int64_t, 1>("affinity", {.user = user}, [&](const auto& row) {
      visit(row.key.author, row.value);
      return true;
    });
  }
  std::optional<PostFact> Post(int64_t post) const override {
    return Find<PostIndexKey, PostFact>("posts", {.index = PostIndex::kById, .id = post});
  }
  void PostsOf(int64_t author,
               const std::function<bool(int64_t, const PostFact&)>& visit) const override {
    Walk<PostIndexKey, PostFact, 2>(
        "posts", {.index = PostIndex::kByAuthor, .id = author},
        [&](const auto& row) { return visit(row.key.post, row.value); });
  }
  void HotPosts(const std::function<bool(int64_t)>& visit) const override {
    const auto board = Find<int64_t, schemas::HotBoard>("hot", 0);
    if (!board.has_value()) return;
    for (const schemas::HotPost& post : board->posts) {
      if (!visit(post.post)) return;
    }
  }
  Fixed EngagementOf(int64_t post) const override {
    return Find<int64_t, Fixed>("engagement", post).value_or(0);
  }
  const absl::Status& status() const { return status_; }

 private:
  // Every task has all of them, in the order of ids: where that begins anew is the next task.
  absl::flat_hash_set<int64_t> Celebrities() const {
    absl::flat_hash_set<int64_t> celebrities;
    int64_t last = std::numeric_limits<int64_t>::min();
    auto reader = ReaderOf<int64_t, Nothing>(engine_, "celebrities");
    Note(reader.ok() ? reader->Read({},
                                    [&](const auto& row) {
                                      const bool same_task = row.key > last;
                                      if (same_task) celebrities.insert(row.key);
                                      last = row.key;
                                      return same_task;
                                    })
                     : reader.status());
    return celebrities;
  }
  template <class K, class V, size_t kFields, class F>
  void Walk(const char* store, const K& start, F visit) const {
    auto reader = ReaderOf<K, V>(engine_, store);
    ReadRange<K> range;
    FieldSerde<K>::template EncodePrefix<kFields>(start, &range.prefix);
    Note(reader.ok() ? reader->Read(range, visit) : reader.status());
  }
  template <class K, class V>
  std::optional<V> Find(const char* store, const K& key) const {
    auto reader = ReaderOf<K, V>(engine_, store);
    if (!reader.ok()) {
      Note(reader.status());
      return std::nullopt;
    }
    auto row = reader->Get(key);
    Note(row.status());
    if (!row.ok() || !row->has_value()) return std::nullopt;
    return std::move((*row)->value);
  }
  void Note(const absl::Status& status) const {
    if (status_.ok()) status_ = status;
  }

  Engine* engine_;
  mutable absl::Status status_;
};

class EnginePages final : public PageSource {
 public:
  explicit EnginePages(Engine* engine) : engine_(engine) {}

  absl::StatusOr<cache::FeedVersion> VersionOf(int64_t user) override {
    MR_ASSIGN_OR_RETURN(const auto version, (RowOf<int64_t, cache::FeedVersion>("versions", user)));
    return version.value_or(cache::FeedVersion{});
  }
  absl::StatusOr<std::optional<CachedPage>> WarmedPage(int64_t user) override {
    MR_ASSIGN_OR_RETURN(auto written, (RowOf<int64_t, cache::WrittenPage>("pages", user)));
    if (!written.has_value()) return std::nullopt;
    return std::move(written->page);
  }
  absl::StatusOr<FeedPage> Compute(const FeedPageRequest& request, Timestamp now) override {
    const ReaderView view(engine_);
    auto page = cache::MakePage(view, request, now);
    MR_RETURN_IF_ERROR(view.status());
    return page;
  }
  absl::StatusOr<FeedPage> HotPage(const FeedPageRequest& request, Timestamp now) override {
    const ReaderView view(engine_);
    auto page = cache::MakeHotPage(view, request, now);
    MR_RETURN_IF_ERROR(view.status());
    return page;
  }

 private:
  template <class K, class V>
  absl::StatusOr<std::optional<V>> RowOf(const char* store, const K& key) const {
    MR_ASSIGN_OR_RETURN(auto reader, (ReaderOf<K, V>(engine_, store)));
    MR_ASSIGN_OR_RETURN(auto row, reader.Get(key));
    if (!row.has_value()) return std::nullopt;
    return std::move(row->value);
  }

  Engine* engine_;
};

}  // namespace

std::unique_ptr<PageSource> PageSourceOf(Engine* engine) {
  return std::make_unique<EnginePages>(engine);
}

}  // namespace millrace::topologies
