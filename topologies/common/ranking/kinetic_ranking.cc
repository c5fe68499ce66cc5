#include "topologies/common/ranking/kinetic_ranking.h"

#include <algorithm>

namespace millrace::topologies {

void KineticRanking::Put(const RankedPost& row) {
  Remove(row.post);
  Slot slot{{.row = row, .line = Line::Of(row, now_, axis_.landmark)}};
  if (row.created_at > now_) births_.insert({row.created_at, row.post});
  InsertAt(PlaceFor(slot), slot);
}

void KineticRanking::PutAll(const std::vector<RankedPost>& rows) {
  order_.reserve(order_.size() + rows.size());
  for (const RankedPost& row : rows) {
    order_.push_back({{.row = row, .line = Line::Of(row, now_, axis_.landmark)}});
    if (row.created_at > now_) births_.insert({row.created_at, row.post});
  }
  std::sort(order_.begin(), order_.end(),
            [this](const Slot& a, const Slot& b) { return IsAbove(a, b, axis_.growth); });
  Number(0);
  certificates_.clear();
  for (Slot& slot : order_) slot.overtaken_at = kNever;
  for (size_t position = 0; position + 1 < order_.size(); ++position) Renew(position);
}

bool KineticRanking::Remove(int64_t post) {
  const auto found = positions_.find(post);
  if (found == positions_.end()) return false;
  EraseAt(found->second);
  return true;
}

void KineticRanking::Advance(Timestamp to, const OnSwap& on_swap) {
  while (now_ < to) {
    Timestamp next = std::min(to, axis_.end());
    if (!certificates_.empty()) next = std::min(next, certificates_.begin()->first);
    if (!births_.empty()) next = std::min(next, births_.begin()->first);
    if (next > now_) SetNow(next);
    if (now_ == axis_.end()) MoveLandmark(on_swap);
    while (!births_.empty() && births_.begin()->first <= now_) {
      BeBorn(births_.begin()->second, on_swap);
    }
    // Several may be due in one millisecond; each swap brings the order nearer to the exact one.
    while (!certificates_.empty() && certificates_.begin()->first <= now_) {
      SwapAt(positions_.at(certificates_.begin()->second), on_swap);
    }
  }
}

Timestamp KineticRanking::NextChange(size_t first, size_t count) const {
  Timestamp next = axis_.end();
  if (!births_.empty()) next = std::min(next, births_.begin()->first);
  const size_t end = std::min(order_.size(), first + std::min(count, order_.size()));
  if (first >= end) return next;
  for (size_t position = first; position + 1 < end; ++position) {
    next = std::min(next, order_[position].overtaken_at);
  }
  // The neighbours outside may have changed among themselves by then, so one looks at all of them.
  return std::min({next, LeavesUpwardsAt(first), EnteredFromBelowAt(end - 1)});
}

Timestamp KineticRanking::EnteredFromBelowAt(size_t position) const {
  FirstCrossing first(now_, axis_);
  for (size_t below = position + 1; below < order_.size(); ++below) {
    first.Look(order_[position], order_[below]);
  }
  return first.at();
}

Timestamp KineticRanking::LeavesUpwardsAt(size_t position) const {
  FirstCrossing first(now_, axis_);
  for (size_t above = 0; above < position; ++above) first.Look(order_[above], order_[position]);
  return first.at();
}

std::optional<size_t> KineticRanking::PositionOf(int64_t post) const {
  const auto found = positions_.find(post);
  if (found == positions_.end()) return std::nullopt;
  return found->second;
}

size_t KineticRanking::PlaceFor(const LinedPost& post) const {
  const auto place = std::partition_point(order_.begin(), order_.end(), [&](const Slot& other) {
    return IsAbove(other, post, axis_.growth);
  });
  return static_cast<size_t>(place - order_.begin());
}

void KineticRanking::InsertAt(size_t position, Slot slot) {
  order_.insert(order_.begin() + static_cast<ptrdiff_t>(position), std::move(slot));
  Number(position);
  if (position > 0) Renew(position - 1);
  Renew(position);
}

void KineticRanking::EraseAt(size_t position) {
  DropCertificate(position);
  const RankedPost& row = order_[position].row;
  births_.erase({row.created_at, row.post});
  positions_.erase(row.post);
  order_.erase(order_.begin() + static_cast<ptrdiff_t>(position));
  Number(position);
  if (position > 0) Renew(position - 1);
}

void KineticRanking::Number(size_t from) {
  for (size_t position = from; position < order_.size(); ++position) {
    positions_[order_[position].row.post] = position;
  }
}

void KineticRanking::DropCertificate(size_t position) {
  Slot& slot = order_[position];
  if (slot.overtaken_at == kNever) return;
  certificates_.erase({slot.overtaken_at, slot.row.post});
  slot.overtaken_at = kNever;
}

void KineticRanking::Renew(size_t position) {
  DropCertificate(position);
  if (position + 1 >= order_.size()) return;
  Slot& slot = order_[position];
  slot.overtaken_at = OvertakenAt(slot, order_[position + 1], now_, axis_);
  if (slot.overtaken_at != kNever) certificates_.insert({slot.overtaken_at, slot.row.post});
}

void KineticRanking::SwapAt(size_t position, const OnSwap& on_swap) {
  DropCertificate(position);
  DropCertificate(position + 1);
  std::swap(order_[position], order_[position + 1]);
  positions_[order_[position].row.post] = position;
  positions_[order_[position + 1].row.post] = position + 1;
  if (on_swap) on_swap({.at = now_, .position = position});
  if (position > 0) Renew(position - 1);
  Renew(position);
  Renew(position + 1);
}

void KineticRanking::Settle(size_t position, const OnSwap& on_swap) {
  while (position > 0 && IsAbove(order_[position], order_[position - 1], axis_.growth)) {
    SwapAt(--position, on_swap);
  }
  while (position + 1 < order_.size() &&
         IsAbove(order_[position + 1], order_[position], axis_.growth)) {
    SwapAt(position++, on_swap);
  }
  if (position > 0) Renew(position - 1);
  Renew(position);
}

void KineticRanking::BeBorn(int64_t post, const OnSwap& on_swap) {
  const size_t position = positions_.at(post);
  Slot& slot = order_[position];
  births_.erase({slot.row.created_at, post});
  slot.line = Line::Of(slot.row, now_, axis_.landmark);
  Settle(position, on_swap);
}

void KineticRanking::MoveLandmark(const OnSwap& on_swap) {
  axis_ = RankTime::Of(now_);
  certificates_.clear();
  for (Slot& slot : order_) {
    slot.overtaken_at = kNever;
    slot.line = Line::Of(slot.row, now_, axis_.landmark);
  }
  // The order is the same but for the last bits of the new numbers.
  for (size_t position = 1; position < order_.size(); ++position) Settle(position, on_swap);
  for (size_t position = 0; position + 1 < order_.size(); ++position) Renew(position);
}

void KineticRanking::SetNow(Timestamp now) {
  now_ = now;
  axis_ = axis_.At(now);
}

}  // namespace millrace::topologies
