// TaskStores: all stores of one task, their write-back buffers, and the one RocksDB database behind
// the persistent ones (a column family per store, WAL off: the changelog is the WAL).
//
// Life of a write (decision 4): Put -> buffer (decoded value) -> CollectChanges() hands the dirty
// rows to the commit as changelog records -> the log commits -> Apply() writes the same rows and
// the changelog positions in ONE WriteBatch. Discard() forgets everything since the last Apply().
// So the files may be behind the changelog, never ahead of it.
// Thread: the task's, but for CommittedView (any thread).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "millrace/detail/erased_store.h"
#include "millrace/ids.h"
#include "millrace/record.h"
#include "millrace/store_query.h"

namespace millrace {

class StoreEnvironment;  // store_environment.h: shared block cache, memtable budget, options

// One changed row on its way to the changelog. Borrows; key and value are the changelog's bytes.
struct ChangelogRecord {
  std::string_view key;
  std::optional<std::string_view> value;  // nullopt = deleted
  Timestamp timestamp;
  const Headers* headers = &Headers::Empty();
};

// Where the changelog of a store stands after a commit.
struct ChangelogPosition {
  std::string store;
  Offset next;  // the first changelog record that is not in the store
};

// A read-only walk over committed rows, for queries and the command line. Thread-safe: does not see
// the open transaction, and does not disturb the task.
class CommittedView {
 public:
  virtual ~CommittedView() = default;
  // Rows in store order; key and value encoded as in the changelog. `visit` returns false to stop.
  virtual absl::Status Scan(const std::string& store,
                            const std::function<bool(std::string_view key, std::string_view value,
                                                     Timestamp)>& visit) = 0;
  // The rows that `query` is about, wherever it is about one key or a range of them without a look
  // at all others.
  virtual absl::Status Read(const StoreQuery& query, const StoreVisit& visit) = 0;
};

class TaskStores {
 public:
  // Opens or creates the stores in `directory` (created if missing; unused when every store is in
  // memory). FailedPrecondition: another process has it open. DataLoss: the files are damaged; the
  // caller quarantines the directory (QuarantineStateDirectory) and opens again, empty.
  static absl::StatusOr<std::unique_ptr<TaskStores>> Open(const std::string& directory,
                                                          std::vector<detail::StoreSpec> specs,
                                                          StoreEnvironment* env);

  virtual ~TaskStores() = default;

  // The store of that name; null if there is none.
  virtual detail::ErasedStore* Find(std::string_view name) = 0;
  virtual CommittedView* committed() = 0;

  // The next changelog record that the store lacks; nullopt: it holds nothing yet (restore all).
  virtual std::optional<Offset> position(const std::string& store) const = 0;

  // Applies changelog records and moves the position to `next`, past the buffer and atomically.
  // REQUIRES: nothing dirty.
  virtual absl::Status Restore(const std::string& store, std::span<const RecordView> records,
                               Offset next) = 0;

  // Between the two, Restore() collects what it is given and writes it in large sorted runs, with
  // files merged at the end only: for a restore of everything. Positions and rows move with each
  // run. What was not written when the stores are closed is restored again.
  virtual absl::Status BeginBulkRestore() = 0;
  virtual absl::Status EndBulkRestore() = 0;

  // Makes the objects of custom stores, once everything is restored; and tells them that a commit
  // comes. Both run users' code and may throw what it throws.
  virtual void OpenCustomStores() = 0;
  virtual void BeforeCommit() = 0;

  // Bytes held by dirty rows, and by the buffers in all (dirty + cached clean rows).
  virtual size_t dirty_bytes() const = 0;
  virtual size_t cached_bytes() const = 0;

  // Calls `emit` once for every row that changed since the last Apply(), coalesced, stores in the
  // order of their specs, rows in the order of their first change. Stores without a changelog are
  // left out. Stops at the first error of `emit` and returns it.
  virtual absl::Status CollectChanges(
      const std::function<absl::Status(const detail::StoreSpec&, const ChangelogRecord&)>&
          emit) = 0;

  // Writes everything that is dirty, and the positions, in one WriteBatch. After the log committed.
  // An error leaves the files behind the changelog: the task must be closed and restored.
  virtual absl::Status Apply(std::span<const ChangelogPosition> positions) = 0;

  // Forgets all changes since the last Apply(): the transaction was aborted.
  virtual void Discard() = 0;

  // Not OK after a store read or write failed; sticky. Checked before every commit. Internal: the
  // files turned out to be damaged; the next Open() reports DataLoss. DataLoss: a row that is not
  // damaged cannot be decoded (a changed serde); opening again does not help.
  virtual const absl::Status& health() const = 0;

  // Open iterators, for leak checks: zero between records.
  virtual int open_iterators() const = 0;

  // Flushes memtables to files (clean shutdown: makes the next start's restore short).
  virtual absl::Status Flush() = 0;
};

// Moves a damaged state directory aside, to "<directory>.damaged-<n>"; never deletes it.
absl::StatusOr<std::string> QuarantineStateDirectory(const std::string& directory);

}  // namespace millrace
