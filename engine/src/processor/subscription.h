// Foreign-key joins: a left row subscribes to the right row that it names, which may lie in another
// partition. All operators of such a join speak in the messages below.
//
//   left table ─ send ──► topic <name>-subscription ──► receive ─┐  keeps subscriptions,
//                            ▲ again                    update ──┤  answers with the right row
//   left table ─ resolve ◄── topic <name>-response ◄─────────────┘ ◄─ right table
//                   └► result
//
// subscription, key: the foreign key (null: the row names none)
//   instruction u8 | subscriber | key of the left row, up to the end
// response, key: that of the left row
//   subscriber | 0 or 1 u8: there is a right row | the right row, up to the end
// subscriber
//   0 or 1 u8: there is a left row | if so, its hash, 2 x u64 | partition of the left row, varint
// row of the store; its key has all subscriptions to a right row side by side
//   size of the foreign key u32 | foreign key | key of the left row  ->  subscriber
//
// Updates of the left row overtake answers to older ones. The hash tells which version of the row
// an answer belongs to; answers to others are ignored, for a newer one is on its way.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "millrace/detail/codec.h"
#include "millrace/ids.h"

namespace millrace::detail {

// In topics, so that numbers are for ever.
enum class Instruction : char {
  kLeave = 1,           // the row names another one now
  kLeaveAndAnswer = 2,  // it names none: answer that there is no right row
  kAnswer = 3,          // subscribe, and answer even if there is no right row
  kAnswerIfFound = 4,   // subscribe, and answer if there is one
};

using RowHash = std::array<uint64_t, 2>;

struct Subscriber {
  std::optional<RowHash> hash;  // of the left row's bytes; nullopt: deleted
  PartitionId partition;
};

struct Subscription {
  Instruction instruction;
  Subscriber subscriber;
  std::string_view row_key;
};

struct Response {
  Subscriber subscriber;
  std::optional<std::string_view> row;  // of the right table
};

// The hash of a row's bytes; null: none. `scratch` is overwritten.
std::optional<RowHash> HashRow(const Codec* codec, const void* row, std::string* scratch);

// These append.
void AppendSubscriber(const Subscriber& subscriber, std::string* out);
void AppendSubscription(const Subscription& subscription, std::string* out);
void AppendResponse(const Response& response, std::string* out);
// What all subscriptions to a right row start with.
void AppendSubscriptionPrefix(std::string_view foreign_key, std::string* out);

// Views into `bytes`. Bytes that are no message are poison.
Subscriber ParseSubscriber(std::string_view bytes);
Subscription ParseSubscription(std::string_view bytes);
Response ParseResponse(std::string_view bytes);

}  // namespace millrace::detail
