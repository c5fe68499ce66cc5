// Feeds: the feeds of the users of one partition. A feed is the newest kFeedRows of its user's
// rows; up to kReserveRows older ones are kept behind it and move up when one leaves. Whatever
// enters or leaves a feed is passed on.
//
// What is older than that is not kept, and the feed has a floor: from there on up it has all rows
// that it ought to have. When a feed is no longer full above its floor, WantsRefill() says so.
//
// Task thread only; durable with the task's commit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "topologies/feed-fan-out/rule.h"
#include "topologies/feed-fan-out/user_output.h"
#include "topologies/feed-fan-out/user_rows.h"

namespace millrace::topologies::feed {

inline constexpr int32_t kReserveRows = 200;
inline constexpr int32_t kMarks = 1000;

class Feeds {
 public:
  struct Post {
    int64_t author = 0;
    PostAt at;
    schemas::FeedSource source = schemas::FeedSource::kPush;
    bool notifies = false;  // the user is to be told, if it is new to the feed
  };

  void Open(UserContext& context);
  // The time of the outputs of all that follows.
  void SetTime(Timestamp now) { now_ = now; }

  // A row that is there already stays as it is. What lies below the floor is not taken. Returns
  // whether something was written.
  bool Insert(int64_t user, const Post& post);
  bool Remove(int64_t user, int64_t author, int64_t post);
  void RemoveAuthor(int64_t user, int64_t author);
  // Marks the post as read: the earliest time counts, and it stays marked when it leaves the feed,
  // or is yet to come. Of more than kMarks the posts with the smallest ids are forgotten, as far as
  // they are not in the feed. False when the post is not there.
  bool MarkRead(int64_t user, int64_t post, Timestamp read_at);
  // Forgets all marks; how many there were.
  int64_t EraseMarks(int64_t user);

  // Below `floor` rows may be missing from now on.
  void RaiseFloor(int64_t user, PostAt floor);

  // Whether older posts have to be asked for, and nobody does so yet.
  bool WantsRefill(int64_t user) const;
  // Takes the floor away, so that what comes in the meantime stays; returns it.
  PostAt BeginRefill(int64_t user);
  // Another author was asked; all were; one has answered.
  void AddAwaited(int64_t user, int32_t by);
  void EndAsking(int64_t user);

 private:
  FeedBounds BoundsOf(int64_t user) const;
  void Keep(int64_t user, const FeedBounds& bounds);
  // Whether the row is in the feed and not behind it.
  static bool IsShown(const FeedBounds& bounds, const FeedPosition& position);
  // Remembers a mark, beside the rows.
  void AddMark(int64_t user, int64_t post, Timestamp read_at, FeedBounds* bounds);
  void AddRow(const FeedPosition& position, const FeedRow& row, FeedBounds* bounds);
  void RemoveRow(const FeedPosition& position, FeedBounds* bounds);
  // Deletes the oldest rows down to `rows`.
  void Trim(int64_t user, int32_t rows, FeedBounds* bounds);

  // From the oldest row to newer ones. REQUIRES: there is one.
  RowIterator<FeedPosition, FeedRow> FromOldest(int64_t user, const FeedBounds& bounds) const;
  // REQUIRES: the row is there, and one beside it.
  FeedPosition NextNewer(const FeedPosition& position) const;
  FeedPosition NextOlder(const FeedPosition& position) const;

  void Show(const FeedPosition& position, const FeedRow& row);
  // Passes on that the row no longer shows; or another one of the same post, if that does.
  void Hide(const FeedPosition& position, const FeedBounds& bounds);
  void Send(UserOutput::Kind kind, const schemas::FeedEntry& entry);

  KeyValueStore<FeedPosition, FeedRow> rows_;
  KeyValueStore<FeedPost, PostTime> posts_;
  KeyValueStore<ReadPost, ReadAt> marks_;
  KeyValueStore<int64_t, FeedBounds> bounds_;
  UserContext* context_ = nullptr;
  Timestamp now_;
  std::string prefix_;
  UserOutput output_;
};

}  // namespace millrace::topologies::feed
