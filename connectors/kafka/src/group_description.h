// What the brokers know about a consumer group.
#pragma once

#include <string>

#include "connectors/kafka/src/client.h"
#include "millrace/task_group.h"

namespace millrace::kafka {

// State "Dead": nobody knows the group. Blocks for up to `timeout`. PermissionDenied: DESCRIBE on
// the group is missing.
absl::StatusOr<GroupDescription> DescribeGroup(Client* client, const std::string& group,
                                               Duration timeout);

}  // namespace millrace::kafka
