// What may go wrong on the way from a social network to a topic, each knob on its own.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"

namespace millrace::gen {

enum class Fault : uint8_t {
  kRedelivery,  // of records: they come again later, as they were
  kDisorder,    // records that come late by an exponential time of 20 s, five minutes at most
  kLate,        // reactions that say they are up to an hour old
  kVeryLate,    // reactions older than a day before live time
  kSkew,        // clients whose clock is 10 minutes off
  kMalformed,   // damaged copies of records beside them
  kEarlyLikes,  // of likes: posts that are overtaken by their first two
  kFlaps,       // follows that are taken back and made again within seconds
  kStale,       // rows of the snapshot whose creation is read again from the database's log
  kErasures,    // of users
};
inline constexpr size_t kFaultKinds = 10;

std::string_view NameOf(Fault fault);

// How much of each, per million of what it happens to.
class Faults {
 public:
  static Faults None() { return {}; }
  // Redelivery 0.5 %, disorder 5 %, late 0.5 %, very-late 0.05 %, skew 0.1 %, malformed 0.05 %,
  // early-likes 0.3 %, flaps 0.2 %, stale 1 %, erasures 0.01 %.
  static Faults All();
  // "none", "all", or names with commas, each with its part if wanted: "all,malformed=0.2%,-flaps".
  // InvalidArgument names the part that is wrong.
  static absl::StatusOr<Faults> Parse(std::string_view text);

  uint32_t operator[](Fault fault) const { return parts_[static_cast<size_t>(fault)]; }
  void Set(Fault fault, uint32_t parts) { parts_[static_cast<size_t>(fault)] = parts; }

 private:
  std::array<uint32_t, kFaultKinds> parts_{};
};

}  // namespace millrace::gen
