#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "kcat_format.h"
#include "millrace/status.h"
#include "record_json.h"
#include "topic_commands.h"

namespace millrace::worker {
namespace {

constexpr size_t kFetchBytes = 256 << 10;
constexpr size_t kWriteBytes = 64 << 10;
constexpr Duration kCancelCheck(200);

// Reads partitions in turn and prints; partitions keep their own order.
class Consumer {
 public:
  Consumer(const TopicConsumeCommand& command, Log& log, DeclaredTypes types, CommandIo& io)
      : command_(command), log_(log), types_(types), io_(io) {}

  absl::Status Open() {
    if (!command_.format.empty()) {
      MR_ASSIGN_OR_RETURN(format_, KcatFormat::Parse(command_.format));
    }
    MR_ASSIGN_OR_RETURN(TopicDescription topic, FindTopic(log_, command_.topic));
    MR_ASSIGN_OR_RETURN(reader_, log_.NewReader());
    const int32_t count = static_cast<int32_t>(topic.partitions.size());
    if (command_.partition.value_or(0) < 0 || command_.partition.value_or(0) >= count) {
      return absl::InvalidArgumentError(absl::StrCat("topic '", command_.topic,
                                                     "' has partitions 0 to ", count - 1, ", not ",
                                                     *command_.partition));
    }
    for (int32_t i = 0; i < count; ++i) {
      if (command_.partition.value_or(i) != i) continue;
      MR_RETURN_IF_ERROR(Assign(PartitionId(i), topic.partitions[static_cast<size_t>(i)]));
    }
    return absl::OkStatus();
  }

  absl::Status Run() {
    while (!done_ && !io_.Cancelled()) {
      bool progress = false;
      for (Position& position : positions_) {
        if (done_) break;
        MR_ASSIGN_OR_RETURN(bool read, ReadSome(&position));
        progress = progress || read;
      }
      if (command_.exit_at_end && AllAtEnd()) return absl::OkStatus();
      if (!progress && !done_) reader_->Wait(kCancelCheck);
    }
    return done_ ? absl::OkStatus() : Stopped();
  }

 private:
  struct Position {
    TopicPartition partition;
    Offset next;
    Offset end;  // when the command started
  };

  absl::Status Assign(PartitionId id, const PartitionDescription& partition) {
    Offset start = partition.begin;
    int64_t wanted = 0;
    if (command_.from == "end") {
      start = partition.end;
    } else if (absl::SimpleAtoi(command_.from, &wanted)) {
      // As kcat: an offset outside of what is there starts at the nearest record.
      start = std::min(std::max(Offset(wanted), partition.begin), partition.end);
    }
    Position position = {{command_.topic, id}, start, partition.end};
    MR_RETURN_IF_ERROR(reader_->Assign(position.partition, start));
    positions_.push_back(std::move(position));
    return absl::OkStatus();
  }

  absl::StatusOr<bool> ReadSome(Position* position) {
    MR_ASSIGN_OR_RETURN(RecordBatch batch, reader_->Fetch(position->partition, kFetchBytes));
    const bool moved = batch.next_offset > position->next;
    lines_.clear();
    for (const RecordView& record : batch.records) {
      if (command_.exit_at_end && record.offset >= position->end) break;
      lines_ += Line(position->partition.partition, record);
      done_ = ++printed_ == Limit();
      if (done_) break;
      if (lines_.size() < kWriteBytes) continue;
      if (!io_.Write(lines_)) return ReaderGone();
      lines_.clear();
    }
    if (!io_.Write(lines_)) return ReaderGone();
    if (moved) position->next = batch.next_offset;
    return moved;
  }

  std::string Line(PartitionId partition, const RecordView& record) const {
    if (format_.has_value()) return format_->Format(command_.topic, partition, record, types_);
    if (command_.json || !io_.OutputIsTerminal()) {
      return RecordToJsonLine(command_.topic, partition, record, types_);
    }
    bool base64 = false;
    auto shown = [&](const detail::Codec* codec, const std::optional<std::string_view>& bytes) {
      return bytes.has_value() ? BytesToJson(codec, *bytes, &base64) : std::string("null");
    };
    return absl::StrFormat("%d:%d\t%s\t%s\n", partition.value(), record.offset.value(),
                           shown(types_.key, record.key), shown(types_.value, record.value));
  }

  bool ReaderGone() {
    done_ = true;
    return true;
  }

  // A follower that its user ends has done its work; one that should have come to an end has not.
  absl::Status Stopped() const {
    const bool endless = !command_.exit_at_end && !command_.max_records.has_value();
    if (endless && !io_.HolderStops()) return absl::OkStatus();
    return absl::CancelledError(absl::StrCat(
        io_.HolderStops() ? "the process that holds the log stops; " : "stopped before the end; ",
        printed_, " records were printed"));
  }

  int64_t Limit() const { return command_.max_records.value_or(-1); }

  bool AllAtEnd() const {
    for (const Position& position : positions_) {
      if (position.next < position.end) return false;
    }
    return true;
  }

  const TopicConsumeCommand& command_;
  Log& log_;
  DeclaredTypes types_;
  CommandIo& io_;
  std::optional<KcatFormat> format_;
  std::unique_ptr<LogReader> reader_;
  std::vector<Position> positions_;
  std::string lines_;  // not yet written
  int64_t printed_ = 0;
  bool done_ = false;
};

}  // namespace

int ConsumeRecords(const TopicConsumeCommand& command, Log& log, const TypeCatalog& catalog,
                   CommandIo& io) {
  if (command.read_uncommitted) {
    io.WriteError("records of open and of aborted transactions are shown, too\n");
  }
  Consumer consumer(command, log, catalog.Topic(command.topic), io);
  absl::Status status = consumer.Open();
  if (status.ok()) status = consumer.Run();
  return status.ok() ? 0 : Fail(io, status);
}

}  // namespace millrace::worker
