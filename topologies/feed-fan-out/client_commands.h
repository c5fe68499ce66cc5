// First steps of feed-fan-out for what concerns one user and no author.
#pragma once

#include <chrono>

#include "millrace/processor.h"
#include "schemas/ids.h"
#include "schemas/user_events.h"
#include "topologies/feed-fan-out/user_command.h"

namespace millrace::topologies::feed {

// The header in which a command to erase names the request.
inline constexpr const char* kErasureRequest = "request_id";

// What a client says that was read; refused if it cannot have been then.
class ReadCommands final
    : public Processor<schemas::UserId, schemas::FeedRead, schemas::UserId, UserCommand> {
 public:
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override {
    if (record.value == nullptr) return;
    const schemas::FeedRead& read = *record.value;
    if (read.read_at < Timestamp() || read.read_at > record.timestamp + std::chrono::hours(24)) {
      context.Refuse("read_at cannot be", PoisonClass::kRange);
    }
    const schemas::UserId user{read.user};
    const UserCommand command{.kind = UserCommand::Kind::kRead,
                              .post = read.post,
                              .user = read.user,
                              .created_at = read.read_at};
    context.Forward({.key = &user, .value = &command, .timestamp = record.timestamp});
  }
};

// Who is to be forgotten. Rows of tables go by themselves (common/normalise).
class EraseCommands final
    : public Processor<schemas::UserId, schemas::UserErased, schemas::UserId, UserCommand> {
 public:
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override {
    if (record.value == nullptr) return;
    const schemas::UserId user{record.value->user};
    const UserCommand command{.kind = UserCommand::Kind::kErase,
                              .user = user.value,
                              .created_at = record.value->erased_at};
    const Headers headers{{kErasureRequest, record.value->request}};
    context.Forward(
        {.key = &user, .value = &command, .timestamp = record.timestamp, .headers = &headers});
  }
};

}  // namespace millrace::topologies::feed
