#include "generator/faults.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "millrace/status.h"

namespace millrace::gen {
namespace {

struct Knob {
  std::string_view name;
  uint32_t usual;  // per million
};
constexpr std::array<Knob, kFaultKinds> kKnobs = {{{"redelivery", 5'000},
                                                   {"disorder", 50'000},
                                                   {"late", 5'000},
                                                   {"very-late", 500},
                                                   {"skew", 1'000},
                                                   {"malformed", 500},
                                                   {"early-likes", 3'000},
                                                   {"flaps", 2'000},
                                                   {"stale", 10'000},
                                                   {"erasures", 100}}};

std::optional<Fault> FaultOf(std::string_view name) {
  for (size_t i = 0; i < kFaultKinds; ++i) {
    if (kKnobs[i].name == name) return static_cast<Fault>(i);
  }
  return std::nullopt;
}

// "0.05%" as parts of a million.
std::optional<uint32_t> Parts(const std::string& percent) {
  double number = 0;
  if (!percent.ends_with('%')) return std::nullopt;
  if (!absl::SimpleAtod(percent.substr(0, percent.size() - 1), &number)) return std::nullopt;
  if (!(number >= 0 && number <= 100)) return std::nullopt;
  return static_cast<uint32_t>(number * 10'000 + 0.5);
}

absl::Status Apply(std::string term, Faults* faults) {
  if (term == "all" || term == "none") {
    *faults = term == "all" ? Faults::All() : Faults::None();
    return absl::OkStatus();
  }
  const bool off = term.starts_with('-');
  if (off) term.erase(0, 1);
  const std::pair<std::string, std::string> parts = absl::StrSplit(term, absl::MaxSplits('=', 1));
  const std::optional<Fault> fault = FaultOf(parts.first);
  if (!fault.has_value()) {
    std::string names = "all, none";
    for (const Knob& knob : kKnobs) absl::StrAppend(&names, ", ", std::string(knob.name));
    return absl::InvalidArgumentError(
        absl::StrCat("unknown fault '", parts.first, "'; there are ", names));
  }
  std::optional<uint32_t> share = kKnobs[static_cast<size_t>(*fault)].usual;
  if (off) share = 0;
  if (!off && !parts.second.empty()) share = Parts(parts.second);
  if (!share.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", parts.second, "' is no part: from 0% to 100%, as in 0.05%"));
  }
  faults->Set(*fault, *share);
  return absl::OkStatus();
}

}  // namespace

std::string_view NameOf(Fault fault) { return kKnobs[static_cast<size_t>(fault)].name; }

Faults Faults::All() {
  Faults faults;
  for (size_t i = 0; i < kFaultKinds; ++i) faults.parts_[i] = kKnobs[i].usual;
  return faults;
}

absl::StatusOr<Faults> Faults::Parse(std::string_view text) {
  Faults faults;
  const std::vector<std::string> terms = absl::StrSplit(std::string(text), ',');
  for (const std::string& term : terms) {
    MR_RETURN_IF_ERROR(Apply(term, &faults));
  }
  return faults;
}

}  // namespace millrace::gen
