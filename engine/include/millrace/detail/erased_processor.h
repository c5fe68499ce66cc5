// ErasedProcessor and ErasedContext: what a node of a running task is made of. The typed Processor
// API (processor.h) and all DSL operators end here.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "millrace/detail/erased_record.h"
#include "millrace/detail/erased_store.h"
#include "millrace/ids.h"
#include "millrace/metrics.h"
#include "millrace/record.h"
#include "millrace/time.h"

namespace millrace {

enum class PunctuationType { kStreamTime, kWallClock };

namespace detail {

class PunctuationHandle {
 public:
  virtual ~PunctuationHandle() = default;
  virtual void Cancel() = 0;
};

// The counters that operators bump; the runtime turns them into metrics.
enum class Drop { kNullKey, kNullValue, kLate, kExpired, kDuplicate };

// A record that a step has kept, and lets out while another one is processed, or none is. As bytes,
// for dead letters; borrowed.
struct HeldRecord {
  RecordView record;
  TopicPartition origin;  // with record.offset; the topic is empty where it is unknown
};

// A node's window on its task. Owned by the task; lives as long as the processor. Task thread only.
class ErasedContext {
 public:
  virtual ~ErasedContext() = default;

  // Runs every child on the record, depth first, in the order in which they were added.
  virtual void Forward(const ErasedRecord& record) = 0;
  // Only the child of that name. A name that is no child is a bug (checked).
  virtual void ForwardTo(std::string_view child, const ErasedRecord& record) = 0;

  // The store of that name, connected to this node when the topology was built (checked).
  virtual ErasedStore* GetStore(std::string_view name) = 0;

  // Calls `callback` with the current time whenever `interval` has passed. Stream-time schedules
  // start at 0, so that the first record fires them; wall-clock ones at now + interval; `start`
  // anchors them instead. Missed intervals are not made up for.
  virtual std::shared_ptr<PunctuationHandle> Schedule(Duration interval, PunctuationType type,
                                                      std::optional<Timestamp> start,
                                                      std::function<void(Timestamp)> callback) = 0;

  // The highest timestamp that the task has seen, the current record included.
  virtual Timestamp StreamTime() const = 0;
  virtual Timestamp WallClock() const = 0;
  virtual const TaskId& task() const = 0;
  virtual const std::string& application_id() const = 0;
  // Thread-safe; the engine's.
  virtual MetricsRegistry* metrics() = 0;
  // How many tasks run the sub-topology: as many as its widest source topic has partitions.
  virtual int32_t TaskCount() const { return 1; }
  // The input record that is being processed; null inside a punctuation.
  virtual const RecordMetadata* metadata() const = 0;

  // A time that outlives restarts, lost state included: kept under the step's name with the offsets
  // that the task commits. kNoTimestamp at first. Valid as long as the context.
  virtual Timestamp* DurableTime() = 0;

  // Counts a record that the operator ignores by rule.
  virtual void CountDropped(Drop reason) = 0;

  // Runs `body`, which lets the record out. An exception in it, or in a step that it forwards to,
  // makes that record poison, and not the one that is being processed. Does not throw.
  virtual void RunFor(const HeldRecord& held, absl::FunctionRef<void()> body) = 0;

  // Asks for a commit as soon as the current record is done.
  virtual void RequestCommit() = 0;
};

// One instance per task and node. Calls come from the task's thread, one at a time.
// An exception from Init() stops the task; one from Process() or a punctuation makes the current
// record poison (ErrorPolicy) at this node only.
class ErasedProcessor {
 public:
  virtual ~ErasedProcessor() = default;
  // Called once, before the first record, after the state was restored.
  virtual void Init(ErasedContext* context) { context_ = context; }
  virtual void Process(const ErasedRecord& record) = 0;
  // The task's transaction is about to be committed. What is forwarded now is part of it.
  virtual void OnCommit() {}
  // No record has come for a while, and the task's stream time goes on with the wall clock
  // (TopologyOptions::advance_when_idle). Returns whether anything was forwarded.
  virtual bool OnIdle(Timestamp stream_time) {
    (void)stream_time;
    return false;
  }
  // Called once at the end of the task's life; may not forward.
  virtual void Close() {}

 protected:
  ErasedContext* context_ = nullptr;
};

// Makes the processor of one task. Called once per task; must not share mutable state.
using ProcessorFactory = std::function<std::unique_ptr<ErasedProcessor>()>;

}  // namespace detail
}  // namespace millrace
