// KineticRanking: the posts of one feed in the order of their raw scores, at any time, without ever
// scoring them again because time goes by.
//
// It is a sorted list. For each post that the one below it will overtake there is a certificate:
// the millisecond at which that happens (line.h). Advance() goes from certificate to certificate;
// each makes two neighbours change places and renews three certificates. So it costs what really
// changes, and NextChange() knows when a page is going to look different.
//
//   KineticRanking feed(now);
//   feed.Put({.post = 7, .author = 3, .created_at = …});
//   feed.Advance(later, [](const KineticRanking::Swap& swap) { … });
//   feed.row(0);                              // the best post at `later`
//
// A change of one post (Put, Remove) is a binary search and a move of the rows behind it. Memory:
// about 150 bytes a post. Time goes forward only. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "millrace/time.h"
#include "topologies/common/ranking/line.h"

namespace millrace::topologies {

class KineticRanking {
 public:
  // The posts at `position` and `position` + 1 have changed places at that time.
  struct Swap {
    Timestamp at;
    size_t position = 0;
  };
  using OnSwap = std::function<void(const Swap&)>;

  explicit KineticRanking(Timestamp now) : now_(now), axis_(RankTime::Of(now)) {}

  // Adds a post, or changes the one with its id.
  void Put(const RankedPost& row);
  // Adds many, as Put of each would. REQUIRES: none of them is there, and no id is twice.
  void PutAll(const std::vector<RankedPost>& rows);
  // Whether it was there.
  bool Remove(int64_t post);

  // Goes on to `to` and reports every change of order on the way, in the order of time. What is not
  // later than now() changes nothing.
  void Advance(Timestamp to, const OnSwap& on_swap = nullptr);

  // The millisecond at which the `count` posts from `first` on will not be the same in the same
  // order any more, if no post is put or removed. It looks no further than the end of the week and
  // the birth of a post from the future: then, nothing may change, and one has to ask again.
  Timestamp NextChange(size_t first, size_t count) const;

  Timestamp now() const { return now_; }
  size_t size() const { return order_.size(); }
  const RankedPost& row(size_t position) const { return order_[position].row; }
  std::optional<size_t> PositionOf(int64_t post) const;

 private:
  struct Slot : LinedPost {
    Timestamp overtaken_at = kNever;  // by the post below
  };
  // When something happens, and the post that it happens to.
  using Event = std::pair<Timestamp, int64_t>;

  void InsertAt(size_t position, Slot slot);
  void EraseAt(size_t position);
  size_t PlaceFor(const LinedPost& post) const;
  // Makes the certificate of `position` again, with the post that is below it now.
  void Renew(size_t position);
  void DropCertificate(size_t position);
  void Number(size_t from);  // positions_ from there on
  // When the first of all posts below `position` stands above it, and when it stands above the
  // first of all posts above.
  Timestamp EnteredFromBelowAt(size_t position) const;
  Timestamp LeavesUpwardsAt(size_t position) const;
  void SwapAt(size_t position, const OnSwap& on_swap);
  // Moves a post whose line has changed to its place, one neighbour at a time.
  void Settle(size_t position, const OnSwap& on_swap);
  void BeBorn(int64_t post, const OnSwap& on_swap);
  void MoveLandmark(const OnSwap& on_swap);
  void SetNow(Timestamp now);

  Timestamp now_;
  RankTime axis_;  // growth is that of now_
  std::vector<Slot> order_;
  absl::flat_hash_map<int64_t, size_t> positions_;
  absl::btree_set<Event> certificates_;
  absl::btree_set<Event> births_;  // posts that are not made yet
};

}  // namespace millrace::topologies
