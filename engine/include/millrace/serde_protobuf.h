// Serde of every message of Protocol Buffers: include this header and the generated one, and the
// message is a key or a value like any other.
//
//   inline const Topic<std::string, shop::Order> kOrders{"orders"};
//
// Encoding is deterministic within one version of the library (map fields in order of their keys),
// so that equal messages are equal keys. Decoding keeps unknown fields. Link protobuf::libprotobuf.
#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>
#include <google/protobuf/message_lite.h>
#include <google/protobuf/util/json_util.h>

#include <concepts>
#include <limits>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "millrace/detail/codec.h"
#include "millrace/serde.h"
#include "millrace/status.h"

namespace millrace {

template <class M>
concept ProtobufMessage = std::derived_from<M, google::protobuf::MessageLite>;

template <ProtobufMessage M>
struct Serde<M> {
  // REQUIRES: less than 2 GiB, the limit of the format.
  static void Encode(const M& message, std::string* out) {
    const size_t size = message.ByteSizeLong();
    MR_CHECK(size <= kSizeMax, "a protobuf message of 2 GiB or more");
    const size_t start = out->size();
    out->resize(start + size);
    google::protobuf::io::ArrayOutputStream array(out->data() + start, static_cast<int>(size));
    google::protobuf::io::CodedOutputStream coded(&array);
    coded.SetSerializationDeterministic(true);
    message.SerializeWithCachedSizes(&coded);
  }

  // InvalidArgument as well when a required field (proto2) is missing.
  static absl::Status Decode(std::string_view bytes, M* out) {
    const bool fits = bytes.size() <= kSizeMax;
    if (!fits || !out->ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return absl::InvalidArgumentError("not a protobuf message " + out->GetTypeName());
    }
    if (!out->IsInitialized()) {
      return absl::InvalidArgumentError("a protobuf message " + out->GetTypeName() +
                                        " without: " + out->InitializationErrorString());
    }
    return absl::OkStatus();
  }

  // Protobuf's JSON mapping; lite messages have none.
  static std::string ToJson(
      const M& message) requires std::derived_from<M, google::protobuf::Message> {
    std::string json;
    const auto status = google::protobuf::util::MessageToJsonString(message, &json);
    return status.ok() ? json : message.ShortDebugString();
  }

 private:
  static constexpr size_t kSizeMax = std::numeric_limits<int>::max();
};

namespace detail {
template <ProtobufMessage M>
struct FormatOf<M> {
  static constexpr Format value = Format::kProtobuf;
};
}  // namespace detail

}  // namespace millrace
