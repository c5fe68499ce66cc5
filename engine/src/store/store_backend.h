// StoreBackend: committed rows as bytes; what lies under the write-back buffers of one task.
//
// A backend holds tables (one per store, and `meta`); it knows neither types nor transactions. A
// BackendBatch is applied completely or not at all. Thread: the task's, but for Scan (any thread).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "millrace/ids.h"

namespace millrace::store {

// A table of a backend: stores have the ids 1, 2, …; 0 is the table of the metadata.
using TableId = StrongId<struct TableTag, uint32_t>;
inline constexpr TableId kMetaTable{0};

// Changes to rows, in the order in which they are applied. Owns a copy of all bytes; Clear() keeps
// the memory, so that a task's commits allocate nothing once they have found their size.
class BackendBatch {
 public:
  enum class Kind : uint8_t { kPut, kDelete, kDeleteRange };
  struct Change {
    Kind kind;
    TableId table;
    std::string_view key;    // kDeleteRange: the first key
    std::string_view value;  // kPut: the row; kDeleteRange: the key behind the last
  };

  void Put(TableId table, std::string_view key, std::string_view row);
  void Delete(TableId table, std::string_view key);
  // Deletes the keys in [from, end).
  void DeleteRange(TableId table, std::string_view from, std::string_view end);
  void Clear();

  bool empty() const { return ops_.empty(); }
  size_t size() const { return ops_.size(); }
  size_t bytes() const { return arena_.size(); }
  // Borrows from the batch; valid until it is changed.
  Change at(size_t index) const;

 private:
  struct Op {
    Kind kind;
    TableId table;
    size_t key_at;
    uint32_t key_size;
    uint32_t value_size;
  };
  void Add(Kind kind, TableId table, std::string_view key, std::string_view value);

  std::string arena_;
  std::vector<Op> ops_;
};

// A walk over the rows of one table as they were when it was made. Valid until the next Apply().
class BackendIterator {
 public:
  virtual ~BackendIterator() = default;
  virtual void SeekAtOrAfter(std::string_view key) = 0;
  // The last row before `key`.
  virtual void SeekBefore(std::string_view key) = 0;
  virtual void SeekToLast() = 0;
  virtual void Next() = 0;
  virtual void Prev() = 0;
  virtual bool Valid() const = 0;
  virtual std::string_view key() const = 0;
  virtual std::string_view row() const = 0;
  // Not OK when the walk ended because of an error.
  virtual absl::Status status() const = 0;
};

// Rows' keys from `lower` on, up to but not `upper`; an empty one is open.
struct KeySpan {
  std::string lower;
  std::string upper;
};

using RowVisitor = std::function<bool(std::string_view key, std::string_view row)>;

class StoreBackend {
 public:
  virtual ~StoreBackend() = default;
  // Overwrites *row and returns true when there is such a row.
  virtual absl::StatusOr<bool> Get(TableId table, std::string_view key, std::string* row) = 0;
  virtual std::unique_ptr<BackendIterator> NewIterator(TableId table) = 0;
  // All of it or nothing, for readers on other threads as well as after a crash. Not durable
  // before the backend flushed by itself or Flush() returned.
  virtual absl::Status Apply(const BackendBatch& batch) = 0;
  virtual absl::Status Flush() = 0;
  // Apply() for millions of changes that nobody reads meanwhile: durable when it returns.
  virtual absl::Status Ingest(const BackendBatch& batch) { return Apply(batch); }
  // Whether files are merged behind the caller's back. They are, unless this says otherwise.
  virtual absl::Status SetCompaction(bool /*on*/) { return absl::OkStatus(); }
  // About how many rows there are.
  virtual int64_t EstimateRows(TableId table) = 0;
  // Visits the rows within the span in key order until `visit` returns false. Thread-safe.
  virtual absl::Status Scan(TableId table, const KeySpan& span, const RowVisitor& visit) = 0;
};

}  // namespace millrace::store
