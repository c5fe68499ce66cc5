// First step of feed-fan-out for what users have read.
#pragma once

#include <chrono>

#include "millrace/processor.h"
#include "schemas/ids.h"
#include "schemas/user_events.h"
#include "topologies/feed-fan-out/user_command.h"

namespace millrace::topologies::feed {

// Makes a command of what a client says, if it can be: not in the future by more than a day.
class ReadMarks final
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

}  // namespace millrace::topologies::feed
