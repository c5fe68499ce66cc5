#include "bench/kafka/order_source.h"

#include <array>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "generator/random.h"
#include "bench/kafka/topologies.h"
#include "millrace/partitioner.h"
#include "millrace/serde_protobuf.h"
#include "millrace/status.h"

namespace millrace::bench::kafka {
namespace {

constexpr uint64_t kSeed = 20;
constexpr uint64_t kOrderStream = 1;
constexpr uint64_t kCustomerStream = 2;
constexpr int64_t kRecordsPerCommit = 50'000;
constexpr std::array kWords = {"blue",  "small", "gift",  "wrap",  "please", "ring",   "twice",
                               "leave", "with",  "next",  "door",  "call",   "before", "noon",
                               "fresh", "heavy", "green", "large", "urgent", "again"};

gen::Draws DrawsFor(uint64_t stream, int64_t n) {
  return gen::Draws(gen::RandomKey(kSeed, stream, static_cast<uint64_t>(n)));
}

std::string Words(int count, gen::Draws* draws) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    absl::StrAppend(&text, i > 0 ? " " : "", kWords[draws->Below(kWords.size())]);
  }
  return text;
}

// Writes messages to one topic, by key, and commits now and then.
class MessageWriter {
 public:
  static absl::StatusOr<MessageWriter> Create(const std::string& topic, int32_t partitions,
                                              Log* log) {
    MR_RETURN_IF_ERROR(log->CreateTopic(topic, {.partitions = partitions}));
    MR_ASSIGN_OR_RETURN(std::unique_ptr<LogProducer> producer, log->NewProducer({}));
    MR_ASSIGN_OR_RETURN(const TopicHandle handle, producer->OpenTopic(topic));
    return MessageWriter(std::move(producer), handle);
  }

  template <class M>
  absl::Status Write(const std::string& key, const M& message, Timestamp timestamp) {
    value_.clear();
    Serde<M>::Encode(message, &value_);
    MR_RETURN_IF_ERROR(producer_->Produce(topic_, PartitionForKey(key, topic_.partitions),
                                          {.key = key, .value = value_, .timestamp = timestamp}));
    return ++written_ % kRecordsPerCommit == 0 ? Commit() : absl::OkStatus();
  }
  absl::Status Commit() { return producer_->Commit({}).status(); }

 private:
  MessageWriter(std::unique_ptr<LogProducer> producer, TopicHandle topic)
      : producer_(std::move(producer)), topic_(topic) {}

  std::unique_ptr<LogProducer> producer_;
  TopicHandle topic_;
  std::string value_;
  int64_t written_ = 0;
};

}  // namespace

std::string CustomerName(int64_t customer) { return absl::StrFormat("c%07d", customer); }

Customer MakeCustomer(int64_t customer) {
  gen::Draws draws = DrawsFor(kCustomerStream, customer);
  Customer made;
  made.set_region(absl::StrCat("region-", draws.Below(50)));
  made.set_level(static_cast<uint32_t>(draws.Below(5)));
  made.set_address(Words(12, &draws));
  return made;
}

Order MakeOrder(int64_t order) {
  gen::Draws draws = DrawsFor(kOrderStream, order);
  Order made;
  made.set_id(static_cast<uint64_t>(order));
  made.set_product(static_cast<uint32_t>(draws.Below(5'000)));
  made.set_cents(static_cast<int64_t>(draws.Below(100'000)) - 5'000);
  made.set_note(Words(14, &draws));
  return made;
}

int64_t CustomerOf(int64_t order, int64_t customers) {
  gen::Draws draws = DrawsFor(kOrderStream, order);
  draws.Next();
  return static_cast<int64_t>(gen::Mix64(draws.Next()) % static_cast<uint64_t>(customers));
}

absl::Status WriteOrders(const OrderOptions& options, Log* log) {
  MR_ASSIGN_OR_RETURN(MessageWriter customers,
                      MessageWriter::Create(kCustomers, options.partitions, log));
  for (int64_t i = 0; i < options.customers; ++i) {
    MR_RETURN_IF_ERROR(
        customers.Write(CustomerName(i), MakeCustomer(i), options.start - Duration(1)));
  }
  MR_RETURN_IF_ERROR(customers.Commit());
  MR_ASSIGN_OR_RETURN(MessageWriter orders,
                      MessageWriter::Create(kOrders, options.partitions, log));
  for (int64_t i = 0; i < options.orders; ++i) {
    MR_RETURN_IF_ERROR(orders.Write(CustomerName(CustomerOf(i, options.customers)), MakeOrder(i),
                                    options.start + Duration(i / kOrdersPerMillisecond)));
  }
  return orders.Commit();
}

}  // namespace millrace::bench::kafka
