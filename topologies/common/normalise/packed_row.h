// PackedRow<Row>: a row of a table as the bytes of its columns, one after another, for stores: a
// third of the JSON's size, and read without a parser. Made from debezium::Columns<Row>.
//
//   int64_t, Timestamp, bool, enum   as in fields.h
//   std::string                      length (4 bytes, big-endian), bytes
//   std::optional                    1 byte: is there a value; the value
//   Toastable<std::string>           1 byte: null, value, unchanged; the text of a value
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "absl/status/status.h"
#include "connectors/debezium/columns.h"
#include "topologies/common/fields.h"

namespace millrace::topologies {

class RowPacker {
 public:
  explicit RowPacker(std::string* out) : out_(out) {}

  template <class T>
  void operator()(const T& value) {
    internal::AppendField(value, Direction::kAscending, out_);
  }
  void operator()(const std::string& text) {
    (*this)(static_cast<int32_t>(text.size()));
    out_->append(text);
  }
  template <class T>
  void operator()(const std::optional<T>& value) {
    (*this)(value.has_value());
    if (value.has_value()) (*this)(*value);
  }
  void operator()(const debezium::Toastable<std::string>& text) {
    (*this)(static_cast<uint8_t>(text.has_value() ? 1 : text.is_unchanged() ? 2 : 0));
    if (text.has_value()) (*this)(text.value());
  }

 private:
  std::string* out_;
};

// Every call takes one column off the front, or says that it is cut off.
class RowUnpacker {
 public:
  explicit RowUnpacker(std::string_view bytes) : rest_(bytes) {}
  bool at_end() const { return rest_.empty(); }

  template <class T>
  bool operator()(T* value) {
    return internal::ParseField(&rest_, Direction::kAscending, value);
  }
  bool operator()(std::string* text) {
    int32_t size = 0;
    if (!(*this)(&size) || size < 0 || rest_.size() < static_cast<size_t>(size)) return false;
    text->assign(rest_.substr(0, static_cast<size_t>(size)));
    rest_.remove_prefix(static_cast<size_t>(size));
    return true;
  }
  template <class T>
  bool operator()(std::optional<T>* value) {
    bool is_there = false;
    if (!(*this)(&is_there)) return false;
    if (!is_there) {
      value->reset();
      return true;
    }
    if (!value->has_value()) value->emplace();
    return (*this)(&**value);
  }
  bool operator()(debezium::Toastable<std::string>* text) {
    uint8_t state = 0;
    if (!(*this)(&state)) return false;
    if (state == 1) return (*this)(text->SetValue());
    state == 2 ? text->SetUnchanged() : text->SetNull();
    return true;
  }

 private:
  std::string_view rest_;
};

template <class Row>
struct PackedRow {
  static void Encode(const Row& row, std::string* out) {
    RowPacker pack(out);
    std::apply([&](const auto&... column) { (pack(row.*column.member), ...); },
               debezium::Columns<Row>::kAll);
  }
  static absl::Status Decode(std::string_view bytes, Row* out) {
    RowUnpacker unpack(bytes);
    const bool whole =
        std::apply([&](const auto&... column) { return (unpack(&(out->*column.member)) && ...); },
                   debezium::Columns<Row>::kAll);
    if (whole && unpack.at_end()) return absl::OkStatus();
    return absl::InvalidArgumentError("a packed row has the wrong length");
  }
};

}  // namespace millrace::topologies
