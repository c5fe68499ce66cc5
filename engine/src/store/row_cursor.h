// RowCursor: a walk over the rows of a BufferedTable between two keys: the open transaction's
// changes merged over the committed rows, as they were when the walk began.
//
// The changes are read in place until the first write to the table during the walk; then those that
// are still ahead are copied (Detach). So a walk without writes copies nothing in advance.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/buffered_table.h"

namespace millrace::store {

// The changed rows' half of a cursor.
class DirtyWalk {
 public:
  DirtyWalk(const WriteBackBuffer::DirtyIndex* index, detail::Order order)
      : index_(index), at_(index->end()), forward_(order == detail::Order::kForward) {}

  // To the first row at or after `key` (forward), or the last before it (reverse).
  void Seek(std::string_view key);
  void SeekToLast();
  void Next();
  bool Valid() const { return copied_ ? next_copy_ < copies_.size() : at_ != index_->end(); }
  std::string_view key() const { return copied_ ? copies_[next_copy_].key : (*at_)->key; }
  const detail::ErasedValue& value() const {
    return copied_ ? copies_[next_copy_].value : (*at_)->value;
  }
  Timestamp timestamp() const {
    return copied_ ? copies_[next_copy_].timestamp : (*at_)->timestamp;
  }
  const Headers& headers() const {
    const Headers* own = copied_ ? copies_[next_copy_].headers.get() : (*at_)->headers.get();
    return own == nullptr ? Headers::Empty() : *own;
  }
  // Copies the rows from here to the bound. Stays where it is.
  void Copy(const BufferedTable::Bounds& bounds, const detail::Codec* codec);

 private:
  struct RowCopy {
    std::string key;
    detail::ErasedValue value;
    Timestamp timestamp;
    std::unique_ptr<Headers> headers;
  };

  const WriteBackBuffer::DirtyIndex* index_;
  WriteBackBuffer::DirtyIndex::const_iterator at_;
  bool forward_;
  bool copied_ = false;
  std::vector<RowCopy> copies_;  // in the order of the walk
  size_t next_copy_ = 0;
};

class RowCursor {
 public:
  RowCursor(BufferedTable* table, BufferedTable::Bounds bounds, detail::Order order);
  ~RowCursor();
  RowCursor(const RowCursor&) = delete;
  RowCursor& operator=(const RowCursor&) = delete;

  bool Valid() const { return source_ != Source::kNone; }
  void Next();
  // Skips ahead, to the first row at or after `key` (forward) or the last before it (reverse);
  // never back, and never past the bounds.
  void Seek(std::string_view key);
  std::string_view key() const {
    return source_ == Source::kDirty ? dirty_.key() : backend_->key();
  }
  // A copy that belongs to the cursor: writes to the row do not change it. Valid until Next().
  detail::StoredValue value();
  // The same; empty unless the store keeps them.
  const Headers& headers();

  // Called by the table before it changes.
  void Detach() { dirty_.Copy(bounds_, table_->spec().value); }

 private:
  enum class Source { kNone, kDirty, kBackend };

  bool forward() const { return order_ == detail::Order::kForward; }
  void SeekBoth(std::string_view key);
  void AdvanceBackend();
  bool InBounds(std::string_view key) const;
  // Chooses the next row from the two halves.
  void Settle();

  BufferedTable* table_;
  BufferedTable::Bounds bounds_;
  detail::Order order_;
  DirtyWalk dirty_;
  std::unique_ptr<BackendIterator> backend_;
  Source source_ = Source::kNone;
  bool decoded_ = false;
  detail::ErasedValue value_;
  Timestamp timestamp_ = kNoTimestamp;
  bool headers_decoded_ = false;
  Headers headers_;
};

}  // namespace millrace::store
