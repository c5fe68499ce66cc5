// First steps of feed-fan-out for what concerns one user and no author.
#pragma once

#include "millrace/processor.h"
#include "schemas/ids.h"
#include "schemas/user_events.h"
#include "topologies/common/event_clock.h"
#include "topologies/feed-fan-out/user_command.h"

namespace millrace::topologies::feed {

// The header in which a command to erase names the request.
inline constexpr const char* kErasureRequest = "request_id";

// What a client says that was read.
class ReadCommands final
    : public Processor<schemas::UserId, schemas::FeedRead, schemas::UserId, UserCommand> {
 public:
  void Init(Context& context) override { clock_.Open(context); }

  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override {
    if (record.value == nullptr) return;
    const schemas::FeedRead& read = *record.value;
    const schemas::UserId user{read.user};
    const UserCommand command{
        .kind = UserCommand::Kind::kRead,
        .post = read.post,
        .user = read.user,
        .created_at = clock_.Believe(read.read_at, record.timestamp, context)};
    context.Forward({.key = &user, .value = &command, .timestamp = record.timestamp});
  }

 private:
  EventClock clock_;
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
