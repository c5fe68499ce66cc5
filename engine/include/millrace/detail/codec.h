// Codec: what the engine's compiled core knows of a user's type. One constant per type, made from
// its Serde (bytes) and its C++ nature (copy, move, destroy). This is the seam between the typed
// shell (templates) and the erased core (.cc files), which handles values as const void*.
#pragma once

#include <cstddef>
#include <new>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>

#include "absl/status/status.h"
#include "millrace/serde.h"

namespace millrace::detail {

// A family that the command line can decode without knowing the type (see Topic::Describe).
enum class Format { kBytes, kString, kInt32, kInt64, kDouble, kJson, kProtobuf };

struct Codec {
  const std::type_info* type;
  size_t size;
  size_t align;
  void (*encode)(const void* value, std::string* out);                 // appends
  absl::Status (*decode)(std::string_view bytes, void* constructed);   // overwrites
  void (*construct)(void* at);
  void (*copy_construct)(void* at, const void* from);
  void (*move_construct)(void* at, void* from);
  void (*copy_assign)(void* to, const void* from);
  void (*destroy)(void* at);
  Format format;
  // JSON text of the value for people and tools; null = no better form than the bytes.
  std::string (*to_json)(const void* value);
};

template <class T>
struct FormatOf {
  static constexpr Format value = Format::kBytes;
};
template <>
struct FormatOf<std::string> {
  static constexpr Format value = Format::kString;
};
template <>
struct FormatOf<int32_t> {
  static constexpr Format value = Format::kInt32;
};
template <>
struct FormatOf<int64_t> {
  static constexpr Format value = Format::kInt64;
};
template <>
struct FormatOf<double> {
  static constexpr Format value = Format::kDouble;
};

// A serde may offer `static std::string ToJson(const T&)`.
template <class T>
concept HasToJson = requires(const T& value) {
  { Serde<T>::ToJson(value) } -> std::same_as<std::string>;
};

template <class T>
constexpr auto ToJsonOf() -> std::string (*)(const void*) {
  if constexpr (HasToJson<T>) {
    return [](const void* value) { return Serde<T>::ToJson(*static_cast<const T*>(value)); };
  } else {
    return nullptr;
  }
}

// The codec of T. Its address is unique per type within the program.
template <HasSerde T>
const Codec* CodecOf() {
  static constexpr Format kFormat =
      HasToJson<T> && FormatOf<T>::value == Format::kBytes ? Format::kJson : FormatOf<T>::value;
  static const Codec codec = {
      &typeid(T),
      sizeof(T),
      alignof(T),
      [](const void* v, std::string* out) { Serde<T>::Encode(*static_cast<const T*>(v), out); },
      [](std::string_view bytes, void* v) { return Serde<T>::Decode(bytes, static_cast<T*>(v)); },
      [](void* at) { new (at) T(); },
      [](void* at, const void* from) { new (at) T(*static_cast<const T*>(from)); },
      [](void* at, void* from) { new (at) T(std::move(*static_cast<T*>(from))); },
      [](void* to, const void* from) { *static_cast<T*>(to) = *static_cast<const T*>(from); },
      [](void* at) { static_cast<T*>(at)->~T(); },
      kFormat,
      ToJsonOf<T>(),
  };
  return &codec;
}

// A value as JSON text for people and tools: null for null, bytes as a string if they are UTF-8,
// else in base64; without a codec (a type that has no Serde) "?".
std::string ValueToJson(const Codec* codec, const void* value);

// Owns one value of a type known only by its codec; small values (<= 32 bytes) lie inside it.
class ErasedValue {
 public:
  ErasedValue() = default;
  ErasedValue(ErasedValue&& other) noexcept { MoveFrom(other); }
  ErasedValue& operator=(ErasedValue&& other) noexcept;
  ErasedValue(const ErasedValue&) = delete;
  ErasedValue& operator=(const ErasedValue&) = delete;
  ~ErasedValue() { Reset(); }

  bool has_value() const { return object_ != nullptr; }
  const void* get() const { return object_; }
  void* get() { return object_; }

  // Holds a default-constructed value afterwards (an old one of the same codec is kept as it is).
  void* Emplace(const Codec* codec);
  // Holds a copy of `value` afterwards; null empties the box.
  void Assign(const Codec* codec, const void* value);
  void Reset();
  // Bytes on the heap for the object itself, not for what it owns.
  size_t HeapSize() const { return object_ != nullptr && !IsInline() ? codec_->size : 0; }

 private:
  static constexpr size_t kInlineSize = 32;
  bool IsInline() const { return object_ == static_cast<const void*>(inline_); }
  void MoveFrom(ErasedValue& other) noexcept;

  const Codec* codec_ = nullptr;
  void* object_ = nullptr;
  alignas(std::max_align_t) unsigned char inline_[kInlineSize];
};

}  // namespace millrace::detail
