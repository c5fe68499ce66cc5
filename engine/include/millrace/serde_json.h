// Json: a JSON document as the value (or key) of a topic or store, for topologies whose data has no
// type of its own.
//
//   inline const Topic<std::string, Json> kEvents{"events"};
//   … .Filter([](const Json& event) { return event.Find("type") != nullptr; })
//
// Numbers read back exactly as they were written; int64 is not rounded. The last of equal field
// names wins. Link Boost::json to work with the documents inside.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "millrace/serde.h"

namespace millrace {

// A document, null by default. Copies are deep. Thread-compatible.
class Json {
 public:
  Json() = default;
  Json(boost::json::value value) : value_(std::move(value)) {}  // NOLINT: it is one

  const boost::json::value& operator*() const { return value_; }
  boost::json::value& operator*() { return value_; }
  const boost::json::value* operator->() const { return &value_; }
  boost::json::value* operator->() { return &value_; }

  // The field of that name; null where there is none, or where this is no object.
  const boost::json::value* Find(std::string_view name) const;
  // Canonical text: no white space, fields in the order in which they were put in.
  std::string ToString() const;

  bool operator==(const Json& other) const { return value_ == other.value_; }

 private:
  boost::json::value value_;
};

template <>
struct Serde<Json> {
  // REQUIRES: valid UTF-8 and finite numbers, which is all that Decode() makes.
  static void Encode(const Json& json, std::string* out);
  // One document, at most 256 levels deep, and nothing behind it.
  static absl::Status Decode(std::string_view bytes, Json* out);
  static std::string ToJson(const Json& json) { return json.ToString(); }
};

}  // namespace millrace
