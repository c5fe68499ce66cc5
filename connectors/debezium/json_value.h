// JsonValue: one value of a parsed JSON document, for decoders that must not know the parser.
#pragma once

#include <cstdint>
#include <string_view>

namespace millrace::debezium {

// A scalar by value; of an array or an object only the kind. A text borrows from the parser and is
// valid until the same thread decodes its next document.
struct JsonValue {
  // kInteger is every integer that fits int64, exactly; kUnsigned is a larger one that fits uint64.
  // kAbsent: there is no such field.
  enum class Kind { kAbsent, kNull, kBool, kInteger, kUnsigned, kDouble, kString, kArray, kObject };

  Kind kind = Kind::kAbsent;
  union {
    bool boolean;
    int64_t integer = 0;
    uint64_t natural;
    double number;
  };
  std::string_view text;

  // Neither missing nor null.
  bool has_value() const { return kind != Kind::kAbsent && kind != Kind::kNull; }
};

}  // namespace millrace::debezium
