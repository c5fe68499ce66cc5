#include "store/session_iterator.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/big_endian.h"
#include "store/row_cursor.h"
#include "store/session_key.h"
#include "store/window_key.h"

namespace millrace::store {
namespace {

std::string SegmentStart(int64_t segment) {
  std::string bytes;
  AppendOrdered(segment, &bytes);
  return bytes;
}

class SessionIterator : public detail::StoreIterator {
 public:
  SessionIterator(BufferedTable* table, const SessionLayout& layout, SessionRange range,
                  detail::Order order)
      : table_(table),
        layout_(layout),
        one_key_(!range.from_key.empty() && range.from_key == range.to_key),
        forward_(order == detail::Order::kForward),
        range_(std::move(range)),
        cursor_(table, Bounds(), order) {
    Settle();
  }

  bool Valid() const override { return cursor_.Valid(); }
  void Next() override {
    cursor_.Next();
    Settle();
  }
  const void* key() override {
    const detail::StoreSpec& spec = table_->spec();
    const absl::Status status = spec.key->decode(key_bytes(), key_.Emplace(spec.key));
    if (!status.ok()) Damaged(std::string(status.message()));
    return key_.get();
  }
  std::string_view key_bytes() const override {
    key_bytes_.clear();
    AppendUnescaped(at_.key, &key_bytes_);
    return key_bytes_;
  }
  detail::StoredValue value() override { return cursor_.value(); }
  const Headers& headers() override { return cursor_.headers(); }
  Timestamp window_start() const override { return at_.start; }
  Timestamp window_end() const override { return at_.end; }

 private:
  BufferedTable::Bounds Bounds() const {
    BufferedTable::Bounds bounds;
    if (range_.earliest_end > range_.latest_end) {  // nothing: an empty span of keys
      bounds.lower = bounds.upper = std::string(1, '\xff');
      return bounds;
    }
    const int64_t last = SegmentOf(range_.latest_end, layout_.interval);
    bounds.lower = SegmentStart(SegmentOf(range_.earliest_end, layout_.interval));
    if (last != std::numeric_limits<int64_t>::max()) bounds.upper = SegmentStart(last + 1);
    if (one_key_) {
      bounds.lower += range_.from_key;
      AppendOrdered(ToMillis(range_.earliest_end), &bounds.lower);
    }
    return bounds;
  }

  // Moves on to the next row that belongs to the walk.
  void Settle() {
    while (cursor_.Valid()) {
      // A copy: the cursor may move the key's bytes when the store is written to.
      row_key_.assign(cursor_.key());
      if (!ParseSessionKey(layout_, row_key_, &at_)) {
        Damaged("its layout is unknown");
        cursor_.Next();
        continue;
      }
      const int side = SideOf(at_.key);
      if (side == 0 && InRange()) return;
      if (side != 0 && one_key_) {
        SkipToKey(side);
      } else {
        cursor_.Next();
      }
    }
  }
  bool InRange() const {
    return at_.end >= range_.earliest_end && at_.end <= range_.latest_end &&
           at_.start <= range_.latest_start;
  }

  // Before (-1), in (0) or behind (1) the range of keys.
  int SideOf(std::string_view escaped) const {
    if (!range_.from_key.empty() && escaped < range_.from_key) return -1;
    if (!range_.to_key.empty() && escaped > range_.to_key) return 1;
    return 0;
  }

  // The key's rows lie together in each segment: jumps over all other keys.
  void SkipToKey(int side) {
    const int64_t segment = ReadOrdered(row_key_);
    std::string target;
    if (forward_) {
      target = SegmentStart(side < 0 ? segment : segment + 1) + range_.from_key;
    } else {
      target = SegmentStart(side > 0 ? segment : segment - 1) + range_.to_key;
      target.append(2 * sizeof(int64_t) + 1, '\xff');
    }
    cursor_.Seek(target);
  }

  void Damaged(const std::string& why) {
    table_->context()->Report(absl::DataLossError(
        absl::StrCat("store ", table_->spec().name, ": a row has a damaged key: ", why)));
  }

  BufferedTable* const table_;
  const SessionLayout layout_;
  const bool one_key_;
  const bool forward_;
  const SessionRange range_;
  RowCursor cursor_;
  SessionKey at_;
  std::string row_key_;
  mutable std::string key_bytes_;
  detail::ErasedValue key_;
};

}  // namespace

std::unique_ptr<detail::StoreIterator> NewSessions(BufferedTable* table,
                                                   const SessionLayout& layout, SessionRange range,
                                                   detail::Order order) {
  return std::make_unique<SessionIterator>(table, layout, std::move(range), order);
}

}  // namespace millrace::store
