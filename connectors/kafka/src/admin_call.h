// AdminCall: one request of the client library's admin interface and the wait for its answer.
//
//   AdminCall call(&client, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout);
//   rd_kafka_CreateTopics(client.get(), …, call.options(), call.queue());
//   MR_ASSIGN_OR_RETURN(RdEvent event, call.Wait(attempt));
#pragma once

#include "absl/status/statusor.h"
#include "connectors/kafka/src/client.h"
#include "connectors/kafka/src/rd_types.h"

namespace millrace::kafka {

using RdAdminOptions = RdPtr<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;

class AdminCall {
 public:
  AdminCall(Client* client, rd_kafka_admin_op_t operation, Duration timeout);

  rd_kafka_AdminOptions_t* options() const { return options_.get(); }
  rd_kafka_queue_t* queue() const { return queue_.get(); }

  // The answer; an error only when there is none for the request as a whole.
  absl::StatusOr<RdEvent> Wait(const Attempt& attempt);

 private:
  Client* const client_;
  const RdAdminOptions options_;
  const RdQueue queue_;
};

}  // namespace millrace::kafka
