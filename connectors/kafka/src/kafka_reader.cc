#include "connectors/kafka/src/kafka_reader.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"
#include "connectors/kafka/src/record_form.h"
#include "millrace/status.h"

namespace millrace::kafka {
namespace {

// Shares are dealt for at least so many partitions: a few more change nothing then.
constexpr size_t kMinSizedFor = 8;
constexpr size_t kMaxTaken = 1000;
constexpr int kFetchesPerPoll = 1000;
constexpr int kFirstWithBackoff = 0x02020000;  // fetch.queue.backoff.ms

// Keeps what a batch's records point to. The messages go before the client that they belong to.
class Pinned {
 public:
  explicit Pinned(std::shared_ptr<Client> client) : client_(std::move(client)) {}
  ~Pinned() {
    for (rd_kafka_message_t* message : messages_) rd_kafka_message_destroy(message);
  }
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;

  void Add(rd_kafka_message_t* message) { messages_.push_back(message); }
  std::string* NewHeaders() { return &headers_.emplace_back(); }

 private:
  std::shared_ptr<Client> client_;
  std::vector<rd_kafka_message_t*> messages_;
  std::deque<std::string> headers_;  // of the few records that have some
};

RecordView View(const rd_kafka_message_t* message, Pinned* pinned) {
  RecordView view;
  if (message->key != nullptr) {
    view.key.emplace(static_cast<const char*>(message->key), message->key_len);
  }
  if (message->payload != nullptr) {
    view.value.emplace(static_cast<const char*>(message->payload), message->len);
  }
  rd_kafka_timestamp_type_t type;
  view.timestamp = TimestampFromMillis(rd_kafka_message_timestamp(message, &type));
  view.offset = Offset(message->offset);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    std::string* bytes = pinned->NewHeaders();
    FromLibrary(*headers, bytes, &view.timestamp);
    view.headers = *bytes;
  }
  return view;
}

size_t SizeOf(const rd_kafka_message_t& message) { return message.len + message.key_len + 16; }

}  // namespace

void KafkaReader::Signal::Notify() {
  {
    std::lock_guard lock(mutex_);
    pending_ = true;
  }
  changed_.notify_one();
}

void KafkaReader::Signal::Wait(Duration timeout) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [this] { return pending_; });
  pending_ = false;
}

KafkaReader::KafkaReader(std::shared_ptr<Cluster> cluster, OnWarning on_warning)
    : cluster_(std::move(cluster)), on_warning_(std::move(on_warning)) {}

KafkaReader::~KafkaReader() {
  for (const auto& [name, partition] : partitions_) Stop(partition.get());
}

absl::Status KafkaReader::Assign(const TopicPartition& name, Offset start) {
  Unassign(name);
  MR_ASSIGN_OR_RETURN(const PartitionDescription bounds, cluster_->FullBounds(name));
  if (start < bounds.begin || start > bounds.end) {
    return absl::OutOfRangeError(absl::StrCat("offset ", start.value(), " of ", name.ToString(),
                                              " is outside of ", bounds.begin.value(), " to ",
                                              bounds.end.value()));
  }
  auto partition = std::make_unique<Partition>();
  partition->name = name;
  partition->position = start;
  partition->signal = &signal_;
  partitions_[name] = std::move(partition);
  all_started_ = false;
  return absl::OkStatus();
}

void KafkaReader::Unassign(const TopicPartition& name) {
  const auto it = partitions_.find(name);
  if (it == partitions_.end()) return;
  Stop(it->second.get());
  partitions_.erase(it);
}

absl::Status KafkaReader::EnsureStarted() {
  if (all_started_) return absl::OkStatus();
  if (client_ == nullptr || partitions_.size() > 2 * sized_for_) MR_RETURN_IF_ERROR(StartClient());
  for (const auto& [name, partition] : partitions_) {
    if (partition->topic == nullptr) MR_RETURN_IF_ERROR(Start(partition.get()));
  }
  all_started_ = true;
  return absl::OkStatus();
}

absl::Status KafkaReader::StartClient() {
  for (const auto& [name, partition] : partitions_) Stop(partition.get());
  client_.reset();
  sized_for_ = std::max(partitions_.size(), kMinSizedFor);
  bounds_ = BoundsOfQueue(cluster_->settings().options, sized_for_);
  MR_ASSIGN_OR_RETURN(ClientConfig config, ReaderConfig(cluster_->settings(), sized_for_));
  ClientOptions options{.type = RD_KAFKA_CONSUMER, .on_warning = on_warning_};
  // The library has no message for it, but reports it from the queue of the partition.
  options.on_error = [this](rd_kafka_resp_err_t code) { topic_gone_ |= IsUnknownTopic(code); };
  MR_ASSIGN_OR_RETURN(client_, Client::Start(std::move(config), std::move(options)));
  return absl::OkStatus();
}

absl::Status KafkaReader::Start(Partition* partition) {
  partition->topic.reset(
      rd_kafka_topic_new(client_->get(), partition->name.topic.c_str(), nullptr));
  if (partition->topic == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", partition->name.topic, "' is no name of a topic"));
  }
  partition->queue.reset(rd_kafka_queue_new(client_->get()));
  partition->has_news = false;
  rd_kafka_queue_cb_event_enable(partition->queue.get(), OnNews, partition);
  const int failed =
      rd_kafka_consume_start_queue(partition->topic.get(), partition->name.partition.value(),
                                   partition->position.value(), partition->queue.get());
  if (failed == 0) return absl::OkStatus();
  return ToStatus(rd_kafka_last_error(), {absl::StrCat("read ", partition->name.ToString()), ""});
}

void KafkaReader::Stop(Partition* partition) {
  for (size_t i = partition->next_held; i < partition->held.size(); ++i) {
    rd_kafka_message_destroy(partition->held[i]);
  }
  partition->held.clear();
  partition->next_held = 0;
  if (partition->topic == nullptr) return;
  // No call of OnNews comes after this one.
  rd_kafka_queue_cb_event_enable(partition->queue.get(), nullptr, nullptr);
  rd_kafka_consume_stop(partition->topic.get(), partition->name.partition.value());
  partition->queue.reset();
  partition->topic.reset();
}

// On a thread of the library, with the queue locked: touches nothing of the library.
void KafkaReader::OnNews(rd_kafka_t* client, void* opaque) {
  (void)client;
  auto* partition = static_cast<Partition*>(opaque);
  partition->has_news.store(true, std::memory_order_release);
  partition->signal->Notify();
}

absl::StatusOr<RecordBatch> KafkaReader::Fetch(const TopicPartition& name, size_t max_bytes) {
  MR_RETURN_IF_ERROR(EnsureStarted());
  if (++fetches_since_poll_ >= kFetchesPerPoll) {
    fetches_since_poll_ = 0;
    client_->Poll();
  }
  const auto it = partitions_.find(name);
  MR_CHECK(it != partitions_.end(), "fetch from a partition that is not assigned");
  Partition* partition = it->second.get();
  MR_RETURN_IF_ERROR(partition->error);
  if (partition->next_held == partition->held.size()) {
    TakeOffQueue(partition, max_bytes);
    if (partition->held.empty()) MR_RETURN_IF_ERROR(partition->error);
  }
  return Give(partition, max_bytes);
}

void KafkaReader::TakeOffQueue(Partition* partition, size_t max_bytes) {
  partition->held.clear();
  partition->next_held = 0;
  // Cleared first: what comes while we take sets it again.
  if (!partition->has_news.exchange(false, std::memory_order_acq_rel)) return;
  const size_t wanted = std::clamp<size_t>(max_bytes / partition->bytes_per_record, 1, kMaxTaken);
  partition->held.resize(wanted);
  Nudge(partition);
  topic_gone_ = false;
  const ssize_t taken =
      rd_kafka_consume_batch_queue(partition->queue.get(), 0, partition->held.data(), wanted);
  partition->held.resize(static_cast<size_t>(std::max<ssize_t>(taken, 0)));
  if (topic_gone_) CheckDeleted(partition);
  Nudge(partition);
  if (partition->held.size() < wanted) return;
  // There may be more, and nobody will say so again.
  partition->has_news.store(true, std::memory_order_release);
}

// Before 2.2 the library looks at a queue that was full again only when something happens on the
// connection to its broker, or after a second: so we make something happen. The answer to the
// question is of no interest.
void KafkaReader::Nudge(Partition* partition) {
  static const bool needed = rd_kafka_version() < kFirstWithBackoff;
  if (!needed) return;
  const size_t records = rd_kafka_queue_length(partition->queue.get());
  const size_t bytes = records * partition->bytes_per_record;
  if (records >= bounds_.records || bytes >= bounds_.bytes) partition->was_full = true;
  if (!partition->was_full || records > bounds_.records / 2 || bytes > bounds_.bytes / 2) return;
  partition->was_full = false;
  const RdPartitions list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), partition->name.topic.c_str(),
                                    partition->name.partition.value())
      ->offset = RD_KAFKA_OFFSET_END;
  rd_kafka_offsets_for_times(client_->get(), list.get(), /*timeout_ms=*/0);
}

absl::StatusOr<RecordBatch> KafkaReader::Give(Partition* partition, size_t max_bytes) {
  RecordBatch batch;
  if (partition->next_held < partition->held.size()) {
    auto pinned = std::make_shared<Pinned>(client_);
    size_t bytes = 0;
    batch.records.reserve(partition->held.size() - partition->next_held);
    while (partition->next_held < partition->held.size() && (batch.empty() || bytes < max_bytes)) {
      rd_kafka_message_t* message = partition->held[partition->next_held];
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        partition->error = HandleEvent(partition, *message);
        // What came before it first.
        if (!partition->error.ok() && batch.empty()) return partition->error;
        ++partition->next_held;
        rd_kafka_message_destroy(message);
        if (!partition->error.ok()) break;
        continue;
      }
      ++partition->next_held;
      pinned->Add(message);
      batch.records.push_back(View(message, pinned.get()));
      bytes += SizeOf(*message);
      partition->position = Offset(message->offset + 1);
      partition->at_end = false;
    }
    if (!batch.empty()) {
      partition->bytes_per_record = std::max<size_t>(bytes / batch.records.size(), 1);
    }
    batch.pin = std::move(pinned);
  }
  batch.next_offset = partition->position;
  const bool more = partition->next_held < partition->held.size() ||
                    partition->has_news.load(std::memory_order_acquire);
  if (more) signal_.Notify();
  batch.at_end = partition->at_end && !more;
  return batch;
}

absl::Status KafkaReader::HandleEvent(Partition* partition, const rd_kafka_message_t& event) {
  const std::string name = partition->name.ToString();
  switch (event.err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      // Behind the markers that end transactions, which are no records and take offsets.
      partition->position = std::max(partition->position, Offset(event.offset));
      partition->at_end = true;
      return absl::OkStatus();
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      return OutOfRange(*partition);
    default:
      break;
  }
  if (IsUnknownTopic(event.err)) {
    return absl::NotFoundError(absl::StrCat("topic '", partition->name.topic, "' was deleted"));
  }
  const Attempt attempt{absl::StrCat("read ", name, " at offset ", partition->position.value()),
                        absl::StrCat("READ on topic '", partition->name.topic, "'")};
  const absl::Status failure = ToStatus(event.err, attempt, rd_kafka_message_errstr(&event));
  // The library goes on trying by itself.
  if (absl::IsUnavailable(failure)) return absl::OkStatus();
  return failure;
}

// One broker that has not heard of a topic (yet) is no proof.
void KafkaReader::CheckDeleted(Partition* partition) {
  const std::string& topic = partition->name.topic;
  if (!absl::IsNotFound(cluster_->PartitionCount(topic).status())) return;
  partition->error = absl::NotFoundError(absl::StrCat("topic '", topic, "' was deleted"));
}

absl::Status KafkaReader::OutOfRange(const Partition& partition) {
  MR_ASSIGN_OR_RETURN(const PartitionDescription bounds, cluster_->FullBounds(partition.name));
  return absl::OutOfRangeError(absl::StrCat(
      "offset ", partition.position.value(), " of ", partition.name.ToString(), " is outside of ",
      bounds.begin.value(), " to ", bounds.end.value(), ": the records were deleted"));
}

void KafkaReader::Wait(Duration timeout) {
  // An error comes back from the next Fetch.
  if (EnsureStarted().ok() && client_ != nullptr) client_->Poll();
  signal_.Wait(timeout);
}

void KafkaReader::Wake() { signal_.Notify(); }

}  // namespace millrace::kafka
