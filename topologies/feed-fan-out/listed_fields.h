// ListedFieldSerde: fields of fixed width (fields.h), then any number of items of fixed width.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "millrace/status.h"
#include "topologies/common/fields.h"

namespace millrace::topologies::feed {

template <class Row>
constexpr size_t BytesOfFields() {
  return std::apply(
      [](const auto&... field) {
        return (sizeof(internal::BitsOf<std::decay_t<decltype(Row().*field.member)>>) + ...);
      },
      Fields<Row>::kAll);
}

// Item has Fields; those of Row leave out the list itself.
template <class Row, class Item, std::vector<Item> Row::*kList>
struct ListedFieldSerde {
  static void Encode(const Row& row, std::string* out) {
    FieldSerde<Row>::Encode(row, out);
    for (const Item& item : row.*kList) FieldSerde<Item>::Encode(item, out);
  }

  static absl::Status Decode(std::string_view bytes, Row* out) {
    constexpr size_t kFixed = BytesOfFields<Row>();
    constexpr size_t kItem = BytesOfFields<Item>();
    if (bytes.size() < kFixed || (bytes.size() - kFixed) % kItem != 0) {
      return absl::InvalidArgumentError("a row with a list of items has the wrong length");
    }
    MR_RETURN_IF_ERROR(FieldSerde<Row>::Decode(bytes.substr(0, kFixed), out));
    (out->*kList).clear();
    for (bytes.remove_prefix(kFixed); !bytes.empty(); bytes.remove_prefix(kItem)) {
      MR_RETURN_IF_ERROR(
          FieldSerde<Item>::Decode(bytes.substr(0, kItem), &(out->*kList).emplace_back()));
    }
    return absl::OkStatus();
  }

  static std::string ToJson(const Row& row) {
    std::string json = FieldSerde<Row>::ToJson(row);
    json.pop_back();
    json += ",\"list\":[";
    for (const Item& item : row.*kList) {
      if (json.back() != '[') json += ',';
      json += FieldSerde<Item>::ToJson(item);
    }
    return json + "]}";
  }
};

}  // namespace millrace::topologies::feed
