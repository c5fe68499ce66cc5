// RowsBegin: where the committed rows of a table begin, as far as it is known.
//
// A queue is read from its start and deleted there. RocksDB keeps what was deleted until files are
// merged, and passing it costs as much as passing rows; so a walk that begins at the start of the
// table begins where the last one found something. Thread: the task's.
#pragma once

#include <string>
#include <string_view>

#include "store/store_backend.h"

namespace millrace::store {

class RowsBegin {
 public:
  // Puts the iterator to the first row at or after `lower`, and learns from it.
  void Seek(std::string_view lower, BackendIterator* rows) {
    const bool at_start = lower <= begin_;
    rows->SeekAtOrAfter(at_start ? begin_ : lower);
    if (!at_start) return;
    if (rows->Valid()) {
      begin_ = rows->key();
    } else if (rows->status().ok()) {
      begin_.assign(kBehindAllBytes, '\xff');  // there is none at all
    }
  }
  // The backend has this row now.
  void Added(std::string_view key) {
    if (key < begin_) begin_ = key;
  }
  // The backend was changed in some other way.
  void Forget() { begin_.clear(); }

 private:
  static constexpr size_t kBehindAllBytes = 16;

  std::string begin_;  // no row is before it
};

}  // namespace millrace::store
