#include "millrace/serde_json.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serializer.hpp>
#include <boost/json/value_stack.hpp>
#include <charconv>
#include <cmath>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace millrace {
namespace {

namespace json = boost::json;

// Puts a document together from what the parser meets. The library's own one takes numbers with a
// fraction from the parser, which is off by one in the last place for every tenth of them; a state
// that changes each time it is read would be no state. So this one reads their text again.
struct ExactHandler {
  static constexpr size_t max_object_size = static_cast<size_t>(-1);
  static constexpr size_t max_array_size = static_cast<size_t>(-1);
  static constexpr size_t max_key_size = static_cast<size_t>(-1);
  static constexpr size_t max_string_size = static_cast<size_t>(-1);
  using Error = json::error_code;
  using Text = json::string_view;

  bool on_document_begin(Error&) { return true; }
  bool on_document_end(Error&) { return true; }
  bool on_array_begin(Error&) { return true; }
  bool on_array_end(size_t count, Error&) {
    stack.push_array(count);
    return true;
  }
  bool on_object_begin(Error&) { return true; }
  bool on_object_end(size_t count, Error&) {
    stack.push_object(count);
    return true;
  }
  bool on_string_part(Text text, size_t, Error&) {
    stack.push_chars(text);
    return true;
  }
  bool on_string(Text text, size_t, Error&) {
    stack.push_string(text);
    return true;
  }
  bool on_key_part(Text text, size_t, Error&) {
    stack.push_chars(text);
    return true;
  }
  bool on_key(Text text, size_t, Error&) {
    stack.push_key(text);
    return true;
  }
  bool on_number_part(Text text, Error&) {
    number.append(text.data(), text.size());
    return true;
  }
  bool on_int64(int64_t value, Text, Error&) {
    number.clear();
    stack.push_int64(value);
    return true;
  }
  bool on_uint64(uint64_t value, Text, Error&) {
    number.clear();
    stack.push_uint64(value);
    return true;
  }
  bool on_double(double roughly, Text text, Error& error) {
    number.append(text.data(), text.size());
    double value = 0;
    const auto code = std::from_chars(number.data(), number.data() + number.size(), value).ec;
    number.clear();
    // What is too small to be told from zero is zero; what is too large has no JSON text.
    if (code == std::errc::result_out_of_range && std::abs(roughly) > 1) {
      error = json::error::exponent_overflow;
      return false;
    }
    stack.push_double(value);
    return true;
  }
  bool on_bool(bool value, Error&) {
    stack.push_bool(value);
    return true;
  }
  bool on_null(Error&) {
    stack.push_null();
    return true;
  }
  bool on_comment_part(Text, Error&) { return true; }
  bool on_comment(Text, Error&) { return true; }

  json::value_stack stack;
  std::string number;  // its text so far
};

constexpr size_t kDepthMax = 256;

class ExactParser {
 public:
  ExactParser() : parser_(Options()) {}

  absl::Status Parse(std::string_view bytes, json::value* out) {
    parser_.reset();
    parser_.handler().stack.reset();
    parser_.handler().number.clear();
    json::error_code error;
    const size_t size = parser_.write_some(false, bytes.data(), bytes.size(), error);
    if (!error && size < bytes.size()) error = json::error::extra_data;
    if (error) {
      return absl::InvalidArgumentError(
          absl::StrCat("not a JSON document: ", error.message(), " at byte ", size));
    }
    *out = parser_.handler().stack.release();
    return absl::OkStatus();
  }

 private:
  static json::parse_options Options() {
    json::parse_options options;
    options.max_depth = kDepthMax;
    return options;
  }

  json::basic_parser<ExactHandler> parser_;
};

void AppendSerialized(const json::value& value, std::string* out) {
  thread_local json::serializer serializer;
  char chunk[1024];
  serializer.reset(&value);
  while (!serializer.done()) {
    const json::string_view text = serializer.read(chunk);
    out->append(text.data(), text.size());
  }
}

}  // namespace

const json::value* Json::Find(std::string_view name) const {
  const json::object* object = value_.if_object();
  return object == nullptr ? nullptr
                           : object->if_contains(json::string_view(name.data(), name.size()));
}

std::string Json::ToString() const {
  std::string text;
  AppendSerialized(value_, &text);
  return text;
}

void Serde<Json>::Encode(const Json& json, std::string* out) { AppendSerialized(*json, out); }

absl::Status Serde<Json>::Decode(std::string_view bytes, Json* out) {
  thread_local ExactParser parser;
  return parser.Parse(bytes, &**out);
}

}  // namespace millrace
