// millrace-gen: a social network's change records as JSON lines, as `millrace topic produce` reads
// them: generated from a seed, or replayed from the files of an LDBC social network benchmark.
#include <cinttypes>
#include <cstdio>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "base/json_text.h"
#include "bench/gen/ldbc_replay.h"
#include "bench/gen/social_network.h"
#include "millrace/status.h"

ABSL_FLAG(uint64_t, seed, 1, "what the network is generated from");
ABSL_FLAG(uint32_t, users, 10'000, "users of the generated network, at least 2");
ABSL_FLAG(uint32_t, follows, 20, "follows per user in the snapshot, on average");
ABSL_FLAG(uint32_t, posts, 10'000, "posts in the snapshot");
ABSL_FLAG(uint64_t, records, 100'000, "live changes after the snapshot, at most");
ABSL_FLAG(double, hours, 3, "event time that the generated live changes take");
ABSL_FLAG(std::string, data, "", "replay the LDBC files of this folder instead");

namespace millrace::gen {
namespace {

constexpr size_t kWriteBytes = 1 << 20;

class LineWriter {
 public:
  absl::Status Write(const ChangeRecord& record) {
    buffer_ += "{\"topic\":";
    AppendJsonString(record.topic, &buffer_);
    buffer_ += ",\"key\":";
    AppendJsonString(record.key, &buffer_);
    buffer_ += ",\"value\":";
    if (record.is_tombstone) {
      buffer_ += "null";
    } else {
      AppendJsonString(record.value, &buffer_);
    }
    buffer_ += ",\"timestamp\":";
    AppendInt(ToMillis(record.timestamp), &buffer_);
    buffer_ += "}\n";
    ++records_;
    return buffer_.size() < kWriteBytes ? absl::OkStatus() : Flush();
  }

  absl::Status Flush() {
    const size_t written = std::fwrite(buffer_.data(), 1, buffer_.size(), stdout);
    if (written != buffer_.size() || std::fflush(stdout) != 0) {
      return absl::UnavailableError("standard output: cannot be written");
    }
    buffer_.clear();
    return absl::OkStatus();
  }

  uint64_t records() const { return records_; }

 private:
  std::string buffer_;
  uint64_t records_ = 0;
};

absl::Status Generate(LineWriter* lines) {
  SocialNetwork::Options options;
  options.seed = absl::GetFlag(FLAGS_seed);
  options.users = absl::GetFlag(FLAGS_users);
  options.follows_per_user = absl::GetFlag(FLAGS_follows);
  options.posts = absl::GetFlag(FLAGS_posts);
  options.changes = absl::GetFlag(FLAGS_records);
  if (options.users < 2) return absl::InvalidArgumentError("--users: at least 2");
  const double hours = absl::GetFlag(FLAGS_hours);
  if (!(hours >= 0 && hours <= 24 * 366)) {
    return absl::InvalidArgumentError("--hours: from 0 to a year");
  }
  if (options.changes > 0) {
    options.gap = std::chrono::microseconds(
        static_cast<int64_t>(hours * 3.6e9 / static_cast<double>(options.changes)));
  }
  SocialNetwork network(options);
  ChangeRecord record;
  while (network.Next(&record)) MR_RETURN_IF_ERROR(lines->Write(record));
  return absl::OkStatus();
}

absl::Status Replay(LineWriter* lines) {
  LdbcReplay::Options options;
  options.changes_max = absl::GetFlag(FLAGS_records);
  MR_ASSIGN_OR_RETURN(auto replay, LdbcReplay::Open(absl::GetFlag(FLAGS_data), options));
  ChangeRecord record;
  while (true) {
    MR_ASSIGN_OR_RETURN(const bool more, replay->Next(&record));
    if (!more) return absl::OkStatus();
    MR_RETURN_IF_ERROR(lines->Write(record));
  }
}

int Main() {
  LineWriter lines;
  absl::Status status = absl::GetFlag(FLAGS_data).empty() ? Generate(&lines) : Replay(&lines);
  if (status.ok()) status = lines.Flush();
  if (!status.ok()) {
    std::fprintf(stderr, "millrace-gen: %s\n", std::string(status.message()).c_str());
    return 1;
  }
  std::fprintf(stderr, "millrace-gen: %" PRIu64 " records\n", lines.records());
  return 0;
}

}  // namespace
}  // namespace millrace::gen

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage(
      "writes a social network's change records as JSON lines\n"
      "  millrace-gen --seed=1 --users=10000 --records=100000\n"
      "  millrace-gen --data=FOLDER");
  absl::ParseCommandLine(argc, argv);
  return millrace::gen::Main();
}
