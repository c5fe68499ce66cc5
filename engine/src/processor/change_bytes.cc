#include "processor/change_bytes.h"

#include <cstdint>
#include <string_view>

#include "base/varint.h"
#include "millrace/detail/poison.h"

namespace millrace::detail {
namespace {

constexpr char kGoes = 1;
constexpr char kComes = 2;

const void* DecodePart(const Codec* codec, std::string_view bytes, ErasedValue* box) {
  void* value = box->Emplace(codec);
  if (!codec->decode(bytes, value).ok()) RaisePoison("a value of a table's change is damaged");
  return value;
}

}  // namespace

void EncodeChange(const Codec* codec, const void* goes, const void* comes, Bytes* out) {
  std::string& bytes = out->data;
  bytes.assign(1,
               static_cast<char>((goes == nullptr ? 0 : kGoes) | (comes == nullptr ? 0 : kComes)));
  if (goes != nullptr) {
    thread_local std::string part;
    part.clear();
    codec->encode(goes, &part);
    AppendVarint(part.size(), &bytes);
    bytes += part;
  }
  if (comes != nullptr) codec->encode(comes, &bytes);
}

void DecodedChange::Decode(const Codec* codec, const Bytes& bytes) {
  goes_ = nullptr;
  comes_ = nullptr;
  std::string_view rest = bytes.data;
  if (rest.empty() || (rest[0] & ~(kGoes | kComes)) != 0) RaisePoison("this is no table's change");
  const char flags = rest[0];
  rest.remove_prefix(1);
  if ((flags & kGoes) != 0) {
    uint64_t size = 0;
    if (!ParseVarint(&rest, &size) || size > rest.size()) {
      RaisePoison("a table's change is cut off");
    }
    goes_ = DecodePart(codec, rest.substr(0, size), &goes_box_);
    rest.remove_prefix(size);
  }
  if ((flags & kComes) != 0) comes_ = DecodePart(codec, rest, &comes_box_);
}

}  // namespace millrace::detail
