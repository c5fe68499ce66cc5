#include "millrace/local_log.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/logging.h"
#include "log/acked_file.h"
#include "log/commit_queue.h"
#include "log/directory_lock.h"
#include "log/local_producer.h"
#include "log/local_reader.h"
#include "log/log_db.h"
#include "log/log_state.h"
#include "log/maintenance.h"
#include "log/topic_admin.h"
#include "millrace/status.h"

namespace millrace {
namespace {

class RocksLocalLog : public LocalLog {
 public:
  RocksLocalLog(std::string directory, const LocalLogOptions& options)
      : directory_(std::move(directory)), options_(options), state_(options.tail_cache_bytes) {}

  ~RocksLocalLog() override {
    maintenance_.reset();
    if (queue_ == nullptr) return;
    if (absl::Status status = queue_->Close(); !status.ok()) {
      LogWarning(
          absl::StrCat("closing the log in '", directory_, "': ", std::string(status.message())));
    }
  }

  absl::Status OpenAll() {
    MR_RETURN_IF_ERROR(MakeDirectory(directory_));
    MR_ASSIGN_OR_RETURN(lock_, DirectoryLock::Acquire(directory_));
    MR_ASSIGN_OR_RETURN(const bool complete, HasFormat(directory_));
    MR_ASSIGN_OR_RETURN(acked_, AckedFile::Open(directory_ + "/ACKED"));
    MR_ASSIGN_OR_RETURN(db_, LogDb::Open(directory_ + "/db", !complete, options_));
    MR_ASSIGN_OR_RETURN(const uint64_t commits, db_->CommitSequence());
    MR_RETURN_IF_ERROR(CheckNothingLost(commits));
    MR_RETURN_IF_ERROR(Recover(directory_, db_.get(), &state_));
    if (!complete) MR_RETURN_IF_ERROR(WriteFormat(directory_));
    queue_ = std::make_unique<CommitQueue>(
        CommitQueue::Options{
            .directory = directory_, .sync = options_.sync, .commit_sequence = commits},
        db_.get(), acked_.get(), &state_);
    admin_ = std::make_unique<TopicAdmin>(directory_, db_.get(), queue_.get(), &state_);
    maintenance_ =
        std::make_unique<Maintenance>(directory_, options_, db_.get(), queue_.get(), &state_);
    return absl::OkStatus();
  }

  const std::string& directory() const override { return directory_; }
  absl::Status RunMaintenance() override { return maintenance_->Run(); }

  absl::Status CreateTopic(const std::string& topic, const TopicConfig& config) override {
    return admin_->CreateTopic(topic, config);
  }
  absl::Status AddPartitions(const std::string& topic, int32_t new_count) override {
    return admin_->AddPartitions(topic, new_count);
  }
  absl::Status SetRetention(const std::string& topic, std::optional<Duration> retention) override {
    return admin_->SetRetention(topic, retention);
  }
  absl::Status DeleteTopic(const std::string& topic) override { return admin_->DeleteTopic(topic); }
  absl::StatusOr<TopicDescription> DescribeTopic(const std::string& topic) override {
    return admin_->DescribeTopic(topic);
  }
  absl::StatusOr<std::vector<std::string>> ListTopics() override { return admin_->ListTopics(); }
  absl::StatusOr<Offset> OffsetForTime(const TopicPartition& partition, Timestamp time) override {
    return admin_->OffsetForTime(partition, time);
  }
  absl::Status DeleteRecordsBefore(const TopicPartition& partition, Offset offset) override {
    return admin_->DeleteRecordsBefore(partition, offset);
  }
  absl::StatusOr<GroupOffsets> CommittedOffsets(const std::string& group) override {
    return admin_->CommittedOffsets(group);
  }
  absl::StatusOr<std::vector<std::string>> ListGroups() override { return admin_->ListGroups(); }
  absl::Status ResetOffsets(const std::string& group, const GroupOffsets& offsets) override {
    return admin_->ResetOffsets(group, offsets);
  }

  absl::StatusOr<std::unique_ptr<LogReader>> NewReader() override {
    return std::make_unique<LocalReader>(directory_, db_.get(), queue_.get(), &state_);
  }
  absl::StatusOr<std::unique_ptr<LogProducer>> NewProducer(
      const ProducerOptions& options) override {
    MR_ASSIGN_OR_RETURN(const int64_t epoch, queue_->NewEpoch(options.transactional_id));
    return std::make_unique<LocalProducer>(options.transactional_id, epoch, queue_.get(), &state_);
  }

 private:
  absl::Status CheckNothingLost(uint64_t commits) const {
    if (!acked_->existed() && commits > 0) {
      LogWarning(absl::StrCat(directory_,
                              "/ACKED was not there: lost commits would not be noticed this time"));
    }
    if (commits >= acked_->sequence()) return absl::OkStatus();
    return absl::DataLossError(
        absl::StrCat("the log in '", directory_, "' is missing ", acked_->sequence() - commits,
                     " of ", acked_->sequence(), " acknowledged commits: its write-ahead log in '",
                     directory_, "/db' was cut off or damaged"));
  }

  // In the order in which they are opened; closed in the other one.
  const std::string directory_;
  const LocalLogOptions options_;
  LogState state_;
  std::unique_ptr<DirectoryLock> lock_;
  std::unique_ptr<AckedFile> acked_;
  std::unique_ptr<LogDb> db_;
  std::unique_ptr<CommitQueue> queue_;
  std::unique_ptr<TopicAdmin> admin_;
  std::unique_ptr<Maintenance> maintenance_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<LocalLog>> LocalLog::Open(const std::string& directory,
                                                         const LocalLogOptions& options) {
  auto log = std::make_unique<RocksLocalLog>(directory, options);
  MR_RETURN_IF_ERROR(log->OpenAll());
  return log;
}

}  // namespace millrace
