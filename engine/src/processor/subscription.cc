#include "processor/subscription.h"

#include "base/big_endian.h"
#include "base/checksum.h"
#include "base/varint.h"
#include "millrace/detail/foreign_key_operators.h"
#include "millrace/detail/poison.h"
#include "millrace/serde.h"

namespace millrace::detail {
namespace {

[[noreturn]] void RaiseDamaged() { RaisePoison("a message of a foreign-key join is damaged"); }

char TakeByte(std::string_view* bytes) {
  if (bytes->empty()) RaiseDamaged();
  const char byte = bytes->front();
  bytes->remove_prefix(1);
  return byte;
}

bool TakeFlag(std::string_view* bytes) {
  const char flag = TakeByte(bytes);
  if (flag != 0 && flag != 1) RaiseDamaged();
  return flag == 1;
}

uint64_t TakeNumber(std::string_view* bytes) {
  if (bytes->size() < sizeof(uint64_t)) RaiseDamaged();
  const auto number = ReadBigEndian<uint64_t>(*bytes);
  bytes->remove_prefix(sizeof(uint64_t));
  return number;
}

Subscriber TakeSubscriber(std::string_view* bytes) {
  Subscriber subscriber;
  if (TakeFlag(bytes)) {
    const uint64_t high = TakeNumber(bytes);
    subscriber.hash = RowHash{high, TakeNumber(bytes)};
  }
  uint64_t partition = 0;
  if (!ParseVarint(bytes, &partition) || partition > INT32_MAX) RaiseDamaged();
  subscriber.partition = PartitionId(static_cast<int32_t>(partition));
  return subscriber;
}

}  // namespace

std::optional<RowHash> HashRow(const Codec* codec, const void* row, std::string* scratch) {
  if (row == nullptr) return std::nullopt;
  scratch->clear();
  codec->encode(row, scratch);
  return Hash128(*scratch);
}

void AppendSubscriber(const Subscriber& subscriber, std::string* out) {
  out->push_back(subscriber.hash.has_value() ? 1 : 0);
  if (subscriber.hash.has_value()) {
    for (const uint64_t half : *subscriber.hash) AppendBigEndian(half, out);
  }
  AppendVarint(static_cast<uint64_t>(subscriber.partition.value()), out);
}

void AppendSubscription(const Subscription& subscription, std::string* out) {
  out->push_back(static_cast<char>(subscription.instruction));
  AppendSubscriber(subscription.subscriber, out);
  out->append(subscription.row_key);
}

void AppendResponse(const Response& response, std::string* out) {
  AppendSubscriber(response.subscriber, out);
  out->push_back(response.row.has_value() ? 1 : 0);
  if (response.row.has_value()) out->append(*response.row);
}

void AppendSubscriptionPrefix(std::string_view foreign_key, std::string* out) {
  AppendBigEndian(static_cast<uint32_t>(foreign_key.size()), out);
  out->append(foreign_key);
}

Subscriber ParseSubscriber(std::string_view bytes) {
  const Subscriber subscriber = TakeSubscriber(&bytes);
  if (!bytes.empty()) RaiseDamaged();
  return subscriber;
}

Subscription ParseSubscription(std::string_view bytes) {
  Subscription subscription;
  subscription.instruction = static_cast<Instruction>(TakeByte(&bytes));
  if (subscription.instruction < Instruction::kLeave ||
      subscription.instruction > Instruction::kAnswerIfFound) {
    RaiseDamaged();
  }
  subscription.subscriber = TakeSubscriber(&bytes);
  subscription.row_key = bytes;
  return subscription;
}

Response ParseResponse(std::string_view bytes) {
  Response response;
  response.subscriber = TakeSubscriber(&bytes);
  if (TakeFlag(&bytes)) {
    response.row = bytes;
  } else if (!bytes.empty()) {
    RaiseDamaged();
  }
  return response;
}

Partitioner ResponsePartitioner() {
  return [](const ErasedRecord& record, int32_t) -> PartitionSet {
    return ParseResponse(static_cast<const Bytes*>(record.value)->data).subscriber.partition;
  };
}

}  // namespace millrace::detail
