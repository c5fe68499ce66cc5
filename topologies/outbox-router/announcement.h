// Announcement: an event of the outbox table, typed. Pure; any thread.
#pragma once

#include <string>
#include <variant>

#include "absl/status/status.h"
#include "schemas/outbox.h"

namespace millrace::topologies {

struct Announcement {
  std::string id;  // of the event
  std::variant<schemas::PostCreated, schemas::PostUpdated, schemas::UserFollowed> event;
};

// Reads type and payload of a row. Services do not agree on names: types and fields are known under
// those of the README's table, which is here only. FailedPrecondition: an unknown type, a payload
// that is not JSON, a field that is missing or of another type.
absl::Status ParseAnnouncement(const schemas::OutboxRow& row, Announcement* out);

}  // namespace millrace::topologies
