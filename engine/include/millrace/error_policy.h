// What happens to a poison record: one that cannot be decoded, or on which user code throws.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"

namespace millrace {

// Why a record is poison, for who sorts dead letters: the header dlq.class has the name.
enum class PoisonClass : uint8_t {
  kDeserialize,  // DESERIALIZE: the bytes are no key or value of the topic's format
  kSchema,       // SCHEMA: they are, but a field is missing or of another type
  kRange,        // RANGE: a number or a time that cannot be
  kReference,    // REFERENCE: it speaks of something that never came
  kPolicy,       // POLICY: well-formed and not allowed
  kOversize,     // OVERSIZE
  kState,        // STATE: what is kept contradicts it
  kProcessing,   // PROCESSING: user code threw something that says no more
};
std::string_view PoisonClassName(PoisonClass poison);
// Of a serde's error: FailedPrecondition is kSchema, OutOfRange kRange, ResourceExhausted
// kOversize, and the rest kDeserialize.
PoisonClass PoisonClassOf(const absl::Status& error);

class ErrorPolicy {
 public:
  enum class Action { kStop, kSkip, kDeadLetter };

  // The task stops; the transaction is aborted; nothing is lost. The next start meets it again.
  static ErrorPolicy Stop() { return ErrorPolicy(Action::kStop, ""); }
  // Dropped and counted.
  static ErrorPolicy Skip() { return ErrorPolicy(Action::kSkip, ""); }
  // Original key, value, headers and timestamp go to `topic` with headers that say why and where,
  // in the same transaction. An empty name means "<source topic>-dlq". The default.
  static ErrorPolicy DeadLetter(std::string topic = "") {
    return ErrorPolicy(Action::kDeadLetter, std::move(topic));
  }

  Action action() const { return action_; }
  const std::string& topic() const { return topic_; }

 private:
  ErrorPolicy(Action action, std::string topic) : action_(action), topic_(std::move(topic)) {}
  Action action_;
  std::string topic_;
};

// What becomes of a record whose event time is negative. Kafka Streams stops on it unless told
// otherwise: that is kPoison with ErrorPolicy::Stop().
enum class InvalidTimestamp {
  kDrop,           // dropped and counted
  kPoison,         // as the topology's ErrorPolicy says
  kPartitionTime,  // it gets the highest event time of its partition; kPoison before there is one
};

}  // namespace millrace
