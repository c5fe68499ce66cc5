// Damaged records: the forms in which garbage comes into topics, and what has to become of each.
#pragma once

#include <cstdint>
#include <string_view>

#include "generator/change_record.h"
#include "generator/random.h"

namespace millrace::gen {

enum class BadForm : uint8_t {
  kTruncatedJson,  // the bytes end in the middle
  kBadUtf8,        // a byte that no text has
  kNan,            // NaN for a number, which is no JSON
  kWrongType,      // a text for a number
  kMissingField,   // a column that must be there is not
  kUnknownOp,      // an operation, or a type of event, that does not exist
  kNullKey,        // a change without its primary key
  kTruncate,       // the table was emptied
  kSelfFollow,     // a user who follows himself
  kFarFuture,      // a row that says it was created in two days
  kOversize,       // two mebibytes
};
inline constexpr size_t kBadForms = 11;

std::string_view NameOf(BadForm form);
// Of its dead letter: the value of the header dlq.class.
std::string_view DeadLetterClassOf(BadForm form);
// They take room.
inline bool IsRare(BadForm form) { return form == BadForm::kOversize; }

// Makes `out` a damaged copy of a record that creates or updates something. False if the form is
// none for records of its topic, or of this one.
bool Damage(const ChangeRecord& good, BadForm form, Draws& draws, ChangeRecord* out);

}  // namespace millrace::gen
