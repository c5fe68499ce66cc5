#include "connectors/kafka/src/kafka_producer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "connectors/kafka/src/group_identity.h"
#include "connectors/kafka/src/group_offsets.h"
#include "connectors/kafka/src/metadata.h"
#include "connectors/kafka/src/record_form.h"
#include "millrace/status.h"

namespace millrace::kafka {
namespace {

// How long the library is given to open a producer before one looks what keeps it. Asked again
// while its request is under way it sends another one, and may be fenced by itself: not in a hurry.
constexpr int kGlanceMs = 250;
constexpr int kSliceMs = 1000;
constexpr int64_t kRecordsPerPoll = 256;
constexpr Duration kQueueFullPause(10);
// A broker that does not answer is not waited for: it ends what is open by itself. (Without a limit
// the library waits for ever.)
constexpr int kAbortMs = 5000;
// For a producer that goes away.
constexpr int kFarewellMs = 1000;

const char kEmpty[] = "";

// A null pointer is null for the library; an empty string may have one.
void SetBytes(rd_kafka_vu_t* out, rd_kafka_vtype_t type, std::optional<std::string_view> bytes) {
  out->vtype = type;
  const char* data = bytes.has_value() && bytes->data() != nullptr ? bytes->data() : kEmpty;
  out->u.mem.ptr = bytes.has_value() ? const_cast<char*>(data) : nullptr;
  out->u.mem.size = bytes.has_value() ? bytes->size() : 0;
}

size_t SizeOf(const OutgoingRecord& record) {
  size_t size = 16;
  if (record.key.has_value()) size += record.key->size();
  if (record.value.has_value()) size += record.value->size();
  for (const Headers::Entry& entry : *record.headers) {
    size += entry.name.size() + (entry.value.has_value() ? entry.value->size() : 0);
  }
  return size;
}

absl::Status DeliveryFailure(const std::string& name, rd_kafka_resp_err_t code) {
  const std::string topic = absl::StrCat("topic '", name, "'");
  if (IsUnknownTopic(code)) return absl::NotFoundError(absl::StrCat(topic, " was deleted"));
  std::string detail = rd_kafka_err2str(code);
  if (code == RD_KAFKA_RESP_ERR_INVALID_RECORD) {
    detail += " (a compacted topic takes no record without a key)";
  }
  return ToStatus(code, {absl::StrCat("write to ", topic), absl::StrCat("WRITE on ", topic)},
                  detail);
}

// Codes that a transaction's failure may have of its own (log.h); everything else is Unavailable.
absl::Status AsTransactionFailure(const absl::Status& cause) {
  const bool telling = absl::IsNotFound(cause) || absl::IsPermissionDenied(cause) ||
                       absl::IsUnauthenticated(cause) || absl::IsInvalidArgument(cause);
  return telling ? cause : absl::UnavailableError(cause.message());
}

}  // namespace

absl::StatusOr<std::unique_ptr<KafkaProducer>> KafkaProducer::Open(Shared shared, std::string id) {
  std::unique_ptr<KafkaProducer> producer(new KafkaProducer(std::move(shared), std::move(id)));
  MR_RETURN_IF_ERROR(producer->Renew());
  return producer;
}

KafkaProducer::~KafkaProducer() {
  if (open_ && failed_.ok()) {
    const RdError ignored(rd_kafka_abort_transaction(client_->get(), kFarewellMs));
  }
}

absl::Status KafkaProducer::Renew() {
  for (const auto& topic : topics_) topic->handle.reset();
  const Deadline deadline(options().request_timeout);
  for (bool initialized = false; !initialized;) {
    MR_RETURN_IF_ERROR(StartClient());
    MR_ASSIGN_OR_RETURN(initialized, InitTransactions(deadline));
  }
  lost_requests_seen_ = client_->lost_requests();
  opening_met_trouble_ = lost_requests_seen_ > 0;
  renew_ = false;
  for (const auto& topic : topics_) MR_RETURN_IF_ERROR(Warm(topic.get()));
  return absl::OkStatus();
}

absl::Status KafkaProducer::StartClient() {
  client_.reset();
  MR_ASSIGN_OR_RETURN(ClientConfig config, ProducerConfig(shared_.cluster->settings(), id_));
  MR_ASSIGN_OR_RETURN(client_,
                      Client::Start(std::move(config), {.type = RD_KAFKA_PRODUCER,
                                                        .on_warning = options().on_warning,
                                                        .on_delivery = [this](const auto& message) {
                                                          OnDelivery(message);
                                                        }}));
  return absl::OkStatus();
}

// False: the broker has begun to end what an older producer had open, and wants to be asked again.
// The library would do that after half a second; a new instance of it asks at once.
absl::StatusOr<bool> KafkaProducer::InitTransactions(const Deadline& deadline) {
  const std::string id = absl::StrCat("transactional id '", id_, "'");
  const Attempt attempt{absl::StrCat("open a producer with the ", id),
                        absl::StrCat("WRITE on ", id)};
  for (int slice_ms = kGlanceMs;; slice_ms = kSliceMs) {
    const RdError error(rd_kafka_init_transactions(client_->get(), deadline.LeftMs(slice_ms)));
    if (error == nullptr) return true;
    const rd_kafka_resp_err_t code = rd_kafka_error_code(error.get());
    if (code == RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS && !deadline.Passed()) return false;
    const absl::Status failure =
        client_->Failure(code, attempt, rd_kafka_error_string(error.get()));
    const bool again = rd_kafka_error_is_retriable(error.get()) != 0;
    if (absl::IsUnauthenticated(failure) || !again || !deadline.Pause()) return failure;
  }
}

absl::StatusOr<TopicHandle> KafkaProducer::OpenTopic(const std::string& name) {
  MR_RETURN_IF_ERROR(failed_);
  for (size_t i = 0; i < topics_.size(); ++i) {
    if (topics_[i]->name != name) continue;
    return TopicHandle{static_cast<int32_t>(i),
                       static_cast<int32_t>(topics_[i]->partitions.size())};
  }
  MR_ASSIGN_OR_RETURN(const int32_t count, shared_.cluster->PartitionCount(name));
  auto topic = std::make_unique<Topic>();
  topic->name = name;
  topic->partitions.resize(static_cast<size_t>(count));
  for (int32_t i = 0; i < count; ++i) {
    topic->partitions[static_cast<size_t>(i)].partition = {name, PartitionId(i)};
  }
  MR_RETURN_IF_ERROR(Warm(topic.get()));
  topics_.push_back(std::move(topic));
  return TopicHandle{static_cast<int32_t>(topics_.size()) - 1, count};
}

// The first record of a topic would wait for what this asks.
absl::Status KafkaProducer::Warm(Topic* topic) {
  topic->handle.reset(rd_kafka_topic_new(client_->get(), topic->name.c_str(), nullptr));
  if (topic->handle == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("'", topic->name, "' is no name of a topic"));
  }
  const Deadline deadline(options().request_timeout);
  while (true) {
    MR_ASSIGN_OR_RETURN(const TopicView view, LookAt(client_.get(), topic->handle.get(), deadline));
    // A record for a partition that the library does not know would break its memory.
    if (view.partitions >= static_cast<int32_t>(topic->partitions.size())) break;
    if (!deadline.Pause()) {
      return absl::NotFoundError(absl::StrCat("unknown topic '", topic->name, "'"));
    }
  }
  return absl::OkStatus();
}

absl::Status KafkaProducer::Begin() {
  const bool lost = client_->lost_requests() != lost_requests_seen_;
  if (renew_ || (lost && options().epoch_guard)) {
    if (options().on_warning) {
      options().on_warning(absl::StrCat(
          "producer '", id_, "': the connection to a broker broke in the last transaction; going ",
          "on with a new epoch"));
    }
    if (absl::Status renewed = Renew(); !renewed.ok()) {
      failed_ = AsTransactionFailure(renewed);
      return failed_;
    }
  }
  lost_requests_seen_ = client_->lost_requests();
  opened_ = Clock::System()->Monotonic();
  const RdError error(rd_kafka_begin_transaction(client_->get()));
  open_ = error == nullptr;
  if (!open_)
    failed_ = FatalFailure(rd_kafka_error_code(error.get()), rd_kafka_error_string(error.get()));
  return failed_;
}

absl::Status KafkaProducer::Produce(TopicHandle handle, PartitionId partition,
                                    const OutgoingRecord& record) {
  MR_CHECK(partition.value() >= 0 && partition.value() < handle.partitions,
           "partition out of range");
  MR_RETURN_IF_ERROR(failed_);
  if (!open_) MR_RETURN_IF_ERROR(Begin());
  Topic* topic = topics_[static_cast<size_t>(handle.id)].get();
  Written* written = &topic->partitions[static_cast<size_t>(partition.value())];
  MR_RETURN_IF_ERROR(Enqueue(topic, partition, record, written));
  if (written->records++ == 0) written_.push_back(written);
  pending_bytes_ += SizeOf(record);
  // The delivery reports of what was sent meanwhile: they hold memory.
  if (++produced_ % kRecordsPerPoll == 0) client_->Poll();
  return absl::OkStatus();
}

absl::Status KafkaProducer::Enqueue(Topic* topic, PartitionId partition,
                                    const OutgoingRecord& record, Written* written) {
  const bool zero = ToMillis(record.timestamp) == kNowForTheLibrary;
  RdHeaders headers = ToLibrary(*record.headers, zero);
  rd_kafka_vu_t arguments[8];
  arguments[0].vtype = RD_KAFKA_VTYPE_RKT;
  arguments[0].u.rkt = topic->handle.get();
  arguments[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  arguments[1].u.i32 = partition.value();
  SetBytes(&arguments[2], RD_KAFKA_VTYPE_KEY, record.key);
  SetBytes(&arguments[3], RD_KAFKA_VTYPE_VALUE, record.value);
  arguments[4].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  arguments[4].u.i = RD_KAFKA_MSG_F_COPY;
  arguments[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
  arguments[5].u.ptr = written;
  arguments[6].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  arguments[6].u.i64 = zero ? kStandsForZero : ToMillis(record.timestamp);
  arguments[7].vtype = RD_KAFKA_VTYPE_HEADERS;
  arguments[7].u.headers = headers.get();
  const size_t count = headers == nullptr ? 7 : 8;
  const Deadline deadline(options().transaction_timeout);
  while (true) {
    const RdError error(rd_kafka_produceva(client_->get(), arguments, count));
    if (error == nullptr) {
      (void)headers.release();  // the library's now
      return absl::OkStatus();
    }
    const bool full = rd_kafka_error_code(error.get()) == RD_KAFKA_RESP_ERR__QUEUE_FULL;
    if (!full || deadline.Passed()) {
      return FailOpen(*error, {absl::StrCat("write to topic '", topic->name, "'"), ""});
    }
    client_->Poll(kQueueFullPause);
  }
}

void KafkaProducer::OnDelivery(const rd_kafka_message_t& message) {
  auto* written = static_cast<Written*>(message._private);
  ++delivered_;
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (written->first < 0) written->first = message.offset;
    written->last = std::max(written->last, message.offset);
    return;
  }
  const bool purged = message.err == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
                      message.err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
  if (!delivery_.ok() || purged) return;
  delivery_ = DeliveryFailure(written->partition.topic, message.err);
}

absl::StatusOr<std::vector<ProducedRange>> KafkaProducer::Commit(const CommitRequest& request) {
  MR_RETURN_IF_ERROR(failed_);
  const bool offsets = !request.group.empty() && !request.consumed.empty();
  if (!open_ && !offsets) return std::vector<ProducedRange>();
  if (!open_) MR_RETURN_IF_ERROR(Begin());
  if (offsets) MR_RETURN_IF_ERROR(SendOffsets(request));
  MR_RETURN_IF_ERROR(EndTransaction());
  absl::StatusOr<std::vector<ProducedRange>> ranges = Ranges();
  if (!ranges.ok()) failed_ = ranges.status();
  Clear();
  if (offsets) shared_.purger->Committed(request.group, request.consumed);
  return ranges;
}

absl::Status KafkaProducer::SendOffsets(const CommitRequest& request) {
  absl::StatusOr<RdGroupMetadata> identity = ReadIdentity(request.group, request.member);
  if (!identity.ok()) return Drop(identity.status());
  const RdPartitions list = ToPartitionList(request.consumed);
  const Attempt attempt{absl::StrCat("commit offsets of group '", request.group, "'"),
                        absl::StrCat("READ on group '", request.group, "'")};
  const Deadline deadline(options().transaction_timeout);
  while (true) {
    const RdError error(rd_kafka_send_offsets_to_transaction(client_->get(), list.get(),
                                                             identity->get(), deadline.LeftMs()));
    if (error == nullptr) return absl::OkStatus();
    const bool again = rd_kafka_error_is_retriable(error.get()) != 0;
    if (!again || !deadline.Pause()) return FailOpen(*error, attempt);
  }
}

absl::Status KafkaProducer::EndTransaction() {
  const Deadline deadline(options().transaction_timeout);
  while (true) {
    const RdError error(rd_kafka_commit_transaction(client_->get(), deadline.LeftMs()));
    if (error == nullptr) return absl::OkStatus();
    const bool again = rd_kafka_error_is_retriable(error.get()) != 0;
    if (!again || !deadline.Pause()) return FailCommit(*error);
  }
}

absl::StatusOr<std::vector<ProducedRange>> KafkaProducer::Ranges() const {
  if (delivered_ != produced_ || !delivery_.ok()) {
    return absl::DataLossError(absl::StrCat("producer '", id_, "': a transaction was committed ",
                                            "with ", delivered_, " of ", produced_,
                                            " records reported as written"));
  }
  std::vector<ProducedRange> ranges;
  ranges.reserve(written_.size());
  for (const Written* written : written_) {
    ranges.push_back({written->partition, Offset(written->first), Offset(written->last + 1)});
  }
  return ranges;
}

absl::Status KafkaProducer::Abort() {
  if (!open_) return absl::OkStatus();
  if (failed_.ok()) {
    const RdError error(rd_kafka_abort_transaction(client_->get(), kAbortMs));
    if (error != nullptr && rd_kafka_error_is_fatal(error.get())) {
      failed_ = FatalFailure(rd_kafka_error_code(error.get()), rd_kafka_error_string(error.get()));
    } else if (error != nullptr) {
      renew_ = true;  // which ends what the broker still has open
    }
  }
  Clear();
  return absl::OkStatus();
}

absl::Status KafkaProducer::Cause(const rd_kafka_error_t& error, const Attempt& attempt) const {
  if (!delivery_.ok()) return delivery_;
  return client_->Failure(rd_kafka_error_code(&error), attempt, rd_kafka_error_string(&error));
}

absl::Status KafkaProducer::FailOpen(const rd_kafka_error_t& error, const Attempt& attempt) {
  client_->Poll();
  char text[512] = "";
  const rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(client_->get(), text, sizeof(text));
  if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR) {
    failed_ = FatalFailure(fatal, text);
    return failed_;
  }
  return Drop(Cause(error, attempt));
}

absl::Status KafkaProducer::Drop(const absl::Status& cause) {
  MR_RETURN_IF_ERROR(Abort());
  MR_RETURN_IF_ERROR(failed_);
  return NothingCommitted(cause);
}

absl::Status KafkaProducer::NothingCommitted(const absl::Status& cause) {
  Clear();
  const absl::Status failure = AsTransactionFailure(cause);
  return absl::Status(failure.code(),
                      absl::StrCat(std::string(failure.message()), "; nothing was committed"));
}

absl::Status KafkaProducer::FailCommit(const rd_kafka_error_t& error) {
  if (rd_kafka_error_is_fatal(&error)) {
    failed_ = FatalFailure(rd_kafka_error_code(&error), rd_kafka_error_string(&error));
    return failed_;
  }
  const absl::Status cause = Cause(error, {"commit", ""});
  if (rd_kafka_error_txn_requires_abort(&error)) {
    // A broker that has committed refuses to abort, so this is the proof that it has not.
    const RdError refused(rd_kafka_abort_transaction(client_->get(), kAbortMs));
    if (refused == nullptr) return NothingCommitted(cause);
  }
  failed_ = absl::UnavailableError(absl::StrCat(
      "it is not known whether the transaction was committed: ", std::string(cause.message())));
  return failed_;
}

absl::Status KafkaProducer::FatalFailure(rd_kafka_resp_err_t code, const std::string& text) {
  const Attempt attempt{absl::StrCat("go on with transactional id '", id_, "'"),
                        absl::StrCat("WRITE on transactional id '", id_, "'")};
  if (code != RD_KAFKA_RESP_ERR__FENCED) {
    return AsTransactionFailure(client_->Failure(code, attempt, text));
  }
  // The broker says the same to a producer whose transaction was open for too long.
  const auto age = Clock::System()->Monotonic() - opened_;
  if (age >= options().transaction_timeout) {
    return absl::UnavailableError(absl::StrCat("the broker has ended the transaction of '", id_,
                                               "', which was open for more than ",
                                               options().transaction_timeout.count(), " ms"));
  }
  // A request to open this very producer that came late would do it, too.
  if (opening_met_trouble_) {
    return absl::UnavailableError(absl::StrCat("producer '", id_, "' was fenced: ", text));
  }
  return absl::AbortedError(
      absl::StrCat("fenced: a newer producer with the id '", id_, "' exists"));
}

void KafkaProducer::Clear() {
  for (Written* written : written_) {
    written->records = 0;
    written->first = written->last = -1;
  }
  written_.clear();
  open_ = false;
  pending_bytes_ = 0;
  produced_ = delivered_ = 0;
  delivery_ = absl::OkStatus();
}

}  // namespace millrace::kafka
