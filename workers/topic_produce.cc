#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "millrace/partitioner.h"
#include "millrace/status.h"
#include "record_json.h"
#include "topic_commands.h"

namespace millrace::worker {
namespace {

// One transaction per so many bytes: few enough syncs for a file. A slow pipe's records do not wait
// for it; they are committed when nothing more is there to read.
constexpr size_t kTransactionBytes = 4 << 20;

class LineProducer {
 public:
  LineProducer(const TopicProduceCommand& command, Log& log) : command_(command), log_(log) {}

  absl::Status Open() {
    MR_ASSIGN_OR_RETURN(producer_, log_.NewProducer({}));
    return absl::OkStatus();
  }

  absl::Status Add(int64_t number, std::string_view line) {
    MR_ASSIGN_OR_RETURN(ParsedRecord record, ParseRecordLine(line));
    if (record.topic.empty()) record.topic = command_.default_topic;
    if (record.topic.empty()) {
      return absl::InvalidArgumentError("the line names no \"topic\" and there is no --topic");
    }
    MR_ASSIGN_OR_RETURN(TopicHandle topic, HandleOf(record.topic));
    MR_ASSIGN_OR_RETURN(PartitionId partition, PartitionOf(record, topic));
    OutgoingRecord outgoing;
    outgoing.key = record.key;
    outgoing.value = record.value;
    outgoing.timestamp = record.timestamp.value_or(Clock::System()->Now());
    outgoing.headers = &record.headers;
    MR_RETURN_IF_ERROR(producer_->Produce(topic, partition, outgoing));
    ++pending_;
    last_line_ = number;
    return producer_->PendingBytes() >= kTransactionBytes ? Commit() : absl::OkStatus();
  }

  absl::Status Commit() {
    if (pending_ == 0) return absl::OkStatus();
    MR_RETURN_IF_ERROR(producer_->Commit({}).status());
    committed_ += pending_;
    committed_line_ = last_line_;
    pending_ = 0;
    return absl::OkStatus();
  }

  int64_t committed() const { return committed_; }

  // What of the input is in the topics, and how to go on behind it.
  std::string Durable() const {
    if (committed_ == 0) return "nothing is written";
    return absl::StrCat(committed_, committed_ == 1 ? " record is" : " records are",
                        " written, up to line ", committed_line_, "; go on from line ",
                        committed_line_ + 1);
  }

 private:
  absl::StatusOr<TopicHandle> HandleOf(const std::string& topic) {
    auto it = topics_.find(topic);
    if (it != topics_.end()) return it->second;
    absl::StatusOr<TopicHandle> handle = producer_->OpenTopic(topic);
    if (absl::IsNotFound(handle.status())) {
      return absl::NotFoundError(absl::StrCat("there is no topic '", topic,
                                              "'; create it with: millrace topic create ", topic));
    }
    if (handle.ok()) topics_.emplace(topic, *handle);
    return handle;
  }

  // Of the record if it names one; by key as every Kafka producer; in turn without a key.
  absl::StatusOr<PartitionId> PartitionOf(const ParsedRecord& record, const TopicHandle& topic) {
    if (record.partition.has_value()) {
      if (record.partition->value() < topic.partitions) return *record.partition;
      return absl::InvalidArgumentError(absl::StrCat("topic '", record.topic,
                                                     "' has partitions 0 to ", topic.partitions - 1,
                                                     ", not ", record.partition->value()));
    }
    if (record.key.has_value()) return PartitionForKey(*record.key, topic.partitions);
    return PartitionId(static_cast<int32_t>(round_robin_++ % topic.partitions));
  }

  const TopicProduceCommand& command_;
  Log& log_;
  std::unique_ptr<LogProducer> producer_;
  std::map<std::string, TopicHandle> topics_;
  int64_t pending_ = 0;
  int64_t last_line_ = 0;
  int64_t committed_ = 0;
  int64_t committed_line_ = 0;
  int64_t round_robin_ = 0;
};

// Adds lines up to the end of the input or to the first bad one.
absl::Status ProduceLines(LineProducer* producer, CommandIo& io) {
  MR_RETURN_IF_ERROR(producer->Open());
  std::string line;
  for (int64_t number = 1; io.ReadLine(&line); ++number) {
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    if (absl::Status added = producer->Add(number, line); !added.ok()) {
      return absl::Status(added.code(),
                          absl::StrCat("line ", number, ": ", std::string(added.message())));
    }
    if (!io.InputReady()) MR_RETURN_IF_ERROR(producer->Commit());
  }
  if (io.HolderStops()) return absl::CancelledError("the process that holds the log stops");
  return io.Cancelled() ? absl::CancelledError("stopped") : absl::OkStatus();
}

}  // namespace

int ProduceRecords(const TopicProduceCommand& command, Log& log, CommandIo& io) {
  LineProducer producer(command, log);
  absl::Status status = ProduceLines(&producer, io);
  // What came before a bad line is good and stays.
  status.Update(producer.Commit());
  if (status.ok()) {
    io.WriteError(absl::StrCat("produced ", producer.committed(), " records\n"));
    return 0;
  }
  io.WriteError(absl::StrCat("millrace: ", status.message(), "\n", producer.Durable(), "\n"));
  return 1;
}

}  // namespace millrace::worker
