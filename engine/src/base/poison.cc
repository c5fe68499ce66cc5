#include "millrace/detail/poison.h"

#include <stdexcept>

namespace millrace {
namespace {

class PoisonError final : public std::invalid_argument {
 public:
  PoisonError(const char* message, PoisonClass poison)
      : std::invalid_argument(message), poison_(poison) {}
  PoisonClass poison() const { return poison_; }

 private:
  PoisonClass poison_;
};

}  // namespace

std::string_view PoisonClassName(PoisonClass poison) {
  switch (poison) {
    case PoisonClass::kDeserialize:
      return "DESERIALIZE";
    case PoisonClass::kSchema:
      return "SCHEMA";
    case PoisonClass::kRange:
      return "RANGE";
    case PoisonClass::kReference:
      return "REFERENCE";
    case PoisonClass::kPolicy:
      return "POLICY";
    case PoisonClass::kOversize:
      return "OVERSIZE";
    case PoisonClass::kState:
      return "STATE";
    case PoisonClass::kProcessing:
      return "PROCESSING";
  }
  return "";
}

PoisonClass PoisonClassOf(const absl::Status& error) {
  switch (error.code()) {
    case absl::StatusCode::kFailedPrecondition:
      return PoisonClass::kSchema;
    case absl::StatusCode::kOutOfRange:
      return PoisonClass::kRange;
    case absl::StatusCode::kResourceExhausted:
      return PoisonClass::kOversize;
    default:
      return PoisonClass::kDeserialize;
  }
}

namespace detail {

void RaisePoison(const char* message, PoisonClass poison) { throw PoisonError(message, poison); }

PoisonClass PoisonClassOf(const std::exception& error) {
  const auto* known = dynamic_cast<const PoisonError*>(&error);
  return known == nullptr ? PoisonClass::kProcessing : known->poison();
}

}  // namespace detail
}  // namespace millrace
