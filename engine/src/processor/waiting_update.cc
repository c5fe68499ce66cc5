#include "processor/waiting_update.h"

#include "base/big_endian.h"
#include "millrace/status.h"

namespace millrace::detail {
namespace {

constexpr size_t kFixedSize = 2 * sizeof(int64_t);
constexpr size_t kMarkSize = 1;

void AppendValue(const Codec* codec, const void* value, std::string* out) {
  out->push_back(value == nullptr ? '\0' : '\1');
  if (value != nullptr) codec->encode(value, out);
}
void AppendSized(std::string_view bytes, std::string* out) {
  AppendBigEndian<uint32_t>(static_cast<uint32_t>(bytes.size()), out);
  out->append(bytes);
}
std::string_view TakeSized(std::string_view* bytes) {
  MR_CHECK(bytes->size() >= sizeof(uint32_t), "a suppressed update is too short");
  const auto size = ReadBigEndian<uint32_t>(*bytes);
  bytes->remove_prefix(sizeof(uint32_t));
  MR_CHECK(bytes->size() >= size, "a suppressed update is too short");
  const std::string_view taken = bytes->substr(0, size);
  bytes->remove_prefix(size);
  return taken;
}

}  // namespace

void AppendSuppressTime(Timestamp time, std::string* out) { AppendOrdered(ToMillis(time), out); }

Timestamp SuppressTimeOf(std::string_view row_key) {
  return TimestampFromMillis(ReadOrdered(row_key.substr(kMarkSize)));
}
std::string_view SuppressKeyOf(std::string_view row_key) {
  return row_key.substr(kMarkSize + sizeof(int64_t));
}

void WaitingUpdate::Start(const ErasedRecord& record, bool keep_old_value) {
  old_value_.clear();
  AppendValue(what_.value, keep_old_value ? record.old_value : nullptr, &old_value_);
}

void WaitingUpdate::Load(const Bytes* bytes) {
  bytes_.data.clear();
  old_value_.assign(1, '\0');
  if (bytes == nullptr) return;
  bytes_.data = bytes->data;
  std::string_view rest = bytes_.data;
  MR_CHECK(rest.size() >= kFixedSize, "a suppressed update is too short");
  rest.remove_prefix(kFixedSize);
  TakeSized(&rest);
  TakeSized(&rest);
  old_value_ = rest;
}

void WaitingUpdate::Replace(const ErasedRecord& record) {
  std::string& out = bytes_.data;
  out.clear();
  AppendOrdered(ToMillis(record.timestamp), &out);
  AppendOrdered(what_.windowed == nullptr ? 0 : ToMillis(what_.windowed->end(record.key)), &out);
  part_.clear();
  AppendHeaders(*record.headers, &part_);
  AppendSized(part_, &out);
  part_.clear();
  AppendValue(what_.value, record.value, &part_);
  AppendSized(part_, &out);
  out += old_value_;
}

ErasedRecord WaitingUpdate::Decode(std::string_view key_bytes) {
  std::string_view rest = bytes_.data;
  MR_CHECK(rest.size() >= kFixedSize, "a suppressed update is too short");
  ErasedRecord update;
  update.timestamp = TimestampFromMillis(ReadOrdered(rest));
  const Timestamp end = TimestampFromMillis(ReadOrdered(rest.substr(sizeof(int64_t))));
  rest.remove_prefix(kFixedSize);
  MR_CHECK(DecodeHeaders(TakeSized(&rest), &headers_).ok(), "headers of a suppressed update");
  update.headers = &headers_;
  void* key = key_box_.Emplace(what_.key);
  MR_CHECK(what_.key->decode(key_bytes, key).ok(), "the key of a suppressed update");
  if (what_.windowed != nullptr) what_.windowed->set_bounds(key, what_.windowed->start(key), end);
  update.key = key;
  update.value = DecodeValue(TakeSized(&rest), &value_box_);
  update.old_value = DecodeValue(rest, &old_box_);
  return update;
}

const void* WaitingUpdate::DecodeValue(std::string_view bytes, ErasedValue* box) {
  if (bytes.empty() || bytes[0] == '\0') return nullptr;
  void* value = box->Emplace(what_.value);
  MR_CHECK(what_.value->decode(bytes.substr(1), value).ok(), "the value of a suppressed update");
  return value;
}

}  // namespace millrace::detail
