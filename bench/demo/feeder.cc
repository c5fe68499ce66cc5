#include "bench/demo/feeder.h"

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "millrace/partitioner.h"
#include "millrace/status.h"

namespace millrace::demo {
namespace {

constexpr const char* kTopics[] = {"cdc.follows", "cdc.posts", "cdc.likes", "cdc.comments"};
// One sync per this many records.
constexpr int kRecordsPerCommit = 5'000;

}  // namespace

Feeder::Feeder(Log* log, ChangeSource* source) : log_(log), source_(source) {}

Feeder::~Feeder() { Stop(); }

absl::StatusOr<int64_t> Feeder::Prepare(int partitions) {
  for (const char* topic : kTopics) {
    const absl::Status made = log_->CreateTopic(topic, {.partitions = partitions});
    if (!made.ok() && !absl::IsAlreadyExists(made)) return made;
    MR_ASSIGN_OR_RETURN(TopicDescription description, log_->DescribeTopic(topic));
    for (const PartitionDescription& partition : description.partitions) {
      skip_ += partition.end.value();
    }
  }
  committed_ = skip_;
  return skip_;
}

void Feeder::Start() {
  thread_ = std::thread([this] {
    absl::Status status = Run();
    {
      const std::lock_guard lock(mutex_);
      status_ = std::move(status);
    }
    done_ = true;
  });
}

void Feeder::Stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

absl::Status Feeder::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

absl::Status Feeder::Run() {
  MR_ASSIGN_OR_RETURN(std::unique_ptr<LogProducer> producer,
                      log_->NewProducer({.transactional_id = "demo-feeder"}));
  std::map<std::string, TopicHandle, std::less<>> topics;
  for (const char* topic : kTopics) {
    MR_ASSIGN_OR_RETURN(topics[topic], producer->OpenTopic(topic));
  }
  gen::ChangeRecord record;
  int64_t read = 0;
  int pending = 0;
  while (!stop_) {
    MR_ASSIGN_OR_RETURN(bool more, source_->Next(&record));
    if (more && ++read <= skip_) continue;
    if (more) {
      const auto topic = topics.find(record.topic);
      if (topic == topics.end()) {
        return absl::InternalError("the source has a record of an unknown topic");
      }
      const TopicHandle handle = topic->second;
      MR_RETURN_IF_ERROR(producer->Produce(handle, PartitionForKey(record.key, handle.partitions),
                                           record.AsOutgoing()));
      ++pending;
    }
    if (pending < kRecordsPerCommit && more) continue;
    MR_RETURN_IF_ERROR(producer->Commit({}).status());
    committed_ += pending;
    pending = 0;
    if (!more) break;
  }
  return absl::OkStatus();
}

}  // namespace millrace::demo
