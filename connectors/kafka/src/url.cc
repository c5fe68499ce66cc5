#include "connectors/kafka/src/url.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "millrace/status.h"

namespace millrace::kafka {
namespace {

constexpr char kScheme[] = "kafka://";

// The part in front of the port, and the port; an IPv6 address stands in brackets.
absl::StatusOr<std::string> WithPort(const std::string& broker) {
  const size_t colon = broker.rfind(':');
  const bool bracket_behind = colon != std::string::npos && broker.find(']', colon) != broker.npos;
  if (colon == std::string::npos || bracket_behind) return absl::StrCat(broker, ":9092");
  int port = 0;
  const bool numeric = absl::SimpleAtoi(broker.substr(colon + 1), &port);
  if (!numeric || port < 1 || port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", broker.substr(colon + 1), "' is no port (1 to 65535)"));
  }
  return broker;
}

}  // namespace

absl::StatusOr<std::string> BrokersOfUrl(const std::string& url) {
  const auto wrong = [&](const std::string& why) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", url, "': ", why, "; a Kafka log is kafka://HOST:PORT[,HOST:PORT…]"));
  };
  if (!absl::StartsWith(url, kScheme)) return wrong("not a kafka:// URL");
  std::vector<std::string> brokers =
      absl::StrSplit(url.substr(sizeof(kScheme) - 1), ',', absl::AllowEmpty());
  for (std::string& broker : brokers) {
    const bool plain = std::all_of(broker.begin(), broker.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 ||
             std::string(".-_:[]%").find(static_cast<char>(c)) != std::string::npos;
    });
    if (!plain) return wrong(absl::StrCat("'", broker, "' is no host:port"));
    if (broker.empty() || broker.front() == ':') return wrong("a host is missing");
    absl::StatusOr<std::string> full = WithPort(broker);
    if (!full.ok()) return wrong(std::string(full.status().message()));
    broker = *std::move(full);
  }
  return absl::StrJoin(brokers, ",");
}

bool IsLoopback(const std::string& brokers) {
  const std::vector<std::string> all = absl::StrSplit(brokers, ',');
  return std::all_of(all.begin(), all.end(), [](const std::string& broker) {
    return absl::StartsWith(broker, "127.") || absl::StartsWith(broker, "localhost:") ||
           absl::StartsWith(broker, "[::1]");
  });
}

}  // namespace millrace::kafka
