// NormaliseRows<Row>: changes of a table as a connector publishes them become changes that steps
// can believe: each once, in the order of the row's versions, whole on both sides, at its event
// time. The rules are in normalise.h.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "connectors/debezium/change.h"
#include "millrace/metrics.h"
#include "millrace/processor.h"
#include "topologies/common/event_clock.h"
#include "topologies/common/normalise/row_store.h"

namespace millrace::topologies {

// What a step of normalisation counts, per table and task.
struct NormaliseMetrics {
  template <class Context>
  static NormaliseMetrics Of(Context& context, std::string_view table) {
    const MetricLabels labels = {{"topology", context.application_id()},
                                 {"table", std::string(table)},
                                 {"task", context.task().ToString()}};
    const auto counter = [&](const char* name) { return context.metrics()->counter(name, labels); };
    return {counter("cdc_repeated_total"), counter("cdc_messages_ignored_total"),
            counter("cdc_clock_ahead_total"), counter("erased_late_total"),
            context.metrics()->gauge("bootstrap_complete", labels)};
  }

  Counter* repeated = nullptr;     // changes that were known, or older than what is known
  Counter* messages = nullptr;     // of the database, about no row
  Counter* clock_ahead = nullptr;  // event times that were set back
  Counter* erased_late = nullptr;  // changes about users who were erased
  Gauge* bootstrap = nullptr;      // 1 once the last row of the snapshot came
};

template <class Row>
class NormaliseRows final : public Processor<typename TableOf<Row>::Key, debezium::Change<Row>,
                                             typename TableOf<Row>::OutKey, debezium::Change<Row>> {
 public:
  using Table = TableOf<Row>;
  using Id = typename Table::Id;
  using Change = debezium::Change<Row>;
  using Context = ProcessorContext<typename Table::OutKey, Change>;

  void Init(Context& context) override {
    rows_.Open(context);
    metrics_ = NormaliseMetrics::Of(context, Table::kName);
    clock_ = EventClock(metrics_.clock_ahead);
    context.Schedule(std::chrono::hours(1), {}, [this](Timestamp now) { rows_.ForgetGone(now); });
  }

  void Process(const Record<typename Table::Key, Change>& record, Context& context) override {
    const debezium::Op op = record.value == nullptr ? debezium::Op::kTombstone : record.value->op;
    if (op == debezium::Op::kMessage) return metrics_.messages->Add();
    if (op == debezium::Op::kTruncate) {
      context.Refuse("the table was truncated: its rows are still kept here", PoisonClass::kState);
    }
    if (record.key == nullptr) {
      context.Refuse("a change of a row without a key", PoisonClass::kSchema);
    }
    const Id id = Table::IdOf(*record.key);
    now_ = record.timestamp;
    is_known_ = rows_.Get(id, &kept_);
    if (op == debezium::Op::kTombstone) return OnTombstone(id, context);
    if (record.value->source.snapshot == debezium::Snapshot::kLast) metrics_.bootstrap->Set(1);
    if (record.value->is_delete()) return OnDelete(id, *record.value, context);
    OnRow(id, *record.value, context);
  }

 private:
  // A tombstone says that the deletion in front of it may be forgotten. Where a transform leaves
  // deletions out, it is the deletion.
  void OnTombstone(const Id& id, Context& context) {
    if (!IsLive()) return;
    if (kept_.awaits_tombstone) {
      kept_.awaits_tombstone = false;
      return rows_.PutVersion(id, kept_, now_);
    }
    Remove(id, Change(), context);
  }

  void OnDelete(const Id& id, const Change& change, Context& context) {
    if (IsOld(change.source)) {
      metrics_.repeated->Add();
      if (!IsLive() || kept_.awaits_tombstone) return;
      kept_.awaits_tombstone = true;
      return rows_.PutVersion(id, kept_, now_);
    }
    if (rows_.IsErased(Table::UsersOf(id, nullptr))) return metrics_.erased_late->Add();
    Remove(id, change, context);
  }

  void OnRow(const Id& id, const Change& change, Context& context) {
    const Row& row = *change.after;
    if (!(Table::IdOf(row) == id)) {
      context.Refuse("the key of the change is not that of its row", PoisonClass::kSchema);
    }
    if (!Table::IsAllowed(row)) {
      context.Refuse("a user follows themselves", PoisonClass::kPolicy);
    }
    if (rows_.IsErased(Table::UsersOf(id, &row))) return metrics_.erased_late->Add();
    if (IsOld(change.source)) return metrics_.repeated->Add();
    if (Table::IsHidden(row)) return Remove(id, change, context);
    out_.after = row;
    const Timestamp event_time = SettleTime(change, context);
    Table::FillFrom(IsLive() ? &kept_.row : nullptr, &*out_.after);
    if (IsLive()) return Update(id, change, event_time, context);
    out_.op = change.op == debezium::Op::kSnapshot ? change.op : debezium::Op::kCreate;
    out_.before.reset();
    Keep(id, change);
    Forward(change, *out_.after, event_time, context);
  }

  void Update(const Id& id, const Change& change, Timestamp event_time, Context& context) {
    const bool is_news = !(kept_.row == *out_.after);
    if (is_news) {
      out_.before = kept_.row;
    } else {
      metrics_.repeated->Add();
    }
    Keep(id, change);
    if (!is_news) return;
    if (Table::OutKeyOf(*out_.before) == Table::OutKeyOf(*out_.after)) {
      out_.op = debezium::Op::kUpdate;
      return Forward(change, *out_.after, event_time, context);
    }
    // For who reads it by key the row leaves one place and comes to another.
    Row after = *std::move(out_.after);
    out_.op = debezium::Op::kDelete;
    out_.after.reset();
    Forward(change, *out_.before, TimeOfDeletion(change.source, context), context);
    out_.op = debezium::Op::kCreate;
    out_.before.reset();
    out_.after = std::move(after);
    Forward(change, *out_.after, event_time, context);
  }

  // Gives out_.after the time that counts for it, and returns the event time. What an earlier
  // change of the row has settled stays.
  Timestamp SettleTime(const Change& change, Context& context) {
    Row& row = *out_.after;
    const bool was_settled = IsLive() && (Table::kKeepsTime || kept_.is_clamped);
    is_clamped_ = was_settled && kept_.is_clamped;
    if (was_settled) {
      row.created_at = kept_.row.created_at;
    } else if (row.created_at == kNoTimestamp) {
      if (Table::kNeedsTime || change.op != debezium::Op::kSnapshot) {
        context.Refuse("created_at: missing", PoisonClass::kSchema);
      }
    } else {
      const Timestamp told =
          std::exchange(row.created_at, clock_.Believe(row.created_at, now_, context));
      is_clamped_ = row.created_at != told;
    }
    if (row.created_at != kNoTimestamp) return row.created_at;
    return TimeOfDeletion(change.source, context);
  }

  // A row has no time of its own when it goes: the commit's.
  Timestamp TimeOfDeletion(const debezium::Source& source, Context& context) {
    return source.time == kNoTimestamp ? now_ : clock_.Believe(source.time, now_, context);
  }

  void Remove(const Id& id, const Change& change, Context& context) {
    const bool was_live = IsLive();
    const Timestamp event_time = TimeOfDeletion(change.source, context);
    after_.version = NewerVersion(change.source);
    after_.is_live = after_.is_clamped = after_.awaits_tombstone = false;
    after_.gone_at = now_;
    after_.row = Row();
    if (after_.version.is_known()) {
      rows_.Put(id, is_known_ ? &kept_ : nullptr, after_, now_);
    } else if (is_known_) {
      rows_.Forget(id, kept_);
    }
    if (!was_live) return;
    out_.op = debezium::Op::kDelete;
    out_.before = kept_.row;
    out_.after.reset();
    Forward(change, kept_.row, event_time, context);
  }

  void Keep(const Id& id, const Change& change) {
    after_.version = NewerVersion(change.source);
    after_.is_live = true;
    after_.is_clamped = is_clamped_;
    after_.awaits_tombstone = false;
    after_.gone_at = kNoTimestamp;
    after_.row = *out_.after;
    rows_.Put(id, is_known_ ? &kept_ : nullptr, after_, now_);
  }

  void Forward(const Change& change, const Row& of, Timestamp event_time, Context& context) {
    out_.source = change.source;
    out_.emitted = change.emitted;
    const auto key = Table::OutKeyOf(of);
    context.Forward({.key = &key, .value = &out_, .timestamp = event_time});
  }

  bool IsLive() const { return is_known_ && kept_.is_live; }
  // A change without a version counts in the order of its arrival.
  bool IsOld(const debezium::Source& source) const {
    const RowVersion version = VersionOf(source);
    return is_known_ && version.is_known() && version <= kept_.version;
  }
  RowVersion NewerVersion(const debezium::Source& source) const {
    const RowVersion version = VersionOf(source);
    return is_known_ && !version.is_known() ? kept_.version : version;
  }

  RowStore<Row> rows_;
  NormaliseMetrics metrics_;
  EventClock clock_;

  // Of the record at hand; members for their memory.
  Timestamp now_;
  bool is_known_ = false;  // kept_ is what the store had
  StoredRow<Row> kept_;
  StoredRow<Row> after_;
  bool is_clamped_ = false;
  Change out_;
};

}  // namespace millrace::topologies
