// Which properties of the Kafka client library may be set from outside, and where secrets come
// from. Plain functions; any thread.
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace millrace::kafka {

// An allow-list: connection, TLS, SASL and sizes. What decides about correctness (isolation,
// offsets, transactions) is not on it, nor what runs programs or loads libraries
// (plugin.library.paths, sasl.kerberos.kinit.cmd, ssl.engine.*, ssl.providers). Without `insecure`
// neither is giving up the check of certificates or host names. InvalidArgument says which and why.
absl::Status CheckClientProperty(const std::string& name, const std::string& value, bool insecure);

// A property whose value nobody may see: "sasl.password", "ssl.key.password", …
bool IsSecretProperty(const std::string& name);

// Settings as people write them become properties: "<secret>_file" = a path (the file's content
// without a newline at its end), "<secret>_env" = the name of an environment variable, everything
// else as it is. InvalidArgument: a secret is written out and `allow_inline_secrets` is false; a
// property is given twice; a file or variable is not there. No message holds a secret.
absl::StatusOr<std::map<std::string, std::string>> ResolveClientProperties(
    const std::map<std::string, std::string>& settings, bool allow_inline_secrets);

}  // namespace millrace::kafka
