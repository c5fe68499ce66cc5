// Serde<T>: how a type becomes bytes. Specialise it for your own struct:
//
//   template <> struct millrace::Serde<Like> {
//     static void Encode(const Like& like, std::string* out);               // appends
//     static absl::Status Decode(std::string_view bytes, Like* out);        // overwrites *out
//   };
//
// Built in: std::string, Bytes, int32_t, int64_t, double (big-endian, as Kafka's serializers),
// Windowed<K> (windows.h), JSON (serde_json.h), Protobuf messages (serde_protobuf.h).
// Topics, stores and repartition steps need a serde for their types; what only passes from one
// step to the next does not. A serde is stateless and thread-safe; T is default-constructible and
// copyable. Decode returns InvalidArgument for bytes that are not a T: the record is then poison.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace millrace {

template <class T>
struct Serde;

template <class T>
concept HasSerde = std::default_initializable<T> && std::copyable<T> &&
                   requires(const T& value, T* target, std::string* out, std::string_view bytes) {
                     { Serde<T>::Encode(value, out) } -> std::same_as<void>;
                     { Serde<T>::Decode(bytes, target) } -> std::same_as<absl::Status>;
                   };

// Opaque bytes that are not text.
struct Bytes {
  std::string data;
  auto operator<=>(const Bytes&) const = default;
};

template <>
struct Serde<std::string> {
  static void Encode(const std::string& value, std::string* out) { out->append(value); }
  static absl::Status Decode(std::string_view bytes, std::string* out) {
    out->assign(bytes);
    return absl::OkStatus();
  }
};

template <>
struct Serde<Bytes> {
  static void Encode(const Bytes& value, std::string* out) { out->append(value.data); }
  static absl::Status Decode(std::string_view bytes, Bytes* out) {
    out->data.assign(bytes);
    return absl::OkStatus();
  }
};

template <>
struct Serde<int32_t> {
  static void Encode(int32_t value, std::string* out);
  static absl::Status Decode(std::string_view bytes, int32_t* out);
};

template <>
struct Serde<int64_t> {
  static void Encode(int64_t value, std::string* out);
  static absl::Status Decode(std::string_view bytes, int64_t* out);
};

template <>
struct Serde<double> {
  static void Encode(double value, std::string* out);
  static absl::Status Decode(std::string_view bytes, double* out);
};

}  // namespace millrace
