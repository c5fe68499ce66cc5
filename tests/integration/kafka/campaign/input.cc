// Writes what the campaign's workers read: values of keys to "in", owners of keys to "owners", in
// transactions of which some are aborted. The same for the same seed, but for what a broker's
// failure takes away; the verifier judges by what is committed in the end.
//   campaign_input --log URL --seed N --records N [--rate RECORDS_PER_SECOND] …
// SIGTERM ends it behind the transaction that is open.
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "generator/random.h"
#include "integration/kafka/campaign/arguments.h"
#include "integration/kafka/campaign/log_scan.h"
#include "integration/kafka/campaign/open_log.h"
#include "integration/kafka/campaign/topology.h"
#include "millrace/partitioner.h"

namespace millrace::campaign {
namespace {

volatile sig_atomic_t stop_requested = 0;

constexpr uint64_t kRecordStream = 1;
constexpr uint64_t kTransactionStream = 2;
constexpr Duration kBetweenAttempts{200};
// Event time moves by so much from record to record, so that windows hold a few records of a key.
constexpr int64_t kRecordsPerMillisecond = 2;

struct Options {
  std::string url;
  uint64_t seed = 1;
  int64_t records = 10'000;
  int64_t rate = 0;  // 0: as fast as it goes
  int32_t partitions = 4;
  uint64_t keys = 500;
  uint64_t abort_one_in = 10;  // transactions
  uint64_t owner_one_in = 50;  // records come with a new owner of their key
  uint64_t longest_transaction = 200;
  Timestamp start;
};

std::string KeyOf(uint64_t key) { return absl::StrCat("k", key); }
std::string OwnerOf(uint64_t key, int64_t version) {
  return absl::StrCat("owner-of-", KeyOf(key), ":v", version);
}

class Generator {
 public:
  Generator(const Options& options, Log* log) : options_(options), log_(log) {}

  absl::Status Run() {
    MR_RETURN_IF_ERROR(CreateTopics());
    MR_RETURN_IF_ERROR(Open());
    MR_RETURN_IF_ERROR(WriteFirstOwners());
    std::printf("owners\n");
    std::fflush(stdout);
    started_ = std::chrono::steady_clock::now();
    for (uint64_t transaction = 0; next_ < options_.records && stop_requested == 0; ++transaction) {
      // What a failure leaves of a transaction is up to the log; we go on behind it.
      const absl::Status written = WriteTransaction(transaction);
      if (!written.ok()) MR_RETURN_IF_ERROR(Recover(written));
    }
    std::printf("written %lld aborted %lld\n", static_cast<long long>(next_),
                static_cast<long long>(aborted_));
    return absl::OkStatus();
  }

 private:
  absl::Status CreateTopics() {
    for (const auto& topic : {kIn.name(), kOwners.name()}) {
      MR_RETURN_IF_ERROR(log_->CreateTopic(topic, {.partitions = options_.partitions}));
    }
    for (const char* topic : kOutputs) {
      MR_RETURN_IF_ERROR(log_->CreateTopic(topic, {.partitions = options_.partitions}));
    }
    return absl::OkStatus();
  }

  absl::Status Open() {
    producer_ = nullptr;
    MR_ASSIGN_OR_RETURN(producer_, log_->NewProducer({.transactional_id = "campaign-input"}));
    MR_ASSIGN_OR_RETURN(in_, producer_->OpenTopic(kIn.name()));
    MR_ASSIGN_OR_RETURN(owners_, producer_->OpenTopic(kOwners.name()));
    return absl::OkStatus();
  }

  absl::Status Recover(absl::Status cause) {
    while (absl::IsUnavailable(cause)) {
      std::fprintf(stderr, "campaign_input: %s\n", std::string(cause.message()).c_str());
      Pause(kBetweenAttempts);
      cause = Open();
    }
    return cause;
  }

  absl::Status WriteFirstOwners() {
    for (uint64_t key = 0; key < options_.keys; ++key) {
      MR_RETURN_IF_ERROR(WriteOwner(key, 0, options_.start - Duration(1)));
    }
    return producer_->Commit({}).status();
  }

  absl::Status WriteOwner(uint64_t key, int64_t version, Timestamp timestamp) {
    const std::string name = KeyOf(key);
    const std::string owner = OwnerOf(key, version);
    return producer_->Produce(owners_, PartitionForKey(name, owners_.partitions),
                              {.key = name, .value = owner, .timestamp = timestamp});
  }

  absl::Status WriteTransaction(uint64_t transaction) {
    gen::Draws draws(gen::RandomKey(options_.seed, kTransactionStream, transaction));
    const int64_t end = std::min<int64_t>(
        options_.records,
        next_ + 1 + static_cast<int64_t>(draws.Below(options_.longest_transaction)));
    const bool abort = options_.abort_one_in > 0 && draws.OneIn(options_.abort_one_in);
    absl::Status status;
    while (next_ < end && status.ok()) status = WriteRecord(next_++);
    next_ = end;
    MR_RETURN_IF_ERROR(status);
    if (abort) {
      ++aborted_;
      return producer_->Abort();
    }
    return producer_->Commit({}).status();
  }

  absl::Status WriteRecord(int64_t i) {
    KeepToRate(i);
    gen::Draws draws(gen::RandomKey(options_.seed, kRecordStream, static_cast<uint64_t>(i)));
    const uint64_t key = draws.Below(options_.keys);
    const Timestamp timestamp = options_.start + Duration(i / kRecordsPerMillisecond);
    if (draws.OneIn(options_.owner_one_in)) MR_RETURN_IF_ERROR(WriteOwner(key, i + 1, timestamp));
    const std::string name = KeyOf(key);
    std::string value;
    Serde<int64_t>::Encode(static_cast<int64_t>(draws.Below(1'000'000)), &value);
    return producer_->Produce(in_, PartitionForKey(name, in_.partitions),
                              {.key = name, .value = value, .timestamp = timestamp});
  }

  void KeepToRate(int64_t i) {
    if (options_.rate == 0) return;
    const auto due = started_ + std::chrono::nanoseconds(i * 1'000'000'000 / options_.rate);
    while (true) {
      const auto left =
          std::chrono::duration_cast<Duration>(due - std::chrono::steady_clock::now());
      if (left <= Duration(0)) return;
      Pause(left);
    }
  }

  const Options options_;
  Log* const log_;
  std::unique_ptr<LogProducer> producer_;
  TopicHandle in_;
  TopicHandle owners_;
  std::chrono::steady_clock::time_point started_;
  int64_t next_ = 0;
  int64_t aborted_ = 0;  // transactions
};

absl::Status Run(Arguments arguments) {
  Options options;
  MR_ASSIGN_OR_RETURN(options.url, arguments.Required("log"));
  options.seed = static_cast<uint64_t>(arguments.Number("seed", 1));
  options.records = arguments.Number("records", options.records);
  options.rate = arguments.Number("rate", options.rate);
  options.partitions = static_cast<int32_t>(arguments.Number("partitions", options.partitions));
  options.keys = static_cast<uint64_t>(arguments.Number("keys", 500));
  options.abort_one_in = static_cast<uint64_t>(arguments.Number("abort-one-in", 10));
  options.longest_transaction = static_cast<uint64_t>(arguments.Number("transaction", 200));
  options.start = TimestampFromMillis(arguments.Number("start-ms", 1'700'000'000'000));
  MR_RETURN_IF_ERROR(arguments.NothingElse());
  MR_ASSIGN_OR_RETURN(const std::unique_ptr<Log> log, OpenLogOf(options.url, WarningsToStderr()));
  return Generator(options, log.get()).Run();
}

}  // namespace
}  // namespace millrace::campaign

int main(int argc, char** argv) {
  ::signal(SIGTERM, [](int) { millrace::campaign::stop_requested = 1; });
  const absl::Status status = millrace::campaign::Run(millrace::campaign::Arguments(argc, argv));
  if (!status.ok()) std::fprintf(stderr, "campaign_input: %s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
