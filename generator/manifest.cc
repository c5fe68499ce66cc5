#include "generator/manifest.h"

#include <map>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace millrace::gen {
namespace {

void AppendCounts(std::string_view name, const std::map<std::string_view, uint64_t>& counts,
                  std::string* out) {
  absl::StrAppend(out, "\"", std::string(name), "\":{");
  for (const auto& [what, count] : counts) {
    absl::StrAppend(out, out->back() == '{' ? "" : ",", "\"", std::string(what), "\":", count);
  }
  *out += '}';
}

}  // namespace

std::string ManifestOf(const RecordStream::Options& options, const StreamCounts& counts) {
  const SocialNetwork::Options& network = options.network;
  std::string out = absl::StrCat("{\"seed\":", network.seed, ",\"users\":", network.users,
                                 ",\"events\":", network.changes, ",\"follows\":", network.follows,
                                 ",\"posts\":", network.posts, ",\"gap_us\":", network.gap.count(),
                                 ",\"start_ms\":", ToMillis(network.start), ",\n\"faults\":{");
  for (size_t i = 0; i < kFaultKinds; ++i) {
    const auto fault = static_cast<Fault>(i);
    const auto counted = counts.faults.find(NameOf(fault));
    absl::StrAppend(&out, i == 0 ? "" : ",", "\"", std::string(NameOf(fault)),
                    "\":{\"per_million\":", options.faults[fault],
                    ",\"count\":", counted == counts.faults.end() ? 0 : counted->second, "}");
  }
  out += "},\n";
  AppendCounts("snapshot_rows", counts.snapshot_rows, &out);
  out += ",\n";
  AppendCounts("live_facts", counts.live_facts, &out);
  out += ",\n";
  AppendCounts("records", counts.records, &out);
  out += ",\n";
  AppendCounts("malformed", counts.malformed, &out);
  out += ",\n\"dead_letters\":{";
  for (const auto& [topic, classes] : counts.dead_letters) {
    if (out.back() != '{') out += ',';
    AppendCounts(topic, classes, &out);
  }
  absl::StrAppendFormat(&out, "},\n\"settled_ms\":%d,\"hash\":\"%016x\"}\n",
                        ToMillis(counts.settled), counts.hash);
  return out;
}

}  // namespace millrace::gen
