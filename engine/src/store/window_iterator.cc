#include "store/window_iterator.h"

#include <limits>
#include <utility>

#include "base/big_endian.h"
#include "store/row_cursor.h"
#include "store/window_key.h"

namespace millrace::store {
namespace {

struct Range {
  std::string from_key;  // escaped; empty = open
  std::string to_key;
  Timestamp from;
  Timestamp to;
};

std::string SegmentStart(int64_t segment) {
  std::string bytes;
  AppendOrdered(segment, &bytes);
  return bytes;
}

// Behind every row of the segment.
std::string SegmentEnd(int64_t segment) {
  return segment == std::numeric_limits<int64_t>::max() ? std::string() : SegmentStart(segment + 1);
}

class WindowIterator : public detail::StoreIterator {
 public:
  WindowIterator(BufferedTable* table, Duration interval, Range range, detail::Order order)
      : table_(table),
        one_key_(!range.from_key.empty() && range.from_key == range.to_key),
        forward_(order == detail::Order::kForward),
        range_(std::move(range)),
        cursor_(table, Bounds(interval), order) {
    Settle();
  }

  bool Valid() const override { return cursor_.Valid(); }
  void Next() override {
    cursor_.Next();
    Settle();
  }
  const void* key() override {
    const detail::StoreSpec& spec = table_->spec();
    absl::Status status = spec.key->decode(key_bytes(), key_.Emplace(spec.key));
    if (!status.ok()) {
      table_->context()->Report(absl::DataLossError(
          "store " + spec.name + ": a key cannot be decoded: " + std::string(status.message())));
    }
    return key_.get();
  }
  std::string_view key_bytes() const override {
    key_bytes_.clear();
    AppendUnescaped(at_.escaped_key, &key_bytes_);
    return key_bytes_;
  }
  detail::StoredValue value() override { return cursor_.value(); }
  const Headers& headers() override { return cursor_.headers(); }
  Timestamp window_start() const override { return at_.start; }

 private:
  BufferedTable::Bounds Bounds(Duration interval) const {
    BufferedTable::Bounds bounds;
    if (range_.from > range_.to) {  // nothing: an empty span of keys
      bounds.lower = bounds.upper = std::string(1, '\xff');
      return bounds;
    }
    const int64_t first = SegmentOf(range_.from, interval);
    const int64_t last = SegmentOf(range_.to, interval);
    bounds.lower = SegmentStart(first);
    bounds.upper = SegmentEnd(last);
    if (one_key_) {
      bounds.lower += range_.from_key;
      AppendOrdered(ToMillis(range_.from), &bounds.lower);
      bounds.upper = SegmentStart(last) + range_.to_key;
      AppendOrdered(ToMillis(range_.to), &bounds.upper);
      bounds.upper.append(sizeof(uint32_t) + 1, '\xff');
    }
    return bounds;
  }

  // Moves on to the next row that belongs to the walk.
  void Settle() {
    while (cursor_.Valid()) {
      // A copy: the cursor may move the key's bytes when the store is written to.
      row_key_.assign(cursor_.key());
      if (!ParseWindowKey(row_key_, &at_)) {
        table_->context()->Report(
            absl::DataLossError("store " + table_->spec().name + ": a row has a damaged key"));
        cursor_.Next();
        continue;
      }
      const int side = SideOf(at_.escaped_key);
      if (side == 0 && at_.start >= range_.from && at_.start <= range_.to) return;
      if (side != 0 && one_key_) {
        SkipToKey(side);
      } else {
        cursor_.Next();
      }
    }
  }

  // Before (-1), in (0) or behind (1) the range of keys.
  int SideOf(std::string_view escaped) const {
    if (!range_.from_key.empty() && escaped < range_.from_key) return -1;
    if (!range_.to_key.empty() && escaped > range_.to_key) return 1;
    return 0;
  }

  // The key's rows lie together in each segment: jumps over all other keys.
  void SkipToKey(int side) {
    std::string target;
    if (forward_) {
      AppendOrdered(side < 0 ? at_.segment : at_.segment + 1, &target);
      target += range_.from_key;
    } else {
      AppendOrdered(side > 0 ? at_.segment : at_.segment - 1, &target);
      target += range_.to_key;
      target.append(sizeof(int64_t) + sizeof(uint32_t) + 1, '\xff');
    }
    cursor_.Seek(target);
  }

  BufferedTable* const table_;
  const bool one_key_;
  const bool forward_;
  const Range range_;
  RowCursor cursor_;
  WindowKey at_;
  std::string row_key_;
  mutable std::string key_bytes_;
  detail::ErasedValue key_;
};

}  // namespace

std::unique_ptr<detail::StoreIterator> NewKeyWindows(BufferedTable* table, Duration interval,
                                                     std::string escaped_key, Timestamp from,
                                                     Timestamp to, detail::Order order) {
  Range range{escaped_key, escaped_key, from, to};
  return std::make_unique<WindowIterator>(table, interval, std::move(range), order);
}

std::unique_ptr<detail::StoreIterator> NewAllWindows(BufferedTable* table, Duration interval,
                                                     std::string from_key, std::string to_key,
                                                     Timestamp from, Timestamp to,
                                                     detail::Order order) {
  Range range{std::move(from_key), std::move(to_key), from, to};
  return std::make_unique<WindowIterator>(table, interval, std::move(range), order);
}

}  // namespace millrace::store
