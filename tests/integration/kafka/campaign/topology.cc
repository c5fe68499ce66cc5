#include "integration/kafka/campaign/topology.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace millrace::campaign {
namespace {

constexpr int kGroups = 50;
constexpr char kNextId[] = "next-id";

// Writes down where a record comes from.
class Stamp : public Processor<std::string, int64_t, std::string, int64_t> {
 public:
  explicit Stamp(Hooks hooks) : hooks_(std::move(hooks)) {}
  void Init(Context&) override { hooks_.task_begins(); }
  void Process(const Record<std::string, int64_t>& record, Context& context) override {
    hooks_.record_begins();
    const RecordMetadata& from = *context.metadata();
    const Headers headers = {
        {kFrom, absl::StrCat(from.partition.partition.value(), "-", from.offset.value())}};
    context.Forward(record.WithHeaders(&headers));
    hooks_.record_written();
  }

 private:
  const Hooks hooks_;
};

// Writes down who writes, right before the sink.
template <class K, class V>
class Sign : public Processor<K, V, K, V> {
 public:
  using Context = typename Processor<K, V, K, V>::Context;
  void Init(Context&) override { writer_ = absl::StrCat(WriterTime()); }
  void Process(const Record<K, V>& record, Context& context) override {
    Headers headers = *record.headers;
    headers.Add(kWriter, writer_);
    context.Forward(record.WithHeaders(&headers));
  }

 private:
  std::string writer_;
};

template <class K, class V>
void SignAndSend(const Stream<K, V>& stream, const Topic<K, V>& topic) {
  stream.template ProcessValues<Sign<K, V>>(absl::StrCat("sign-", topic.name())).To(topic);
}

// Gives the records of a partition the numbers 0, 1, 2…: a store that went back shows as a number
// that comes twice.
class Number : public Processor<std::string, int64_t, std::string, int64_t> {
 public:
  void Init(Context& context) override { next_ = context.Store<int32_t, int64_t>(kNextId); }
  void Process(const Record<std::string, int64_t>& record, Context& context) override {
    const int32_t partition = context.task().partition.value();
    const auto row = next_.Get(partition);
    const int64_t id = row ? *row : 0;
    next_.Put(partition, id + 1);
    context.Forward(record.WithValue(&id));
  }

 private:
  KeyValueStore<int32_t, int64_t> next_;
};

}  // namespace

void Fold::Add(int64_t value) {
  min = count == 0 ? value : std::min(min, value);
  max = count == 0 ? value : std::max(max, value);
  ++count;
  sum += value;
  chain = (chain * 31 + value + 1) % 1'000'000'007;
}

std::string GroupOf(const std::string& key) {
  uint64_t sum = 0;
  for (const char c : key) sum = sum * 131 + static_cast<unsigned char>(c);
  return absl::StrCat("group-", sum % kGroups);
}

int64_t WriterTime() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

absl::StatusOr<Topology> BuildTopology(const Hooks& hooks) {
  // Whatever cannot be read is a bug here, so it must not pass for a dead letter.
  TopologyBuilder flow("campaign", {.errors = ErrorPolicy::Stop()});
  flow.AddStore(Store<int32_t, int64_t>(kNextId));
  const auto in =
      flow.From(kIn).ProcessValues("stamp", {}, [hooks] { return std::make_unique<Stamp>(hooks); });
  SignAndSend(in, kEcho);
  SignAndSend(
      in.GroupBy("by-group", [](const std::string& key, const int64_t&) { return GroupOf(key); })
          .Aggregate("fold-by-group", Fold{},
                     [](Fold& fold, const int64_t& value) { fold.Add(value); })
          .ToStream(),
      kFolds);
  SignAndSend(in.GroupByKey()
                  .Window(Tumbling{.size = kWindow, .grace = Duration(0)})
                  .Count("per-second")
                  .ToStream(),
              kWindows);
  SignAndSend(in.LeftJoin(flow.TableFrom(kOwners, "owner-of-key"),
                          [](const int64_t& value, const std::string* owner) {
                            return absl::StrCat(owner == nullptr ? "none" : *owner, ":", value);
                          }),
              kJoined);
  SignAndSend(in.ProcessValues<Number>("number", std::vector<std::string>{kNextId}), kIds);
  return std::move(flow).Build();
}

}  // namespace millrace::campaign
