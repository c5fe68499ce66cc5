#include "connectors/kafka/src/admin_call.h"

namespace millrace::kafka {

AdminCall::AdminCall(Client* client, rd_kafka_admin_op_t operation, Duration timeout)
    : client_(client),
      options_(rd_kafka_AdminOptions_new(client->get(), operation)),
      queue_(rd_kafka_queue_new(client->get())) {
  const int millis = static_cast<int>(timeout.count());
  // How long we wait; not every operation has a second one, for how long the brokers may work.
  rd_kafka_AdminOptions_set_request_timeout(options_.get(), millis, nullptr, 0);
  rd_kafka_AdminOptions_set_operation_timeout(options_.get(), millis, nullptr, 0);
}

absl::StatusOr<RdEvent> AdminCall::Wait(const Attempt& attempt) {
  // The library answers in any case, within the timeout.
  RdEvent event(rd_kafka_queue_poll(queue_.get(), -1));
  const rd_kafka_resp_err_t code = rd_kafka_event_error(event.get());
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return event;
  const char* detail = rd_kafka_event_error_string(event.get());
  return client_->Failure(code, attempt, detail == nullptr ? "" : detail);
}

}  // namespace millrace::kafka
