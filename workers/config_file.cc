#include "config_file.h"

#include <sys/stat.h>
#include <toml++/toml.h>
#include <cstdlib>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "millrace/status.h"

namespace millrace::worker {
namespace {

absl::Status WrongType(const std::string& file, const toml::node& node, std::string_view key,
                       std::string_view expected) {
  return absl::InvalidArgumentError(absl::StrCat(file, ":", node.source().begin.line, ": '",
                                                 AbslView(key), "' must be ", AbslView(expected)));
}

absl::Status RejectUnknown(const std::string& file, const toml::table& table,
                           const std::set<std::string>& known, std::string_view where) {
  for (const auto& [key, node] : table) {
    if (known.contains(std::string(key.str()))) continue;
    std::string names;
    for (const std::string& name : known) absl::StrAppend(&names, names.empty() ? "" : ", ", name);
    return absl::InvalidArgumentError(absl::StrCat(file, ":", node.source().begin.line,
                                                   ": unknown setting '", AbslView(key.str()), "' ",
                                                   AbslView(where), "; known are ", names));
  }
  return absl::OkStatus();
}

absl::Status ReadString(const std::string& file, const toml::table& table, std::string_view key,
                        std::string* out) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return absl::OkStatus();
  const auto text = node->value_exact<std::string>();
  if (!text.has_value()) return WrongType(file, *node, key, "a string");
  if (out->empty()) *out = *text;
  return absl::OkStatus();
}

absl::Status ReadCount(const std::string& file, const toml::table& table, std::string_view key,
                       int max, std::optional<int>* out) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return absl::OkStatus();
  const auto number = node->value_exact<int64_t>();
  if (!number.has_value() || *number < 1 || *number > max) {
    return WrongType(file, *node, key, absl::StrCat("a whole number from 1 to ", max));
  }
  if (!out->has_value()) *out = static_cast<int>(*number);
  return absl::OkStatus();
}

absl::Status ReadTopologies(const std::string& file, const toml::table& table,
                            std::vector<std::string>* out) {
  const toml::node* node = table.get("topologies");
  if (node == nullptr) return absl::OkStatus();
  const toml::array* list = node->as_array();
  if (list == nullptr) return WrongType(file, *node, "topologies", "a list of names");
  std::vector<std::string> names;
  for (const toml::node& entry : *list) {
    const auto name = entry.value_exact<std::string>();
    if (!name.has_value()) return WrongType(file, entry, "topologies", "a list of names");
    names.push_back(*name);
  }
  if (out->empty()) *out = std::move(names);
  return absl::OkStatus();
}

absl::Status ReadDuration(const std::string& file, const toml::table& table, const char* key,
                          std::optional<Duration>* out) {
  std::string text;
  MR_RETURN_IF_ERROR(ReadString(file, table, key, &text));
  if (text.empty() || out->has_value()) return absl::OkStatus();
  const absl::StatusOr<Duration> parsed = ParseDuration(text);
  if (!parsed.ok()) {
    return WrongType(file, *table.get(key), key, "a number with ms, s, m, h or d, as in \"100ms\"");
  }
  *out = *parsed;
  return absl::OkStatus();
}

absl::Status ReadBytes(const std::string& file, const toml::table& table, const char* key,
                       std::optional<uint64_t>* out) {
  std::string text;
  MR_RETURN_IF_ERROR(ReadString(file, table, key, &text));
  if (text.empty() || out->has_value()) return absl::OkStatus();
  const absl::StatusOr<uint64_t> parsed = ParseBytes(text);
  if (!parsed.ok()) {
    return WrongType(file, *table.get(key), key, "a number with KiB, MiB or GiB, as in \"512MiB\"");
  }
  *out = *parsed;
  return absl::OkStatus();
}

absl::Status ReadMissingTopics(const std::string& file, const toml::table& table, RunCommand* run) {
  MR_RETURN_IF_ERROR(ReadString(file, table, "missing-topics", &run->missing_topics));
  const std::string& what = run->missing_topics;
  if (what.empty() || what == "create" || what == "wait" || what == "fail") {
    return absl::OkStatus();
  }
  return WrongType(file, *table.get("missing-topics"), "missing-topics",
                   "\"create\", \"wait\" or \"fail\"");
}

absl::Status ApplyRunSection(const std::string& file, const toml::table& table, RunCommand* run) {
  MR_RETURN_IF_ERROR(
      RejectUnknown(file, table,
                    {"topologies", "threads", "partitions", "commit-interval", "max-skew", "app",
                     "missing-topics", "instance", "standbys", "session-timeout", "state-cache"},
                    "in [run]"));
  MR_RETURN_IF_ERROR(ReadTopologies(file, table, &run->topologies));
  MR_RETURN_IF_ERROR(ReadCount(file, table, "threads", 1024, &run->threads));
  MR_RETURN_IF_ERROR(ReadCount(file, table, "partitions", 10000, &run->partitions));
  MR_RETURN_IF_ERROR(ReadString(file, table, "app", &run->application_id));
  MR_RETURN_IF_ERROR(ReadString(file, table, "max-skew", &run->max_skew));
  MR_RETURN_IF_ERROR(ReadString(file, table, "instance", &run->instance_id));
  MR_RETURN_IF_ERROR(ReadCount(file, table, "standbys", 10, &run->standby_replicas));
  MR_RETURN_IF_ERROR(ReadMissingTopics(file, table, run));
  MR_RETURN_IF_ERROR(ReadBytes(file, table, "state-cache", &run->state_cache));
  MR_RETURN_IF_ERROR(ReadDuration(file, table, "session-timeout", &run->session_timeout));
  const bool skew_ok =
      run->max_skew.empty() || run->max_skew == "off" || ParseDuration(run->max_skew).ok();
  if (!skew_ok) {
    return WrongType(file, *table.get("max-skew"), "max-skew",
                     "a duration as in \"24h\", or \"off\"");
  }
  return ReadDuration(file, table, "commit-interval", &run->commit_interval);
}

// "a.b" is a table in a table for TOML, and one name for the client library.
absl::Status Flatten(const std::string& file, const toml::table& table, const std::string& prefix,
                     KafkaSettings* out) {
  for (const auto& [key, node] : table) {
    const std::string name = absl::StrCat(prefix, AbslView(key.str()));
    if (const toml::table* inner = node.as_table(); inner != nullptr) {
      MR_RETURN_IF_ERROR(Flatten(file, *inner, name + ".", out));
    } else if (const auto text = node.value_exact<std::string>(); text.has_value()) {
      out->emplace(name, *text);
    } else if (const auto number = node.value_exact<int64_t>(); number.has_value()) {
      out->emplace(name, absl::StrCat(*number));
    } else if (const auto flag = node.value_exact<bool>(); flag.has_value()) {
      out->emplace(name, *flag ? "true" : "false");
    } else {
      return WrongType(file, node, name, "a string, a number, true or false");
    }
  }
  return absl::OkStatus();
}

absl::Status ApplyKafkaSection(const std::string& file, const toml::table& table,
                               KafkaSettings* kafka) {
  KafkaSettings settings;
  MR_RETURN_IF_ERROR(Flatten(file, table, "", &settings));
  struct ::stat status = {};
  const bool others_read =
      ::stat(file.c_str(), &status) == 0 && (status.st_mode & (S_IRGRP | S_IROTH)) != 0;
  if (others_read && HoldsSecret(settings)) {
    return absl::InvalidArgumentError(absl::StrCat(
        file, ": a secret stands in [kafka], and others may read the file: chmod 600 it, or name ",
        "the secret's file with NAME_file"));
  }
  kafka->insert(settings.begin(), settings.end());  // flags, which are there already, win
  return absl::OkStatus();
}

absl::Status ApplyFile(Invocation* invocation) {
  const std::string& file = invocation->config_file;
  toml::table table;
  try {
    table = toml::parse_file(file);
  } catch (const toml::parse_error& error) {
    const auto line = error.source().begin.line;  // 0: the file could not be opened
    const std::string place = line == 0 ? file : absl::StrCat(file, ":", line);
    return absl::InvalidArgumentError(absl::StrCat(place, ": ", AbslView(error.description())));
  }
  MR_RETURN_IF_ERROR(
      RejectUnknown(file, table, {"log", "state", "run", "kafka"}, "at the top level"));
  MR_RETURN_IF_ERROR(ReadString(file, table, "log", &invocation->log_url));
  MR_RETURN_IF_ERROR(ReadString(file, table, "state", &invocation->state_directory));
  if (const toml::node* kafka = table.get("kafka"); kafka != nullptr) {
    if (!kafka->is_table()) return WrongType(file, *kafka, "kafka", "a table, [kafka]");
    MR_RETURN_IF_ERROR(ApplyKafkaSection(file, *kafka->as_table(), &invocation->kafka));
  }
  const toml::node* section = table.get("run");
  if (section == nullptr) return absl::OkStatus();
  if (!section->is_table()) return WrongType(file, *section, "run", "a table, [run]");
  RunCommand* run = std::get_if<RunCommand>(&invocation->command);
  RunCommand ignored;  // checked all the same: a wrong file is wrong for every command
  return ApplyRunSection(file, *section->as_table(), run != nullptr ? run : &ignored);
}

void ApplyEnvironment(const char* name, std::string* value) {
  const char* text = std::getenv(name);
  if (value->empty() && text != nullptr) *value = text;
}

}  // namespace

absl::Status ApplySettings(Invocation* invocation) {
  ApplyEnvironment("MILLRACE_LOG", &invocation->log_url);
  ApplyEnvironment("MILLRACE_STATE", &invocation->state_directory);
  MR_ASSIGN_OR_RETURN(invocation->kafka, ParseKafkaFlags(invocation->kafka_flags));
  if (!invocation->config_file.empty()) MR_RETURN_IF_ERROR(ApplyFile(invocation));
  if (invocation->log_url.empty()) invocation->log_url = kDefaultLogUrl;
  if (invocation->log_url == "local:") {
    return absl::InvalidArgumentError("'local:' names no directory; a log is local:DIRECTORY");
  }
  return absl::OkStatus();
}

}  // namespace millrace::worker
