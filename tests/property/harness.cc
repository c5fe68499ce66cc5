#include "property/harness.h"

#include <stdlib.h>

#include <filesystem>
#include <istream>
#include <sstream>

#include "millrace/detail/topology_data.h"
#include "millrace/memory_log.h"
#include "millrace/partitioner.h"
#include "millrace/status.h"
#include "runtime/stream_worker.h"
#include "runtime/topic_setup.h"

namespace millrace::property {
namespace {

template <class T>
T OrDie(absl::StatusOr<T> value) {
  MR_CHECK(value.ok(), std::string(value.status().message()));
  return *std::move(value);
}
void OrDie(const absl::Status& status) { MR_CHECK(status.ok(), std::string(status.message())); }

Topology BuildTopology(const Build& build, bool rocksdb) {
  TopologyBuilder flow("property", {.errors = ErrorPolicy::Stop()});
  build(flow);
  const Topology topology = OrDie(std::move(flow).Build());
  if (rocksdb) return topology;
  auto data = std::make_shared<detail::TopologyData>(topology.data());
  for (detail::StoreSpec& store : data->stores) store.backend = detail::StoreBackendKind::kMemory;
  return Topology(std::move(data));
}

// A directory that goes with the object; made when it is first asked for.
class Scratch {
 public:
  ~Scratch() { Clear(); }
  const std::string& path() {
    if (path_.empty()) {
      std::string pattern = std::filesystem::is_directory("/dev/shm")
                                ? "/dev/shm/millrace-property-XXXXXX"
                                : "/tmp/millrace-property-XXXXXX";
      MR_CHECK(::mkdtemp(pattern.data()) != nullptr, "cannot make a temporary directory");
      path_ = pattern;
    }
    return path_;
  }
  void Clear() {
    if (!path_.empty()) std::filesystem::remove_all(path_);
    path_.clear();
  }

 private:
  std::string path_;
};

class Runner {
 public:
  Runner(const Build& build, const RunOptions& options)
      : options_(options),
        topology_(BuildTopology(build, options.rocksdb)),
        log_(NewMemoryLog()),
        stores_(StoreEnvironment::Create(
            {.cache = nullptr, .buffer_bytes_per_task = options.small_buffers ? 1u : 1u << 20})),
        metrics_(&registry_, "property", 0) {
    // Both, whatever the flow reads: the events are for both.
    for (const char* topic : {"left", "right"}) {
      OrDie(log_->CreateTopic(topic, {.partitions = options.partitions}));
    }
    plan_ = OrDie(SetUpTopics(topology_.data(),
                              {.application = "property", .default_partitions = options.partitions},
                              log_.get()));
    producer_ = OrDie(log_->NewProducer({}));
    StartWorker();
  }

  void Append(const Event& event) {
    const TopicHandle topic = OrDie(producer_->OpenTopic(event.right ? "right" : "left"));
    const std::optional<Text> key =
        event.key ? std::optional(std::to_string(*event.key)) : std::nullopt;
    const std::optional<Text> value =
        event.value ? std::optional(std::to_string(*event.value)) : std::nullopt;
    const PartitionId partition = key ? PartitionForKey(*key, topic.partitions) : PartitionId(0);
    OrDie(producer_->Produce(topic, partition,
                             {key, value, TimestampFromMillis(event.time), &Headers::Empty()}));
    OrDie(producer_->Commit({}).status());
  }

  // At most so many transactions.
  void RunUntilIdle(int transactions = INT32_MAX) {
    while (transactions-- > 0) {
      const auto progress = OrDie(worker_->Step(options_.records_per_transaction));
      const bool committed = OrDie(worker_->Commit());
      if (!progress.any() && !committed) return;
    }
  }

  void Kill() {
    worker_.reset();
    if (options_.lose_state) scratch_.Clear();
    StartWorker();
  }

  Results Output() {
    Results results;
    const absl::StatusOr<TopicDescription> out = log_->DescribeTopic("out");
    if (!out.ok()) return results;
    const std::unique_ptr<LogReader> reader = OrDie(log_->NewReader());
    for (int32_t p = 0; p < out->config.partitions; ++p) {
      const TopicPartition partition{"out", PartitionId(p)};
      OrDie(reader->Assign(partition, Offset(0)));
      while (true) {
        const RecordBatch batch = OrDie(reader->Fetch(partition, 1 << 20));
        if (batch.empty()) break;
        for (const RecordView& record : batch.records) {
          results.push_back({Text(record.key.value_or("null")), Text(record.value.value_or("null")),
                             ToMillis(record.timestamp)});
        }
      }
    }
    return results;
  }

 private:
  void StartWorker() {
    worker_ = std::make_unique<StreamWorker>(
        topology_, plan_.tasks, log_.get(), stores_.get(), &clock_, &metrics_,
        StreamWorkerOptions{.application = "property",
                            .transactional_id = "property-0",
                            .state_directory = options_.rocksdb ? scratch_.path() : "unused",
                            .commit_interval = std::chrono::hours(1'000'000)});
    OrDie(worker_->Start());
  }

  const RunOptions options_;
  const Topology topology_;
  ManualClock clock_{TimestampFromMillis(0)};
  std::unique_ptr<Log> log_;
  std::unique_ptr<StoreEnvironment> stores_;
  MetricsRegistry registry_;
  TaskMetrics metrics_;
  TaskPlan plan_;
  std::unique_ptr<LogProducer> producer_;
  Scratch scratch_;
  std::unique_ptr<StreamWorker> worker_;
};

Text OrDash(const std::optional<int>& number) {
  return number.has_value() ? std::to_string(*number) : "-";
}

std::optional<int> FromDash(const Text& text) {
  return text == "-" ? std::nullopt : std::optional(std::stoi(text));
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Event& event) {
  return out << (event.right ? "right " : "left ") << OrDash(event.key) << " "
             << OrDash(event.value) << " " << event.time << "\n";
}

Events ReadEvents(std::istream& in) {
  Events events;
  Text line;
  while (std::getline(in, line)) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream fields(line);
    Text topic;
    Text key;
    Text value;
    Event event;
    MR_CHECK(bool(fields >> topic >> key >> value >> event.time), "not an event: " + line);
    event.right = topic == "right";
    event.key = FromDash(key);
    event.value = FromDash(value);
    events.push_back(event);
  }
  return events;
}

std::ostream& operator<<(std::ostream& out, const Result& result) {
  return out << result.key << "=" << result.value << "@" << result.time << "\n";
}

std::map<Text, Text> Outcome::Table() const {
  std::map<Text, Text> table;
  for (const Result& result : output) {
    if (result.value == "null") {
      table.erase(result.key);
    } else {
      table[result.key] = result.value;
    }
  }
  return table;
}

std::map<Text, Results> Outcome::ByKey() const {
  std::map<Text, Results> keys;
  for (const Result& result : output) keys[result.key].push_back(result);
  return keys;
}

Outcome RunFlow(const Build& build, const Events& events, const RunOptions& options) {
  Runner runner(build, options);
  const bool one_by_one = options.records_per_transaction == 1;
  size_t kill = 0;
  for (size_t i = 0; i < events.size(); ++i) {
    if (one_by_one && kill < options.kills.size() && options.kills[kill] <= i) {
      runner.Kill();
      ++kill;
    }
    runner.Append(events[i]);
    if (one_by_one) runner.RunUntilIdle();
  }
  // In batches: a kill comes after some transactions.
  for (; !one_by_one && kill < options.kills.size(); ++kill) {
    runner.RunUntilIdle(static_cast<int>(options.kills[kill] % 7));
    runner.Kill();
  }
  runner.RunUntilIdle();
  return {runner.Output()};
}

}  // namespace millrace::property
