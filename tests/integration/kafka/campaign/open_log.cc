#include "integration/kafka/campaign/open_log.h"

#include <cstdio>
#include <string_view>

#include "millrace/log_url.h"

namespace millrace::campaign {

bool IsKafka(const std::string& url) { return url.starts_with("kafka:"); }

kafka::KafkaOptions WarningsToStderr() {
  kafka::KafkaOptions options;
  options.on_warning = [](std::string_view line) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
  };
  return options;
}

absl::StatusOr<std::unique_ptr<Log>> OpenLogOf(const std::string& url,
                                               const kafka::KafkaOptions& options) {
  return IsKafka(url) ? kafka::OpenKafkaLog(url, options) : OpenLog(url);
}

}  // namespace millrace::campaign
