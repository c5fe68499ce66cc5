// millrace-bench: topologies end to end on a local log, with syncs, exactly-once and 100 ms
// commits.
//   millrace-bench [--filter TEXT] [--records N] [--dir DIRECTORY]
#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "bench/e2e/scenario.h"
#include "generator/record_stream.h"
#include "millrace/millrace.h"
#include "millrace/partitioner.h"
#include "millrace/status.h"
#include "topologies/feed-fan-out/feed_fan_out.h"
#include "topologies/hot-posts/hot_posts.h"
#include "topologies/word-count/word_count.h"

namespace millrace::bench {
namespace {

const Topic<std::string, std::string> kIn("in");
const Topic<std::string, std::string> kOut("out");
const Topic<std::string, int64_t> kCounts("counts-out");

absl::StatusOr<Topology> BuildStateless() {
  TopologyBuilder flow("stateless");
  flow.From(kIn)
      .Filter([](const std::string& value) { return value.size() > 10; })
      .MapValues([](const std::string& value) { return value.substr(1); })
      .To(kOut);
  return std::move(flow).Build();
}

absl::StatusOr<Topology> BuildHotKeys() {
  TopologyBuilder flow("hot-keys");
  flow.From(kIn).GroupByKey().Count("counts").ToStream().To(kCounts);
  return std::move(flow).Build();
}

// `keys` keys, values of 100 bytes, one partition: a single core does the work.
absl::StatusOr<int64_t> LoadPlain(Log* log, int64_t records, int64_t keys) {
  MR_RETURN_IF_ERROR(log->CreateTopic(kIn.name(), {.partitions = 1}));
  MR_RETURN_IF_ERROR(log->CreateTopic(kOut.name(), {.partitions = 1}));
  MR_RETURN_IF_ERROR(log->CreateTopic(kCounts.name(), {.partitions = 1}));
  MR_ASSIGN_OR_RETURN(auto producer, log->NewProducer({}));
  MR_ASSIGN_OR_RETURN(TopicHandle topic, producer->OpenTopic(kIn.name()));
  const std::string value(100, 'v');
  for (int64_t i = 0; i < records; ++i) {
    const std::string key = absl::StrCat("key-", i * 7919 % keys);
    MR_RETURN_IF_ERROR(producer->Produce(
        topic, PartitionId(0), {.key = key, .value = value, .timestamp = TimestampFromMillis(i)}));
    if (i % 100'000 == 0) MR_RETURN_IF_ERROR(producer->Commit({}).status());
  }
  MR_RETURN_IF_ERROR(producer->Commit({}).status());
  return records;
}

absl::StatusOr<int64_t> LoadLines(Log* log, int64_t records) {
  MR_RETURN_IF_ERROR(log->CreateTopic("lines", {.partitions = 1}));
  MR_ASSIGN_OR_RETURN(auto producer, log->NewProducer({}));
  MR_ASSIGN_OR_RETURN(TopicHandle topic, producer->OpenTopic("lines"));
  for (int64_t i = 0; i < records; ++i) {
    // Five words of 10,000, some much more frequent than others.
    std::string line;
    for (int64_t w = 0; w < 5; ++w) {
      const int64_t draw = (i * 5 + w) * 2654435761 % 10'000;
      absl::StrAppend(&line, w > 0 ? " " : "", "word", draw * draw / 10'000);
    }
    MR_RETURN_IF_ERROR(producer->Produce(topic, PartitionId(0),
                                         {.value = line, .timestamp = TimestampFromMillis(i)}));
    if (i % 100'000 == 0) MR_RETURN_IF_ERROR(producer->Commit({}).status());
  }
  MR_RETURN_IF_ERROR(producer->Commit({}).status());
  return records;
}

absl::StatusOr<int64_t> LoadNetwork(Log* log, int64_t changes) {
  MR_ASSIGN_OR_RETURN(auto producer, log->NewProducer({}));
  std::map<std::string, TopicHandle, std::less<>> topics;
  for (const char* name : {"cdc.follows", "cdc.posts", "cdc.likes", "cdc.comments"}) {
    MR_RETURN_IF_ERROR(log->CreateTopic(name, {.partitions = 4}));
    MR_ASSIGN_OR_RETURN(topics[name], producer->OpenTopic(name));
  }
  gen::SocialNetwork::Options options;
  options.changes = static_cast<uint64_t>(changes);
  gen::RecordStream stream(gen::RecordStream::Tables(options));
  gen::ChangeRecord record;
  int64_t count = 0;
  while (stream.Next(&record)) {
    const TopicHandle topic = topics.find(record.topic)->second;
    MR_RETURN_IF_ERROR(producer->Produce(topic, PartitionForKey(record.key, topic.partitions),
                                         record.AsOutgoing()));
    if (++count % 100'000 == 0) MR_RETURN_IF_ERROR(producer->Commit({}).status());
  }
  MR_RETURN_IF_ERROR(producer->Commit({}).status());
  return count;
}

std::vector<Scenario> AllScenarios(int64_t records) {
  return {
      {"stateless", "decoding, and the log's copies of the output", BuildStateless,
       [=](Log* log) { return LoadPlain(log, records, 100'000); }},
      {"hot-keys", "one hash lookup and one output record per input record", BuildHotKeys,
       [=](Log* log) { return LoadPlain(log, records, 100); }},
      {"many-keys", "the same with 1,000,000 keys: reads of the store that miss the buffer",
       BuildHotKeys, [=](Log* log) { return LoadPlain(log, records, 1'000'000); }},
      {"word-count", "five repartitioned records per line, each written to the log and read back",
       topologies::BuildWordCount, [=](Log* log) { return LoadLines(log, records / 5); }},
      {"feed-fan-out", "JSON of change records, then an entry per follower",
       topologies::BuildFeedFanOut, [=](Log* log) { return LoadNetwork(log, records / 5); }},
      {"hot-posts", "JSON of change records, then store updates", topologies::BuildHotPosts,
       [=](Log* log) { return LoadNetwork(log, records / 5); }},
  };
}

int Main(int argc, char** argv) {
  std::string filter;
  std::string root;
  int64_t records = 2'000'000;
  CLI::App app("Measures topologies end to end on a local log.");
  app.add_option("--filter", filter, "only scenarios whose name contains this");
  app.add_option("--records", records, "input records of the plain scenarios")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--dir", root, "where the logs lie meanwhile (default: the temporary directory)");
  CLI11_PARSE(app, argc, argv);
  if (root.empty()) {
    root = (std::filesystem::temp_directory_path() / "millrace-bench-XXXXXX").string();
    if (::mkdtemp(root.data()) == nullptr) {
      std::fprintf(stderr, "millrace-bench: cannot make %s\n", root.c_str());
      return 1;
    }
  }
  std::printf("%-13s %10s %12s %12s %8s %12s %10s\n", "scenario", "input", "input/s", "processed/s",
              "seconds", "CPU-s/M in", "cores");
  int code = 0;
  for (const Scenario& scenario : AllScenarios(records)) {
    if (scenario.name.find(filter) == std::string::npos) continue;
    const absl::StatusOr<Result> result = Measure(scenario, root);
    if (!result.ok()) {
      std::printf("%-13s failed: %s\n", scenario.name.c_str(),
                  std::string(result.status().message()).c_str());
      code = 1;
      continue;
    }
    const auto input = static_cast<double>(result->input_records);
    std::printf("%-13s %10.0f %12.0f %12.0f %8.2f %12.2f %10.2f   bound by %s\n",
                scenario.name.c_str(), input, input / result->seconds,
                static_cast<double>(result->processed) / result->seconds, result->seconds,
                result->cpu_seconds / input * 1e6, result->cpu_seconds / result->seconds,
                scenario.bound.c_str());
    std::fflush(stdout);
  }
  std::filesystem::remove_all(root);
  return code;
}

}  // namespace
}  // namespace millrace::bench

int main(int argc, char** argv) { return millrace::bench::Main(argc, argv); }
