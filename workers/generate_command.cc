#include "generate_command.h"

#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "generator/ldbc_replay.h"
#include "generator/manifest.h"
#include "generator/record_stream.h"
#include "millrace/partitioner.h"
#include "millrace/status.h"
#include "topic_commands.h"

namespace millrace::worker {
namespace {

using gen::ChangeRecord;
using gen::RecordStream;

constexpr size_t kWriteBytes = 1 << 20;
constexpr size_t kTransactionBytes = 4 << 20;
constexpr int64_t kRecordsPerProgress = 100'000;
constexpr std::chrono::hours kHistory(95 * 24);
// Six in the evening, so that half a day of it has a midnight in the middle.
constexpr std::chrono::hours kLiveBegins(18);

RecordStream::Options StreamOptions(const GenerateCommand& command) {
  gen::SocialNetwork::Options network{.seed = command.seed,
                                      .users = command.users,
                                      .follows = command.follows,
                                      .posts = command.posts.value_or(command.users / 4),
                                      .changes = command.events};
  const double micros =
      command.hours * 3.6e9 / static_cast<double>(std::max<uint64_t>(command.events, 1));
  network.gap = std::chrono::microseconds(static_cast<int64_t>(micros));
  if (command.tables_only) return RecordStream::Tables(network);
  network.likes_per_post = 4;
  network.history = kHistory;
  network.mix = gen::Mix::Feed();
  network.posts_per_author = 90;
  network.quiet = std::chrono::minutes(15);
  network.lifelike = true;
  network.coda = true;
  network.start += kLiveBegins;
  return {.network = network, .announces = true, .faults = command.faults};
}

using Sink = std::function<absl::Status(const ChangeRecord&)>;

absl::Status Stopped(const CommandIo& io) {
  return io.Cancelled() ? absl::CancelledError("stopped") : absl::OkStatus();
}

absl::Status Replay(const GenerateCommand& command, const Sink& sink) {
  MR_ASSIGN_OR_RETURN(auto replay,
                      gen::LdbcReplay::Open(command.ldbc_folder, {.changes_max = command.events}));
  ChangeRecord record;
  while (true) {
    MR_ASSIGN_OR_RETURN(const bool more, replay->Next(&record));
    if (!more) return absl::OkStatus();
    MR_RETURN_IF_ERROR(sink(record));
  }
}

absl::Status WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc);
  file << text;
  file.close();
  if (file) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("'", path, "' cannot be written"));
}

absl::Status Generate(const GenerateCommand& command, const Sink& sink) {
  if (!command.ldbc_folder.empty()) return Replay(command, sink);
  const RecordStream::Options options = StreamOptions(command);
  RecordStream stream(options);
  for (ChangeRecord record; stream.Next(&record);) MR_RETURN_IF_ERROR(sink(record));
  if (command.manifest.empty()) return absl::OkStatus();
  return WriteFile(command.manifest, ManifestOf(options, stream.counts()));
}

// Lines to standard output, in large pieces.
class LineOutput {
 public:
  explicit LineOutput(CommandIo& io) : io_(io) {}

  std::string* buffer() { return &buffer_; }
  // After every line. Cancelled: nobody reads on.
  absl::Status Added() { return buffer_.size() < kWriteBytes ? absl::OkStatus() : Flush(); }
  absl::Status Flush() {
    if (!io_.Write(buffer_)) return absl::CancelledError("the output is closed");
    buffer_.clear();
    return Stopped(io_);
  }

 private:
  CommandIo& io_;
  std::string buffer_;
};

absl::Status WriteIdeal(const GenerateCommand& command, LineOutput* lines) {
  RecordStream::Options options = StreamOptions(command);
  gen::SocialNetwork network(gen::WithMishaps(options.network, options.faults));
  for (gen::Fact fact; network.Next(&fact);) {
    gen::AppendFactLine(fact, lines->buffer());
    MR_RETURN_IF_ERROR(lines->Added());
  }
  return absl::OkStatus();
}

class LogOutput {
 public:
  LogOutput(const GenerateCommand& command, Log& log, CommandIo& io)
      : command_(command), log_(log), io_(io) {}

  absl::Status Open() {
    MR_ASSIGN_OR_RETURN(producer_, log_.NewProducer({}));
    for (const std::string_view topic : gen::kGeneratedTopics) {
      const std::string name(topic);
      const absl::Status made = log_.CreateTopic(name, {.partitions = command_.partitions});
      if (!made.ok() && !absl::IsAlreadyExists(made)) return made;
      MR_ASSIGN_OR_RETURN(topics_[name], producer_->OpenTopic(name));
    }
    return absl::OkStatus();
  }

  absl::Status Write(const ChangeRecord& record) {
    const TopicHandle topic = topics_.find(record.topic)->second;
    MR_RETURN_IF_ERROR(producer_->Produce(topic, PartitionOf(record, topic), record.AsOutgoing()));
    ++pending_;
    if (producer_->PendingBytes() < kTransactionBytes) return absl::OkStatus();
    return Commit();
  }

  absl::Status Commit() {
    if (pending_ > 0) MR_RETURN_IF_ERROR(producer_->Commit({}).status());
    const int64_t before = committed_;
    committed_ += pending_;
    pending_ = 0;
    if (io_.OutputIsTerminal() &&
        before / kRecordsPerProgress != committed_ / kRecordsPerProgress) {
      io_.WriteError(absl::StrCat("\r", committed_, " records"));
    }
    return Stopped(io_);
  }

  int64_t committed() const { return committed_; }

 private:
  PartitionId PartitionOf(const ChangeRecord& record, const TopicHandle& topic) {
    if (record.has_key) return PartitionForKey(record.key, topic.partitions);
    return PartitionId(static_cast<int32_t>(keyless_++ % topic.partitions));
  }

  const GenerateCommand& command_;
  Log& log_;
  CommandIo& io_;
  std::unique_ptr<LogProducer> producer_;
  std::map<std::string, TopicHandle, std::less<>> topics_;
  int64_t pending_ = 0;
  int64_t committed_ = 0;
  int64_t keyless_ = 0;
};

absl::Status IntoLog(const GenerateCommand& command, LogOutput* output) {
  MR_RETURN_IF_ERROR(output->Open());
  MR_RETURN_IF_ERROR(
      Generate(command, [&](const ChangeRecord& record) { return output->Write(record); }));
  return output->Commit();
}

}  // namespace

int GenerateLines(const GenerateCommand& command, CommandIo& io) {
  LineOutput lines(io);
  absl::Status status;
  if (command.ideal) {
    status = WriteIdeal(command, &lines);
  } else {
    status = Generate(command, [&](const ChangeRecord& record) {
      AppendRecordLine(record, lines.buffer());
      return lines.Added();
    });
  }
  if (status.ok()) status = lines.Flush();
  if (status.ok() || absl::IsCancelled(status)) return status.ok() ? 0 : 1;
  return Fail(io, status);
}

int GenerateIntoLog(const GenerateCommand& command, Log& log, CommandIo& io) {
  LogOutput output(command, log, io);
  const absl::Status status = IntoLog(command, &output);
  if (io.OutputIsTerminal()) io.WriteError("\r");
  io.WriteError(absl::StrCat("generated ", output.committed(), " records\n"));
  return status.ok() ? 0 : Fail(io, status);
}

}  // namespace millrace::worker
