#include "millrace/kafka/client_properties.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "connectors/kafka/src/client_config.h"
#include "millrace/status.h"

namespace millrace::kafka {
namespace {

constexpr char kFileSuffix[] = "_file";
constexpr char kEnvironmentSuffix[] = "_env";

// Names that begin with an allowed prefix and are refused all the same, with the reason.
const std::map<std::string, std::string>& Refused() {
  static const auto* const refused = new std::map<std::string, std::string>{
      {"plugin.library.paths", "it loads code into the process"},
      {"sasl.kerberos.kinit.cmd", "it runs a command"},
      {"enable.sasl.oauthbearer.unsecure.jwt", "tokens without a signature prove nothing"},
      {"ssl.engine.location", "it loads code into the process"},
      {"ssl.engine.id", "it belongs to ssl.engine.location"},
      {"ssl.providers", "it loads code into the process"},
      {"socket.blocking.max.ms", "it has no effect"},
  };
  return *refused;
}

// Properties that can give up protection, and the only values that do not. (The library reads truth
// values in several spellings.)
const std::map<std::string, std::set<std::string>>& SafeValues() {
  static const auto* const safe = new std::map<std::string, std::set<std::string>>{
      {"enable.ssl.certificate.verification", {"true"}},
      {"ssl.endpoint.identification.algorithm", {"https"}},
  };
  return *safe;
}

absl::StatusOr<std::string> ReadSecretFile(const std::string& setting, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) {
    return absl::InvalidArgumentError(
        absl::StrCat(setting, ": cannot read '", path, "': ", std::strerror(errno)));
  }
  if (content.ends_with('\n')) content.pop_back();
  if (content.ends_with('\r')) content.pop_back();
  return content;
}

absl::StatusOr<std::string> ReadSecretVariable(const std::string& setting,
                                               const std::string& variable) {
  const char* value = std::getenv(variable.c_str());
  if (value != nullptr) return std::string(value);
  return absl::InvalidArgumentError(
      absl::StrCat(setting, ": the environment has no variable '", variable, "'"));
}

// The name of the secret that `setting` takes from elsewhere by `suffix`; empty if it does not.
std::string SecretBehind(const std::string& setting, const std::string& suffix) {
  if (!setting.ends_with(suffix)) return "";
  std::string name = setting.substr(0, setting.size() - suffix.size());
  return IsSecretProperty(name) ? name : "";
}

}  // namespace

absl::Status CheckClientProperty(const std::string& name, const std::string& value, bool insecure) {
  if (const auto it = Refused().find(name); it != Refused().end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the Kafka property '", name, "' cannot be set: ", it->second));
  }
  const auto protecting = SafeValues().find(name);
  if (protecting != SafeValues().end() && !protecting->second.contains(value) && !insecure) {
    return absl::InvalidArgumentError(
        absl::StrCat("the Kafka property '", name, "=", value, "' gives up protection: say ",
                     *protecting->second.begin(), ", or allow it with the setting 'insecure'"));
  }
  if (ScopeOfProperty(name) == PropertyScope::kNone) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the Kafka property '", name, "' cannot be set: it is unknown, or millrace's own affair"));
  }
  return absl::OkStatus();
}

bool IsSecretProperty(const std::string& name) {
  static const auto* const secrets = new std::set<std::string>{
      "sasl.password",
      "sasl.oauthbearer.client.secret",
      "sasl.oauthbearer.config",
      "ssl.key.password",
      "ssl.key.pem",
      "ssl.keystore.password",
  };
  return secrets->contains(name);
}

absl::StatusOr<std::map<std::string, std::string>> ResolveClientProperties(
    const std::map<std::string, std::string>& settings, bool allow_inline_secrets) {
  std::map<std::string, std::string> properties;
  for (const auto& [setting, text] : settings) {
    std::string name = setting;
    std::string value = text;
    if (std::string secret = SecretBehind(setting, kFileSuffix); !secret.empty()) {
      name = std::move(secret);
      MR_ASSIGN_OR_RETURN(value, ReadSecretFile(setting, text));
    } else if (secret = SecretBehind(setting, kEnvironmentSuffix); !secret.empty()) {
      name = std::move(secret);
      MR_ASSIGN_OR_RETURN(value, ReadSecretVariable(setting, text));
    } else if (IsSecretProperty(name) && !allow_inline_secrets) {
      return absl::InvalidArgumentError(absl::StrCat("'", name, "' is a secret: give it as ", name,
                                                     kFileSuffix, "=PATH or ", name,
                                                     kEnvironmentSuffix, "=VARIABLE"));
    }
    if (!properties.emplace(name, std::move(value)).second) {
      return absl::InvalidArgumentError(absl::StrCat("'", name, "' is given twice"));
    }
  }
  return properties;
}

}  // namespace millrace::kafka
