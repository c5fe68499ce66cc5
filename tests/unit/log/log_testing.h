// What the tests of the log share: a scratch directory, terse producing and reading.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "millrace/log.h"

namespace millrace::log_testing {

// A directory of its own that is gone with the object.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    // Hundreds of logs are opened, each with its syncs: in memory where there is a place for it.
    std::error_code ignored;
    const std::filesystem::path memory = "/dev/shm";
    const bool usable = std::filesystem::space(memory, ignored).available > (256 << 20);
    std::string pattern =
        (usable ? memory : std::filesystem::temp_directory_path()) / "millrace-log-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

template <class T>
T Must(absl::StatusOr<T> value) {
  EXPECT_TRUE(value.ok()) << value.status();
  return *std::move(value);
}

inline void MustBeOk(const absl::Status& status) { ASSERT_TRUE(status.ok()) << status; }

inline TopicPartition At(const std::string& topic, int32_t partition = 0) {
  return {topic, PartitionId(partition)};
}

// A record that owns its bytes.
struct Stored {
  Offset offset;
  std::optional<std::string> key;
  std::optional<std::string> value;
  Timestamp timestamp = kNoTimestamp;
  std::string headers;
  bool operator==(const Stored&) const = default;
};

inline std::optional<std::string> Own(std::optional<std::string_view> bytes) {
  return bytes.has_value() ? std::optional<std::string>(*bytes) : std::nullopt;
}

inline void AppendOwned(const RecordBatch& batch, std::vector<Stored>* out) {
  for (const RecordView& record : batch.records) {
    out->push_back({record.offset, Own(record.key), Own(record.value), record.timestamp,
                    std::string(record.headers)});
  }
}

// Everything of a partition from `start` to its end, or the error that came in between.
inline absl::StatusOr<std::vector<Stored>> ReadAll(Log* log, const TopicPartition& partition,
                                                   Offset start, size_t max_bytes = 1 << 20) {
  auto reader = log->NewReader();
  if (!reader.ok()) return reader.status();
  if (absl::Status status = (*reader)->Assign(partition, start); !status.ok()) return status;
  std::vector<Stored> records;
  while (true) {
    auto batch = (*reader)->Fetch(partition, max_bytes);
    if (!batch.ok()) return batch.status();
    if (batch->empty()) return records;
    AppendOwned(*batch, &records);
  }
}

// The next records; waits for them. An empty batch only if the partition has nothing for long.
inline absl::StatusOr<RecordBatch> FetchSome(LogReader* reader, const TopicPartition& partition,
                                             size_t max_bytes) {
  constexpr int kPatience = 200;
  for (int i = 0;; ++i) {
    auto batch = reader->Fetch(partition, max_bytes);
    if (!batch.ok() || !batch->empty() || i == kPatience) return batch;
    reader->Wait(Duration(100));
  }
}

// Everything of a partition from `start` to the end that it has now, also of a log whose readers
// get records in the background. The batches keep the bytes.
inline absl::StatusOr<std::vector<RecordBatch>> FetchToEnd(Log* log,
                                                           const TopicPartition& partition,
                                                           Offset start, size_t max_bytes) {
  auto topic = log->DescribeTopic(partition.topic);
  if (!topic.ok()) return topic.status();
  const Offset end = topic->partitions.at(static_cast<size_t>(partition.partition.value())).end;
  auto reader = log->NewReader();
  if (!reader.ok()) return reader.status();
  if (absl::Status status = (*reader)->Assign(partition, start); !status.ok()) return status;
  std::vector<RecordBatch> batches;
  constexpr int kPatience = 200;
  int idle = 0;
  while (true) {
    auto batch = (*reader)->Fetch(partition, max_bytes);
    if (!batch.ok()) return batch.status();
    const Offset next = batch->next_offset;
    idle = batch->empty() ? idle + 1 : 0;
    if (!batch->empty()) batches.push_back(*std::move(batch));
    if (next >= end) return batches;
    if (idle == kPatience) return absl::DeadlineExceededError("the reader does not get to the end");
    if (idle > 0) (*reader)->Wait(Duration(100));
  }
}

inline absl::StatusOr<std::vector<Stored>> ReadToEnd(Log* log, const TopicPartition& partition,
                                                     Offset start, size_t max_bytes = 1 << 20) {
  auto batches = FetchToEnd(log, partition, start, max_bytes);
  if (!batches.ok()) return batches.status();
  std::vector<Stored> records;
  for (const RecordBatch& batch : *batches) AppendOwned(batch, &records);
  return records;
}

inline std::vector<std::string> Values(const std::vector<Stored>& records) {
  std::vector<std::string> values;
  for (const Stored& record : records) values.push_back(record.value.value_or("(null)"));
  return values;
}

// Opens the topic for every record: for tests that produce little.
inline absl::Status Put(LogProducer* producer, const TopicPartition& to,
                        const OutgoingRecord& record) {
  auto topic = producer->OpenTopic(to.topic);
  if (!topic.ok()) return topic.status();
  return producer->Produce(*topic, to.partition, record);
}

// One transaction with these values.
inline absl::Status Append(Log* log, const TopicPartition& to,
                           const std::vector<std::string>& values) {
  auto producer = log->NewProducer({});
  if (!producer.ok()) return producer.status();
  for (const std::string& value : values) {
    absl::Status status = Put(producer->get(), to, {.key = "k", .value = value});
    if (!status.ok()) return status;
  }
  return (*producer)->Commit({}).status();
}

}  // namespace millrace::log_testing
