// RecordStream: a social network as the records of its topics, in the order in which they come into
// the log, with everything that goes wrong on the way.
//
// Each fault is drawn on its own, by a counter: a knob that is turned moves nothing else. Changes
// of one row keep their order.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <queue>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "generator/change_record.h"
#include "generator/fact_writer.h"
#include "generator/faults.h"
#include "generator/malformed.h"
#include "generator/social_network.h"

namespace millrace::gen {

// The network with those of the faults that it makes itself.
SocialNetwork::Options WithMishaps(SocialNetwork::Options network, const Faults& faults);

// What a stream was made of; complete once it has ended.
struct StreamCounts {
  std::map<std::string_view, uint64_t> records;        // by topic
  std::map<std::string_view, uint64_t> snapshot_rows;  // facts that they are, by kind
  std::map<std::string_view, uint64_t> live_facts;     // all others
  std::map<std::string_view, uint64_t> faults;
  std::map<std::string_view, uint64_t> malformed;  // by form
  // By topic and by what dlq.class says.
  std::map<std::string_view, std::map<std::string_view, uint64_t>> dead_letters;
  Timestamp settled = kNoTimestamp;  // nothing older comes behind it
  uint64_t hash = 0;                 // of all bytes, in order
};

// Holds the records that are to come late, beside what the network needs. One thread.
class RecordStream {
 public:
  struct Options {
    SocialNetwork::Options network;
    bool announces = false;  // see FactWriter
    Faults faults;           // those that the network itself makes, too
  };
  // A network of which only the four tables are told, and nothing goes wrong.
  static Options Tables(SocialNetwork::Options network) {
    return {.network = std::move(network), .announces = false, .faults = {}};
  }

  explicit RecordStream(const Options& options);

  // Fills `out` with the next record; false at the end.
  bool Next(ChangeRecord* out);
  const StreamCounts& counts() const { return counts_; }

 private:
  struct Late {
    RowTime due;
    uint64_t number;  // those of equal time in their order
    ChangeRecord record;
    bool opens_row;  // when it has come, records of its row may come at once
    bool operator>(const Late& other) const {
      return std::pair(due, number) > std::pair(other.due, other.number);
    }
  };
  struct Row {
    RowTime last_due;
    uint32_t waiting = 0;
  };

  // Takes the next fact into ready_ or late_; false once there are none.
  bool TakeFact();
  void Deliver(const Fact& fact, size_t index);
  // How long the record of a fact is on its way.
  RowTime DueOf(const Fact& fact, bool first, Draws& draws);
  void Keep(RowTime due, const ChangeRecord& record, bool opens_row);
  void Damage(const ChangeRecord& good, Draws& draws);
  bool IsDamaged(const ChangeRecord& record, Draws& draws) const;
  void KeepStale();
  bool TakeLate(RowTime until, ChangeRecord* out);
  void HandOut(ChangeRecord* out);
  void Finish();
  bool Hits(Fault fault, Draws& draws) const {
    return draws.Below(1'000'000) < options_.faults[fault];
  }

  const Options options_;
  SocialNetwork network_;
  FactWriter writer_;
  StreamCounts counts_;
  RowTime now_;
  uint64_t facts_ = 0;
  uint64_t kept_ = 0;
  bool in_snapshot_ = true;
  bool ended_ = false;
  std::vector<ChangeRecord> of_fact_;
  std::vector<ChangeRecord> ready_;  // from ready_at_ on, to be handed out now
  size_t ready_at_ = 0;
  std::vector<Fact> stale_;
  std::priority_queue<Late, std::vector<Late>, std::greater<>> late_;
  absl::flat_hash_map<std::string, Row> rows_;  // of which a record is late
  std::array<uint32_t, kBadForms> damaged_{};
  Timestamp last_ = kNoTimestamp;
};

}  // namespace millrace::gen
