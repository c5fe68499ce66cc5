#include "connectors/kafka/src/client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "millrace/status.h"

namespace millrace::kafka {
namespace {

// The protocol's numbers of the requests that act on a transaction.
constexpr int16_t kTransactionalRequests[] = {
    0,   // Produce
    22,  // InitProducerId
    24,  // AddPartitionsToTxn
    25,  // AddOffsetsToTxn
    26,  // EndTxn
    28,  // TxnOffsetCommit
};

constexpr std::chrono::seconds kTroubleMatters(60);

// Before, its answer to the broker repeats a part of the question, which Kafka 4 does not accept.
constexpr int kFirstWithScram = 0x02060100;

constexpr int kLogWarning = 4;  // syslog's levels: lower is worse

}  // namespace

absl::StatusOr<std::unique_ptr<Client>> Client::Start(ClientConfig config, ClientOptions options) {
  std::unique_ptr<Client> client(new Client(std::move(options)));
  rd_kafka_conf_t* raw = config.get();
  rd_kafka_conf_set_opaque(raw, client.get());
  rd_kafka_conf_set_error_cb(raw, OnErrorReport);
  rd_kafka_conf_set_log_cb(raw, OnLog);
  if (client->options_.type == RD_KAFKA_PRODUCER) {
    // Also without anybody to tell: a commit waits by it instead of by the clock.
    rd_kafka_conf_set_dr_msg_cb(raw, OnDeliveryReport);
  }
  rd_kafka_conf_interceptor_add_on_new(raw, "millrace", OnNew, client.get());
  char reason[512] = "";
  client->client_ = rd_kafka_new(client->options_.type, raw, reason, sizeof(reason));
  // The client's now. If it could not be made, the library has freed a part of the configuration,
  // and freeing the rest would free that part again: it is left.
  config.release();
  if (client->client_ == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("Kafka: ", reason));
  }
  return client;
}

Client::~Client() {
  if (client_ != nullptr) rd_kafka_destroy(client_);
}

void Client::Poll(Duration timeout) { rd_kafka_poll(client_, static_cast<int>(timeout.count())); }

absl::Status Client::Failure(rd_kafka_resp_err_t code, const Attempt& attempt,
                             const std::string& detail) {
  Poll();
  if (absl::Status refused = authentication(); !refused.ok()) return refused;
  const bool silence =
      code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE ||
      code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
  std::string text = detail.empty() ? rd_kafka_err2str(code) : detail;
  if (silence) {
    std::lock_guard lock(mutex_);
    const bool recent = Clock::System()->Monotonic() - trouble_at_ < kTroubleMatters;
    if (recent && !trouble_.empty()) text = trouble_;
  }
  return ToStatus(code, attempt, text);
}

absl::Status Client::authentication() const {
  std::lock_guard lock(mutex_);
  return authentication_;
}

void Client::Note(rd_kafka_resp_err_t code, std::string reason) {
  // What follows is for those who debug the library: "(after 0ms in state CONNECT, …)".
  reason.erase(std::min(reason.find(" (after "), reason.size()));
  std::lock_guard lock(mutex_);
  // "All brokers are down" comes behind the reason why, and says less.
  if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || trouble_.empty()) trouble_ = reason;
  trouble_at_ = Clock::System()->Monotonic();
  if (IsAuthentication(code)) {
    const bool scram = reason.find("SCRAM") != std::string::npos;
    if (scram && rd_kafka_version() < kFirstWithScram) {
      reason += "; librdkafka before 2.6.1 has no SCRAM that newer brokers understand";
    }
    authentication_ = ToStatus(code, {"log in", ""}, reason);
  }
}

void Client::OnErrorReport(rd_kafka_t* client, int code, const char* reason, void* self) {
  (void)client;
  // A fatal error comes as the code behind it at the call that meets it.
  if (code == RD_KAFKA_RESP_ERR__FATAL) return;
  auto* me = static_cast<Client*>(self);
  const auto error = static_cast<rd_kafka_resp_err_t>(code);
  me->Note(error, reason);
  if (me->options_.on_error) me->options_.on_error(error);
}

void Client::OnLog(const rd_kafka_t* client, int level, const char* facility, const char* line) {
  // Null while the instance is being made.
  const auto* self = client == nullptr ? nullptr : static_cast<Client*>(rd_kafka_opaque(client));
  if (self == nullptr || level > kLogWarning || !self->options_.on_warning) return;
  self->options_.on_warning(absl::StrCat("Kafka: ", line, " (", facility, ")"));
}

void Client::OnDeliveryReport(rd_kafka_t* client, const rd_kafka_message_t* message, void* self) {
  (void)client;
  const auto& options = static_cast<Client*>(self)->options_;
  if (options.on_delivery) options.on_delivery(*message);
}

rd_kafka_resp_err_t Client::OnNew(rd_kafka_t* client, const rd_kafka_conf_t* config, void* self,
                                  char* error, size_t error_size) {
  (void)config, (void)error, (void)error_size;
  return rd_kafka_interceptor_add_on_response_received(client, "millrace", OnResponse, self);
}

rd_kafka_resp_err_t Client::OnResponse(rd_kafka_t* client, int socket, const char* broker,
                                       int32_t broker_id, int16_t api_key, int16_t api_version,
                                       int32_t correlation, size_t size, int64_t round_trip_us,
                                       rd_kafka_resp_err_t error, void* self) {
  (void)client, (void)socket, (void)broker, (void)broker_id, (void)api_version;
  (void)correlation, (void)size, (void)round_trip_us;
  // An answer that came, whatever it says, has no error here.
  const bool lost = error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR__DESTROY;
  auto* me = static_cast<Client*>(self);
  const bool acts_on_a_transaction =
      std::find(std::begin(kTransactionalRequests), std::end(kTransactionalRequests), api_key) !=
      std::end(kTransactionalRequests);
  if (lost && acts_on_a_transaction) {
    me->lost_requests_.fetch_add(1, std::memory_order_release);
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace millrace::kafka
