// Client: one instance of the client library, with what it complains about kept for the messages of
// errors. An instance has threads and connections of its own.
//
// Thread-safe. The callbacks of `on_delivery` and `on_error` run in the threads that call Poll()
// and the library's waiting functions: who has such callbacks uses the instance from one thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connectors/kafka/src/client_config.h"
#include "connectors/kafka/src/errors.h"
#include "connectors/kafka/src/rd_types.h"

namespace millrace::kafka {

using OnWarning = std::function<void(std::string_view)>;
using OnDelivery = std::function<void(const rd_kafka_message_t&)>;
using OnError = std::function<void(rd_kafka_resp_err_t)>;

struct ClientOptions {
  rd_kafka_type_t type = RD_KAFKA_CONSUMER;
  OnWarning on_warning;  // from any thread; may be null
  // From Poll(), and from the library's calls that take or wait for something.
  OnDelivery on_delivery = nullptr;
  OnError on_error = nullptr;
};

class Client {
 public:
  // Starts the threads; reaches nobody yet.
  static absl::StatusOr<std::unique_ptr<Client>> Start(ClientConfig config, ClientOptions options);
  // Ends the threads; waits for them.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  rd_kafka_t* get() const { return client_; }

  // Handles what the instance has to say.
  void Poll(Duration timeout = Duration(0));

  // An error of `attempt`, with the reason when the code only says that it took too long: what the
  // brokers' connections last failed with.
  absl::Status Failure(rd_kafka_resp_err_t code, const Attempt& attempt,
                       const std::string& detail = "");

  // Not OK once a broker has refused our credentials, or we its certificate.
  absl::Status authentication() const;

  // Counts requests of transactions that were lost on their way, or whose answers were: they may
  // still be under way and reach the broker at any time. See docs/decisions/0009.
  int64_t lost_requests() const { return lost_requests_.load(std::memory_order_acquire); }

 private:
  explicit Client(ClientOptions options) : options_(std::move(options)) {}

  static void OnErrorReport(rd_kafka_t* client, int code, const char* reason, void* self);
  static void OnLog(const rd_kafka_t* client, int level, const char* facility, const char* line);
  static void OnDeliveryReport(rd_kafka_t* client, const rd_kafka_message_t* message, void* self);
  static rd_kafka_resp_err_t OnNew(rd_kafka_t* client, const rd_kafka_conf_t* config, void* self,
                                   char* error, size_t error_size);
  static rd_kafka_resp_err_t OnResponse(rd_kafka_t* client, int socket, const char* broker,
                                        int32_t broker_id, int16_t api_key, int16_t api_version,
                                        int32_t correlation, size_t size, int64_t round_trip_us,
                                        rd_kafka_resp_err_t error, void* self);
  void Note(rd_kafka_resp_err_t code, std::string reason);

  const ClientOptions options_;
  rd_kafka_t* client_ = nullptr;
  std::atomic<int64_t> lost_requests_{0};
  mutable std::mutex mutex_;
  std::string trouble_;  // what a connection last failed with, and when
  std::chrono::nanoseconds trouble_at_{0};
  absl::Status authentication_;
};

}  // namespace millrace::kafka
