// A network in the change topics of a log.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "generator/record_stream.h"
#include "millrace/log.h"

namespace millrace::bench {

struct NetworkSize {
  uint64_t seed = 1;
  uint32_t users = 20'000;
  uint32_t follows = 20;   // median of the follow lists
  uint32_t posts = 2'000;  // behind the snapshot, which has follows only
  int partitions = 4;
  size_t cache_mb = 64;  // of each engine's stores
};

// Live time of the network has ended a moment ago, so that its posts are fresh.
gen::RecordStream::Options StreamOf(const NetworkSize& size, Timestamp now);

// Puts the records of a stream into the log, those of the snapshot first: call it once for each.
class Loader {
 public:
  // Creates the topics. `log` is borrowed.
  static absl::StatusOr<Loader> Open(Log* log, const NetworkSize& size, Timestamp now);

  absl::Status LoadSnapshot();
  absl::Status LoadRest();

 private:
  Loader(std::unique_ptr<gen::RecordStream> stream, std::unique_ptr<LogProducer> producer)
      : stream_(std::move(stream)), producer_(std::move(producer)) {}
  absl::Status Produce(const gen::ChangeRecord& record);

  std::unique_ptr<gen::RecordStream> stream_;
  std::unique_ptr<LogProducer> producer_;
  std::map<std::string, TopicHandle, std::less<>> topics_;
  gen::ChangeRecord next_;  // the first one behind the snapshot
  bool has_next_ = false;
};

// Records of a topic that can be read; 0 if it is not there.
absl::StatusOr<int64_t> RecordsIn(Log* log, const std::string& topic);

}  // namespace millrace::bench
