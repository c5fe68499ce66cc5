// Cleaner: compaction of one partition, as Kafka's log cleaner does it (decision 0004).
//
//   begin          clean end                 map end        newest batch
//     |--- clean -----|--------- dirty --------|----- dirty -----|-----|
//     |     a key occurs once;                 | next pass       never touched: it holds the end
//     |  rewritten without what the dirty part replaces
//
// A pass reads the dirty part into a map from key to newest offset, as far as the map has room,
// then rewrites everything before the map's end without the records that it replaces. Batches merge
// but keep covering all their offsets, so a hole is always damage. Each write leaves the partition
// readable and complete; a pass that is cut off anywhere is simply done again.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "log/commit_queue.h"
#include "log/log_db.h"
#include "log/partition_log.h"
#include "log/partition_walk.h"
#include "millrace/local_log.h"

namespace millrace {

// One pass over one partition. One thread.
class Cleaner {
 public:
  struct Options {
    Timestamp now;
    Duration delete_retention{};
    size_t keys_max = 1 << 20;  // about 40 bytes of memory each
    size_t batch_bytes = 256 << 10;
    size_t write_bytes = 4 << 20;  // rewritten in one write to the database
  };
  // All arguments must outlive the cleaner. `stop` ends the pass early with Cancelled.
  Cleaner(const std::string& directory, LogDb* db, CommitQueue* queue,
          std::shared_ptr<PartitionLog> partition, const Options& options,
          const std::atomic<bool>& stop);

  // Whether the partition is dirty enough to be worth a pass. Under the state mutex.
  static bool IsDue(const PartitionLog& partition, const LocalLogOptions& options);

  // Aborted: the partition was trimmed or deleted meanwhile. Cancelled: stopped.
  absl::Status Run();

 private:
  using KeyHash = std::array<uint64_t, 2>;

  // Source batches that become one.
  struct Merge {
    BatchBuilder batch;
    std::vector<Offset> sources;
    Offset end;
    int64_t position = 0;
    int64_t source_bytes = 0;
    bool changed = false;
  };

  absl::Status RunPass();
  absl::Status BuildMap();
  absl::Status AddToMap(const BatchHeader& header, std::string_view bytes);
  absl::Status Rewrite();
  absl::Status AddToMerge(const BatchHeader& header, std::string_view bytes);
  bool Fits(const BatchHeader& header, size_t size) const;
  bool Keeps(const RecordView& record) const;
  void FinishMerge();
  absl::Status Flush(const PartitionRecord* record);
  PartitionRecord CleanRecord(int64_t clean_position) const;
  absl::Status Trimmed() const;

  const std::string& directory_;
  LogDb* const db_;
  CommitQueue* const queue_;
  const std::shared_ptr<PartitionLog> partition_;
  const Options options_;
  const std::atomic<bool>& stop_;

  Offset begin_;
  Offset clean_end_;
  Offset newest_;  // base of the newest batch
  Offset map_end_;
  Offset tombstone_end_;  // tombstones below it have been readable for long enough
  absl::flat_hash_map<KeyHash, int64_t> newest_offsets_;
  std::unique_ptr<Merge> merge_;
  std::vector<Merge> finished_;  // to be written
  size_t finished_bytes_ = 0;
  int64_t clean_bytes_ = 0;
};

}  // namespace millrace
