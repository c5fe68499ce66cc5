// UnmatchedRecords: the records of both sides of a left or outer join that wait for a match, and
// the time that both sides share. All of it lies in one key-value store of Bytes, so that results
// are the same whether or not the task was restarted:
//
//   key   00                                      the clock
//   value stream time i64 | first waiting i64
//
//   key   01 | timestamp | side, 0 = right | key   records of one time, side and key
//   value (size u32 | record) …                    in the order of arrival; see held_record.h
//
// Keys sort as bytes: by time, right side before left side, key. Each step of the join has an
// object of its own on the same store. Thread: the task's.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/detail/operators.h"
#include "millrace/serde.h"
#include "processor/held_record.h"

namespace millrace::detail {

// Borrows the join.
class UnmatchedRecords {
 public:
  explicit UnmatchedRecords(const StreamJoin& join) : join_(join) {}
  void Init(ErasedContext* context);

  // Moves the join's time on to a record's; returns it.
  Timestamp Advance(Timestamp timestamp);
  // No record that waits is older; the largest timestamp: none waits.
  Timestamp first_waiting() const { return clock_.first_waiting; }

  // Whether a record that waits may be older than that.
  bool AnyBefore(Timestamp timestamp) {
    LoadClock();
    return clock_.first_waiting < timestamp;
  }

  void Add(const ErasedRecord& record, JoinSide side);
  // Of the records of that time and key, the one that came first waits no more. Does nothing if
  // there is none.
  void RemoveFirst(const void* key, JoinSide side, Timestamp timestamp);

  // One that waits; valid until the next call.
  struct Waiting {
    JoinSide side = JoinSide::kLeft;
    Timestamp timestamp = kNoTimestamp;
    const void* key = nullptr;
    const void* value = nullptr;
    const ReleasedRecord* released = nullptr;
  };
  // Walks through those that wait. `decide` says what becomes of those of one time, side and key:
  // whether they leave. Those that do are handed to `let_out`, one by one, and wait no more.
  enum class Fate { kLeaves, kStays, kEnd };
  void Walk(absl::FunctionRef<Fate(JoinSide, Timestamp)> decide,
            absl::FunctionRef<void(const Waiting&)> let_out);

  // What the walk found out about first_waiting().
  void SetFirstWaiting(Timestamp timestamp);

  static constexpr Timestamp kNone = TimestampFromMillis(std::numeric_limits<int64_t>::max());

 private:
  struct Clock {
    Timestamp stream_time = kNoTimestamp;
    Timestamp first_waiting = kNone;
  };
  void LoadClock();
  void SaveClock();
  void MakeKey(const void* key, JoinSide side, Timestamp timestamp);
  void LetOut(std::string_view values, JoinSide side, Timestamp timestamp,
              absl::FunctionRef<void(const Waiting&)> let_out);

  const StreamJoin& join_;
  ErasedContext* context_ = nullptr;
  ErasedKeyValueStore* store_ = nullptr;
  Clock clock_;
  Bytes clock_row_;
  Bytes key_;
  Bytes values_;
  std::string value_;
  ErasedValue key_box_;
  ErasedValue value_box_;
  ReleasedRecord released_;
};

}  // namespace millrace::detail
