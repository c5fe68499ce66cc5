#include "topologies/feed-fan-out/feeds.h"

#include <algorithm>
#include <limits>

#include "millrace/status.h"

namespace millrace::topologies::feed {
namespace {

using schemas::FeedEntry;
using schemas::FeedKey;

constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
constexpr int64_t kGreatest = std::numeric_limits<int64_t>::max();
// So many are deleted at once when the reserve is full.
constexpr int32_t kTrimmedRows = 50;

FeedPosition Newest(int64_t user) { return {user, Timestamp::max(), kGreatest, kLeast}; }
FeedPosition Lowest(int64_t user) { return {user, Timestamp::min(), kLeast, kGreatest}; }

FeedPosition Last(int64_t user, const FeedBounds& bounds) {
  return {user, bounds.last_created_at, bounds.last_post, bounds.last_author};
}
void SetLast(const FeedPosition& position, FeedBounds* bounds) {
  bounds->last_created_at = position.created_at;
  bounds->last_post = position.post;
  bounds->last_author = position.author;
}
void SetFloor(PostAt floor, FeedBounds* bounds) {
  bounds->has_floor = true;
  bounds->floor_created_at = floor.created_at;
  bounds->floor_post = floor.post;
}

FeedEntry EntryOf(const FeedPosition& position, const FeedRow& row) {
  FeedEntry entry{.user = position.user,
                  .post = position.post,
                  .author = position.author,
                  .created_at = position.created_at,
                  .source = row.source,
                  .is_read = row.read_at != kNoTimestamp};
  if (entry.is_read) entry.read_at = row.read_at;
  return entry;
}

}  // namespace

void Feeds::Open(UserContext& context) {
  rows_ = context.Store<FeedPosition, FeedRow>("feeds");
  posts_ = context.Store<FeedPost, PostTime>("feed-posts");
  marks_ = context.Store<ReadPost, ReadAt>("read-marks");
  bounds_ = context.Store<int64_t, FeedBounds>("feed-bounds");
  context_ = &context;
}

bool Feeds::Insert(int64_t user, const Post& post) {
  const FeedPosition position{user, post.at.created_at, post.at.post, post.author};
  FeedBounds bounds = BoundsOf(user);
  if (const auto there = posts_.Get({user, post.at.post, post.author})) {
    if (there->created_at == post.at.created_at) return false;
    RemoveRow({user, there->created_at, post.at.post, post.author}, &bounds);
  }
  if (bounds.has_floor && post.at < bounds.floor()) {
    Keep(user, bounds);
    return false;
  }
  FeedRow row{.source = post.source};
  if (bounds.marks > 0) {
    if (const auto mark = marks_.Get({user, post.at.post})) row.read_at = mark->read_at;
  }
  AddRow(position, row, &bounds);
  if (post.notifies && IsShown(bounds, position)) {
    Send(UserOutput::Kind::kNotify, EntryOf(position, row));
  }
  if (bounds.rows > kFeedRows + kReserveRows) {
    Trim(user, kFeedRows + kReserveRows - kTrimmedRows, &bounds);
  }
  Keep(user, bounds);
  return true;
}

bool Feeds::Remove(int64_t user, int64_t author, int64_t post) {
  const auto there = posts_.Get({user, post, author});
  if (!there) return false;
  const FeedPosition position{user, there->created_at, post, author};
  FeedBounds bounds = BoundsOf(user);
  RemoveRow(position, &bounds);
  Keep(user, bounds);
  return true;
}

void Feeds::RemoveAuthor(int64_t user, int64_t author) {
  std::vector<FeedPosition> gone;
  for (auto row = rows_.Range(Newest(user), Lowest(user)); row.Valid(); row.Next()) {
    if (row.key().author == author) gone.push_back(row.key());
  }
  if (gone.empty()) return;
  FeedBounds bounds = BoundsOf(user);
  // From the oldest: what moves up is then none of those that go as well.
  for (auto position = gone.rbegin(); position != gone.rend(); ++position) {
    RemoveRow(*position, &bounds);
  }
  Keep(user, bounds);
}

bool Feeds::MarkRead(int64_t user, int64_t post, Timestamp read_at) {
  std::vector<FeedPosition> found;
  prefix_.clear();
  FieldSerde<FeedPost>::EncodePrefix<2>({.user = user, .post = post}, &prefix_);
  for (auto row = posts_.Prefix(prefix_); row.Valid(); row.Next()) {
    found.push_back({user, row.value().created_at, post, row.key().author});
  }
  FeedBounds bounds = BoundsOf(user);
  AddMark(user, post, read_at, &bounds);
  for (const FeedPosition& position : found) {
    FeedRow row = *rows_.Get(position);
    if (row.read_at != kNoTimestamp && row.read_at <= read_at) continue;
    row.read_at = read_at;
    rows_.Put(position, row, now_);
    if (IsShown(bounds, position)) Show(position, row);
  }
  return !found.empty();
}

void Feeds::AddMark(int64_t user, int64_t post, Timestamp read_at, FeedBounds* bounds) {
  const auto mark = marks_.Get({user, post});
  if (mark && mark->read_at <= read_at) return;
  const bool is_new = !mark;
  marks_.Put({user, post}, {read_at}, now_);
  if (!is_new) return;
  if (++bounds->marks > kMarks) {
    const auto first = marks_.Range({user, kLeast}, {user, kGreatest});
    const ReadPost oldest = first.key();
    marks_.Delete(oldest);
    --bounds->marks;
  }
  Keep(user, *bounds);
}

int64_t Feeds::EraseMarks(int64_t user) {
  FeedBounds bounds = BoundsOf(user);
  std::vector<ReadPost> marks;
  for (auto row = marks_.Range({user, kLeast}, {user, kGreatest}); row.Valid(); row.Next()) {
    marks.push_back(row.key());
  }
  for (const ReadPost& mark : marks) marks_.Delete(mark);
  bounds.marks = 0;
  Keep(user, bounds);
  return static_cast<int64_t>(marks.size());
}

void Feeds::RaiseFloor(int64_t user, PostAt floor) {
  FeedBounds bounds = BoundsOf(user);
  if (bounds.has_floor && floor <= bounds.floor()) return;
  while (bounds.rows > 0) {
    const FeedPosition oldest = FromOldest(user, bounds).key();
    if (oldest.at() >= floor) break;
    RemoveRow(oldest, &bounds);
  }
  SetFloor(floor, &bounds);
  Keep(user, bounds);
}

bool Feeds::WantsRefill(int64_t user) const {
  const auto bounds = bounds_.Get(user);
  return bounds && bounds->has_floor && bounds->rows < kFeedRows && bounds->awaited == 0 &&
         !bounds->is_asking;
}

PostAt Feeds::BeginRefill(int64_t user) {
  FeedBounds bounds = BoundsOf(user);
  const PostAt floor = bounds.floor();
  bounds.has_floor = false;
  bounds.is_asking = true;
  Keep(user, bounds);
  return floor;
}

void Feeds::AddAwaited(int64_t user, int32_t by) {
  FeedBounds bounds = BoundsOf(user);
  bounds.awaited += by;
  Keep(user, bounds);
}

void Feeds::EndAsking(int64_t user) {
  FeedBounds bounds = BoundsOf(user);
  bounds.is_asking = false;
  Keep(user, bounds);
}

FeedBounds Feeds::BoundsOf(int64_t user) const {
  const auto row = bounds_.Get(user);
  return row ? *row : FeedBounds();
}

void Feeds::Keep(int64_t user, const FeedBounds& bounds) {
  const bool says_nothing = bounds.rows == 0 && bounds.marks == 0 && !bounds.has_floor &&
                            bounds.awaited == 0 && !bounds.is_asking;
  if (says_nothing) return bounds_.Delete(user);
  bounds_.Put(user, bounds, now_);
}

bool Feeds::IsShown(const FeedBounds& bounds, const FeedPosition& position) {
  if (bounds.rows <= kFeedRows) return true;
  const FeedPosition last = Last(position.user, bounds);
  if (position.at() != last.at()) return position.at() > last.at();
  return position.author <= last.author;
}

void Feeds::AddRow(const FeedPosition& position, const FeedRow& row, FeedBounds* bounds) {
  rows_.Put(position, row, now_);
  posts_.Put({position.user, position.post, position.author}, {position.created_at}, now_);
  ++bounds->rows;
  if (bounds->rows == kFeedRows) SetLast(FromOldest(position.user, *bounds).key(), bounds);
  if (!IsShown(*bounds, position)) return;
  if (bounds->rows > kFeedRows) {
    const FeedPosition last = Last(position.user, *bounds);
    SetLast(NextNewer(last), bounds);
    Hide(last, *bounds);
  }
  Show(position, row);
}

void Feeds::RemoveRow(const FeedPosition& position, FeedBounds* bounds) {
  const bool was_shown = IsShown(*bounds, position);
  const bool has_reserve = bounds->rows > kFeedRows;
  std::optional<FeedPosition> moves_up;
  if (was_shown && has_reserve) moves_up = NextOlder(Last(position.user, *bounds));
  rows_.Delete(position);
  posts_.Delete({position.user, position.post, position.author});
  --bounds->rows;
  if (!was_shown) return;
  if (moves_up.has_value()) SetLast(*moves_up, bounds);
  if (moves_up.has_value()) Show(*moves_up, *rows_.Get(*moves_up));
  Hide(position, *bounds);
}

void Feeds::Trim(int64_t user, int32_t rows, FeedBounds* bounds) {
  // They are all in reserve, so nothing is passed on.
  std::vector<FeedPosition> oldest;
  auto row = FromOldest(user, *bounds);
  for (int32_t gone = bounds->rows - rows; gone > 0; --gone, row.Next()) {
    oldest.push_back(row.key());
  }
  SetFloor(row.key().at(), bounds);
  for (const FeedPosition& position : oldest) {
    rows_.Delete(position);
    posts_.Delete({user, position.post, position.author});
  }
  bounds->rows = rows;
}

// Below the floor lie the rows that were trimmed: for the store, deletions to be passed over.
RowIterator<FeedPosition, FeedRow> Feeds::FromOldest(int64_t user, const FeedBounds& bounds) const {
  FeedPosition lowest = Lowest(user);
  if (bounds.has_floor) {
    lowest.created_at = bounds.floor_created_at;
    lowest.post = bounds.floor_post;
  }
  auto row = rows_.Range(Newest(user), lowest, Order::kReverse);
  MR_CHECK(row.Valid(), "a feed has fewer rows than its bounds say");
  return row;
}

FeedPosition Feeds::NextNewer(const FeedPosition& position) const {
  auto row = rows_.Range(Newest(position.user), position, Order::kReverse);
  if (row.Valid()) row.Next();
  MR_CHECK(row.Valid(), "a feed has no newer row than one that is not its newest");
  return row.key();
}

FeedPosition Feeds::NextOlder(const FeedPosition& position) const {
  auto row = rows_.Range(position, Lowest(position.user));
  if (row.Valid()) row.Next();
  MR_CHECK(row.Valid(), "a feed has fewer rows in reserve than its bounds say");
  return row.key();
}

void Feeds::Show(const FeedPosition& position, const FeedRow& row) {
  Send(UserOutput::Kind::kEntry, EntryOf(position, row));
}

void Feeds::Hide(const FeedPosition& position, const FeedBounds& bounds) {
  // On account of another author the post may be in the feed all the same (FeedPosition::author).
  prefix_.clear();
  FieldSerde<FeedPost>::EncodePrefix<2>({.user = position.user, .post = position.post}, &prefix_);
  for (auto other = posts_.Prefix(prefix_); other.Valid(); other.Next()) {
    const FeedPosition at{position.user, other.value().created_at, position.post,
                          other.key().author};
    if (at != position && IsShown(bounds, at)) return Show(at, *rows_.Get(at));
  }
  Send(UserOutput::Kind::kRemoved, {.user = position.user, .post = position.post});
}

void Feeds::Send(UserOutput::Kind kind, const FeedEntry& entry) {
  output_.kind = kind;
  output_.entry = entry;
  const FeedKey key{.user = entry.user, .post = entry.post};
  context_->Forward({.key = &key, .value = &output_, .timestamp = now_});
}

}  // namespace millrace::topologies::feed
