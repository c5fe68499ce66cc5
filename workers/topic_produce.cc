#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "millrace/partitioner.h"
#include "millrace/status.h"
#include "record_json.h"
#include "topic_commands.h"

namespace millrace::worker {
namespace {

// One transaction per so many bytes: few enough syncs for a file, little enough to lose nothing of
// a slow pipe for long.
constexpr size_t kTransactionBytes = 4 << 20;

class LineProducer {
 public:
  LineProducer(const TopicProduceCommand& command, Log& log) : command_(command), log_(log) {}

  absl::Status Open() {
    MR_ASSIGN_OR_RETURN(producer_, log_.NewProducer({}));
    return absl::OkStatus();
  }

  absl::Status Add(std::string_view line) {
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
    return producer_->PendingBytes() >= kTransactionBytes ? Commit() : absl::OkStatus();
  }

  absl::Status Commit() {
    if (pending_ == 0) return absl::OkStatus();
    MR_RETURN_IF_ERROR(producer_->Commit({}).status());
    committed_ += pending_;
    pending_ = 0;
    return absl::OkStatus();
  }

  int64_t committed() const { return committed_; }

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
  int64_t committed_ = 0;
  int64_t round_robin_ = 0;
};

}  // namespace

int ProduceRecords(const TopicProduceCommand& command, Log& log, CommandIo& io) {
  LineProducer producer(command, log);
  absl::Status status = producer.Open();
  std::string line;
  int64_t number = 0;
  while (status.ok() && !io.Cancelled() && io.ReadLine(&line)) {
    ++number;
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    status = producer.Add(line);
  }
  // What came before a bad line is good and stays.
  absl::Status committed = producer.Commit();
  if (status.ok()) status = committed;
  if (!status.ok()) {
    io.WriteError(absl::StrCat("millrace: line ", number, ": ", status.message(), "\n",
                               producer.committed(), " records before it are written; mend it and ",
                               "go on from that line\n"));
    return 1;
  }
  io.WriteError(absl::StrCat("produced ", producer.committed(), " records\n"));
  return 0;
}

}  // namespace millrace::worker
