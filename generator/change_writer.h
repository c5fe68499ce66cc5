// The envelopes in which Debezium publishes the changes of rows: plain JSON, no schema part.
#pragma once

#include <cstdint>
#include <string_view>

#include "generator/change_record.h"
#include "generator/change_rows.h"

namespace millrace::gen {

// Where a row stands in the snapshot: Debezium marks the ends of each table and of the whole.
struct SnapshotPlace {
  bool first_table = false;
  bool last_table = false;
  bool first_row = false;
  bool last_row = false;
};

// Fills change records, one transaction per live change. Keeps the position in the write-ahead log,
// which grows with each live change. Texts of rows must be valid UTF-8. One thread.
class ChangeWriter {
 public:
  // The time of what is written next. Never goes back.
  void set_now(RowTime now) { now_ = now; }
  RowTime now() const { return now_; }

  // A row that existed when the snapshot was taken.
  template <class Row>
  void Snapshot(SnapshotPlace place, const Row& row, ChangeRecord* out);
  // The creation of a row that the snapshot holds: its position lies before the snapshot's.
  template <class Row>
  void CreateInSnapshot(const Row& row, ChangeRecord* out);
  template <class Row>
  void Create(const Row& row, ChangeRecord* out);
  template <class Row>
  void Update(const Row& before, const Row& after, ChangeRecord* out);
  // A tombstone (below) must follow.
  template <class Row>
  void Delete(const Row& before, ChangeRecord* out);

  // Makes `out` the tombstone of the deletion in `deleted`. They may be the same record.
  static void Tombstone(const ChangeRecord& deleted, ChangeRecord* out);

 private:
  template <class Row>
  void Begin(const Row& row, ChangeRecord* out) const;
  template <class Row>
  void End(const Row& row, std::string_view snapshot, char op, ChangeRecord* out) const;
  void NextTransaction();

  static constexpr int64_t kSnapshotTransaction = 750;
  static constexpr int64_t kSnapshotLsn = 26'586'960;

  RowTime now_;
  int64_t transaction_ = kSnapshotTransaction;
  int64_t committed_lsn_ = 0;  // of the transaction before; 0 during the snapshot
  int64_t lsn_ = kSnapshotLsn;
};

}  // namespace millrace::gen
