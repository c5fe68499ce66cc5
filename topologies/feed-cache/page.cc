#include "topologies/feed-cache/page.h"

#include <algorithm>
#include <array>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "millrace/status.h"
#include "topologies/feed-cache/candidates.h"

namespace millrace::topologies {

std::string_view FeedLabelName(FeedLabel label) {
  constexpr std::array<std::string_view, 3> kNames = {"followed", "trending", "affinity"};
  return kNames[static_cast<size_t>(label)];
}

namespace cache {
namespace {

// Where a page has ended: behind the post that stands there at that time.
struct Cursor {
  Timestamp at;
  bool followed = false;  // kFollowedFirst: in which half
  LinedPost post;         // its line is flat: its value at that time
};

std::string EncodeCursor(const Cursor& cursor) {
  const absl::int128 value = cursor.post.line.start;
  return absl::StrCat(ToMillis(cursor.at), ".", cursor.followed ? 1 : 0, ".",
                      absl::Int128High64(value), ".", absl::Int128Low64(value), ".",
                      ToMillis(cursor.post.row.created_at), ".", cursor.post.row.post);
}

absl::StatusOr<Cursor> DecodeCursor(std::string_view text) {
  const std::vector<std::string> parts =
      absl::StrSplit(absl::string_view(text.data(), text.size()), '.');
  int64_t at = 0, followed = 0, high = 0, created = 0, post = 0;
  uint64_t low = 0;
  const bool parsed = parts.size() == 6 && absl::SimpleAtoi(parts[0], &at) && at >= 0 &&
                      absl::SimpleAtoi(parts[1], &followed) && absl::SimpleAtoi(parts[2], &high) &&
                      absl::SimpleAtoi(parts[3], &low) && absl::SimpleAtoi(parts[4], &created) &&
                      absl::SimpleAtoi(parts[5], &post);
  if (!parsed) return absl::InvalidArgumentError("cursor: not one that a page gave");
  Cursor cursor{.at = TimestampFromMillis(at), .followed = followed != 0};
  cursor.post.row = {.post = post, .created_at = TimestampFromMillis(created)};
  cursor.post.line.start = absl::MakeInt128(high, low);
  return cursor;
}

// The candidates as one ranking, or as two, one behind the other.
class Halves {
 public:
  Halves(const std::vector<Candidate>& candidates, FeedOrder order, Timestamp at)
      : at_(at), axis_(RankTime::Of(at)) {
    std::vector<RankedPost> first, second;
    for (const Candidate& candidate : candidates) {
      labels_[candidate.post.post] = candidate.label;
      const bool leads = order == FeedOrder::kScore || candidate.label == FeedLabel::kFollowed;
      (leads ? first : second).push_back(candidate.post);
    }
    for (const auto* rows : {&first, &second}) halves_.emplace_back(at).PutAll(*rows);
  }

  size_t size() const { return halves_[0].size() + halves_[1].size(); }
  const RankedPost& row(size_t i) const {
    return i < halves_[0].size() ? halves_[0].row(i) : halves_[1].row(i - halves_[0].size());
  }
  FeedLabel label(size_t i) const { return labels_.at(row(i).post); }
  // The first place behind the cursor.
  size_t Behind(const Cursor& cursor) const {
    size_t i = cursor.followed ? 0 : halves_[0].size();
    const size_t end = cursor.followed ? halves_[0].size() : size();
    while (i < end && !IsAbove(cursor.post, Lined(row(i)), axis_.growth)) ++i;
    return i;
  }
  Cursor CursorAt(size_t i) const {
    Cursor cursor{.at = at_, .followed = i < halves_[0].size(), .post = Lined(row(i))};
    cursor.post.line = {.start = cursor.post.line.At(axis_.growth)};
    return cursor;
  }
  Timestamp NextChange(size_t first, size_t count) const {
    const size_t split = halves_[0].size();
    const size_t end = std::min(size(), first + count);
    Timestamp next = axis_.end();
    if (first < split) next = halves_[0].NextChange(first, std::min(end, split) - first);
    if (end > split) {
      const size_t from = std::max(first, split);
      next = std::min(next, halves_[1].NextChange(from - split, end - from));
    }
    return next;
  }

 private:
  LinedPost Lined(const RankedPost& row) const {
    return {.row = row, .line = Line::Of(row, at_, axis_.landmark)};
  }

  const Timestamp at_;
  RankTime axis_;
  std::vector<KineticRanking> halves_;
  absl::flat_hash_map<int64_t, FeedLabel> labels_;
};

FeedItem ItemOf(const RankedPost& row, FeedLabel label, Timestamp at) {
  const double raw = RawScoreOf(row, at);
  return {.post = row.post,
          .author = row.author,
          .created_at = row.created_at,
          .label = label,
          .raw = raw,
          .relevance = Relevance(raw),
          .engagement = row.engagement,
          .affinity = row.affinity};
}

absl::Status Check(const FeedPageRequest& request) {
  if (request.limit < 1 || request.limit > kLongestPage) {
    return absl::InvalidArgumentError("limit: from 1 to 100");
  }
  if (request.offset < 0) return absl::InvalidArgumentError("offset: not below 0");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<FeedPage> MakePage(const FeedView& view, const FeedPageRequest& request,
                                  Timestamp now) {
  MR_RETURN_IF_ERROR(Check(request));
  std::optional<Cursor> cursor;
  if (!request.cursor.empty()) {
    MR_ASSIGN_OR_RETURN(cursor, DecodeCursor(request.cursor));
    if (cursor->at > now) return absl::InvalidArgumentError("cursor: of a time that is to come");
  }
  FeedPage page{.at = cursor.has_value() ? cursor->at : now};
  const Halves ranking(CandidatesOf(view, request.user, page.at), request.order, page.at);
  size_t first = std::min(static_cast<size_t>(request.offset), ranking.size());
  if (cursor.has_value()) first = ranking.Behind(*cursor);
  const size_t end = std::min(ranking.size(), first + static_cast<size_t>(request.limit));
  page.valid_until = ranking.NextChange(first, static_cast<size_t>(request.limit));
  for (size_t i = 0; i < end; ++i) {
    // Whoever leaves, on the page or above it, moves the rest up.
    const Timestamp leaves = ranking.row(i).created_at + kFresh + Duration(1);
    if (ranking.label(i) != FeedLabel::kTrending) {
      page.valid_until = std::min(page.valid_until, leaves);
    }
  }
  for (size_t i = first; i < end; ++i) {
    page.items.push_back(ItemOf(ranking.row(i), ranking.label(i), page.at));
  }
  if (first < end && end < ranking.size()) page.next = EncodeCursor(ranking.CursorAt(end - 1));
  return page;
}

absl::StatusOr<FeedPage> MakeHotPage(const FeedView& view, const FeedPageRequest& request,
                                     Timestamp now) {
  MR_RETURN_IF_ERROR(Check(request));
  FeedPage page{.at = now, .valid_until = now};
  int64_t place = 0;
  view.HotPosts([&](int64_t post) {
    const auto fact = view.Post(post);
    if (!fact.has_value() || fact->author == request.user || fact->created_at > now ||
        fact->visibility != schemas::Visibility::kPublic) {
      return true;
    }
    if (place++ < request.offset) return true;
    const RankedPost row{.post = post,
                         .author = fact->author,
                         .created_at = fact->created_at,
                         .engagement = view.EngagementOf(post)};
    page.items.push_back(ItemOf(row, FeedLabel::kTrending, now));
    return static_cast<int64_t>(page.items.size()) < request.limit;
  });
  return page;
}

}  // namespace cache
}  // namespace millrace::topologies
