#include "generator/record_stream.h"

#include <algorithm>
#include <numeric>

#include "base/checksum.h"
#include "generator/distributions.h"
#include "generator/streams.h"

namespace millrace::gen {
namespace {

constexpr uint64_t kMeanDelay = 20'000'000;  // microseconds
constexpr uint64_t kLongestDelay = 300'000'000;
constexpr std::chrono::seconds kBehindLikes(40);
constexpr std::chrono::minutes kSettling(6);
// A rare form counts as so many of another.
constexpr uint32_t kRareOneIn = 100;

std::chrono::microseconds Delay(Draws& draws) {
  return std::chrono::microseconds(std::min(kLongestDelay, 1 + Exponential(draws, kMeanDelay)));
}

std::string RowOf(const ChangeRecord& record) {
  std::string row(record.topic);
  row += ' ';
  row += record.key;
  return row;
}

}  // namespace

SocialNetwork::Options WithMishaps(SocialNetwork::Options network, const Faults& faults) {
  network.mishaps = {.late = faults[Fault::kLate],
                     .very_late = faults[Fault::kVeryLate],
                     .skewed = faults[Fault::kSkew],
                     .early_likes = faults[Fault::kEarlyLikes],
                     .flaps = faults[Fault::kFlaps],
                     .erased_users = faults[Fault::kErasures]};
  return network;
}

RecordStream::RecordStream(const Options& options)
    : options_(options),
      network_(WithMishaps(options.network, options.faults)),
      writer_({.seed = options.network.seed, .announces = options.announces}),
      now_(options.network.start) {}

bool RecordStream::Next(ChangeRecord* out) {
  while (true) {
    if (ready_at_ < ready_.size()) {
      // What was due before the fact comes before it.
      if (TakeLate(now_ - std::chrono::microseconds(1), out)) return true;
      std::swap(*out, ready_[ready_at_++]);
      HandOut(out);
      return true;
    }
    ready_.clear();
    ready_at_ = 0;
    // Once the facts have ended there is nobody to wait for.
    if (TakeLate(ended_ ? RowTime::max() : now_, out)) return true;
    if (ended_) return false;
    if (!TakeFact()) {
      ended_ = true;
      Finish();
    }
  }
}

bool RecordStream::TakeFact() {
  Fact fact;
  if (!network_.Next(&fact)) return false;
  if (in_snapshot_ && !fact.in_snapshot) {
    in_snapshot_ = false;
    KeepStale();
  }
  now_ = fact.at;
  writer_.Write(fact, &of_fact_);
  for (size_t i = 0; i < of_fact_.size(); ++i) Deliver(fact, i);
  ++facts_;
  return true;
}

void RecordStream::Deliver(const Fact& fact, size_t index) {
  const ChangeRecord& record = of_fact_[index];
  const bool first = index == 0;
  Draws draws(RandomKey(options_.network.seed, kFaultStream, facts_ * 8 + index));
  if (fact.in_snapshot) {
    if (Hits(Fault::kStale, draws)) stale_.push_back(fact);
    ready_.push_back(record);
    return;
  }
  if (first && IsDamaged(record, draws)) Damage(record, draws);
  RowTime due = DueOf(fact, first, draws);
  if (!rows_.empty()) {
    const auto row = rows_.find(RowOf(record));
    if (row != rows_.end()) due = std::max(due, row->second.last_due);
  }
  // A tombstone has no version: alone, behind a row that came back, it would delete that row. No
  // connector repeats it so: it goes back to a position and repeats everything behind that.
  const bool again = !record.is_tombstone && Hits(Fault::kRedelivery, draws) && !fact.on_time;
  if (due > now_) {
    Row& late = rows_[RowOf(record)];
    late.last_due = due;
    ++late.waiting;
    Keep(due, record, /*opens_row=*/true);
  } else {
    ready_.push_back(record);
  }
  if (!again) return;
  ++counts_.faults[NameOf(Fault::kRedelivery)];
  Keep(due + Delay(draws), record, /*opens_row=*/false);
}

RowTime RecordStream::DueOf(const Fact& fact, bool first, Draws& draws) {
  if (fact.after_likes) {
    if (first) ++counts_.faults[NameOf(Fault::kEarlyLikes)];
    return now_ + kBehindLikes;
  }
  if (fact.on_time || !Hits(Fault::kDisorder, draws)) return now_;
  ++counts_.faults[NameOf(Fault::kDisorder)];
  return now_ + Delay(draws);
}

void RecordStream::Keep(RowTime due, const ChangeRecord& record, bool opens_row) {
  late_.push({due, kept_++, record, opens_row});
}

// Whatever there was the least of, so that even a short stream has one of every form.
void RecordStream::Damage(const ChangeRecord& good, Draws& draws) {
  std::array<size_t, kBadForms> forms{};
  std::iota(forms.begin(), forms.end(), size_t{0});
  std::stable_sort(forms.begin(), forms.end(),
                   [this](size_t a, size_t b) { return damaged_[a] < damaged_[b]; });
  ChangeRecord bad;
  for (const size_t form : forms) {
    const auto bad_form = static_cast<BadForm>(form);
    if (!gen::Damage(good, bad_form, draws, &bad)) continue;
    damaged_[form] += IsRare(bad_form) ? kRareOneIn : 1;
    ++counts_.malformed[NameOf(bad_form)];
    ++counts_.faults[NameOf(Fault::kMalformed)];
    ++counts_.dead_letters[bad.topic][DeadLetterClassOf(bad_form)];
    ready_.push_back(bad);
    return;
  }
}

// Events of clients are nine records of ten: they get less than their share, the tables more.
bool RecordStream::IsDamaged(const ChangeRecord& record, Draws& draws) const {
  const uint64_t parts = options_.faults[Fault::kMalformed];
  return draws.Below(8'000'000) < (record.topic == kEventsTopic ? parts : 32 * parts);
}

// Changes that the snapshot holds already, read again when the connector begins with the log.
void RecordStream::KeepStale() {
  ChangeRecord record;
  for (const Fact& fact : stale_) {
    writer_.WriteStale(fact, &record);
    ready_.push_back(record);
    ++counts_.faults[NameOf(Fault::kStale)];
  }
  stale_ = {};
}

bool RecordStream::TakeLate(RowTime until, ChangeRecord* out) {
  if (late_.empty() || late_.top().due > until) return false;
  // Nobody else sees the top before it is gone.
  Late& late = const_cast<Late&>(late_.top());
  *out = std::move(late.record);
  out->timestamp = std::max(out->timestamp, std::chrono::floor<Duration>(late.due));
  if (late.opens_row) {
    const auto row = rows_.find(RowOf(*out));
    if (--row->second.waiting == 0) rows_.erase(row);
  }
  late_.pop();
  HandOut(out);
  return true;
}

void RecordStream::HandOut(ChangeRecord* out) {
  out->timestamp = last_ = std::max(out->timestamp, last_);
  ++counts_.records[out->topic];
  const auto add = [this](std::string_view bytes) {
    counts_.hash = Checksum64(bytes, counts_.hash + bytes.size());
  };
  add(out->topic);
  add(out->has_key ? std::string_view(out->key) : std::string_view("null key"));
  add(out->is_tombstone ? std::string_view("null") : std::string_view(out->value));
  const int64_t millis = ToMillis(out->timestamp);
  counts_.hash = Mix64(counts_.hash ^ static_cast<uint64_t>(millis));
}

void RecordStream::Finish() {
  const SocialNetwork::Counts& made = network_.counts();
  for (size_t i = 0; i < kFactKinds; ++i) {
    const std::string_view name = NameOf(static_cast<FactKind>(i));
    if (made.snapshot_rows[i] > 0) counts_.snapshot_rows[name] = made.snapshot_rows[i];
    if (made.live[i] > 0) counts_.live_facts[name] = made.live[i];
  }
  const auto count = [this](Fault fault, uint64_t n) {
    if (n > 0) counts_.faults[NameOf(fault)] = n;
  };
  count(Fault::kLate, made.late);
  count(Fault::kVeryLate, made.very_late);
  count(Fault::kSkew, made.skewed_ahead + made.skewed_behind);
  count(Fault::kFlaps, made.flaps);
  count(Fault::kErasures, made.live[static_cast<size_t>(FactKind::kErase)]);
  counts_.settled = std::chrono::ceil<Duration>(network_.last_change() + kSettling);
}

}  // namespace millrace::gen
