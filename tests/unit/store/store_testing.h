// What the tests of the stores share: a task's stores in a scratch directory, opened, committed,
// crashed and opened again.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "millrace/store.h"
#include "store/store_environment.h"
#include "store/task_stores.h"

namespace millrace::store_testing {

// A directory of its own that is gone with the object.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string pattern = std::filesystem::temp_directory_path() / "millrace-store-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// One changelog record that owns its bytes.
struct Change {
  std::string key;
  std::optional<std::string> value;  // nullopt = a tombstone
  Timestamp timestamp = kNoTimestamp;
  Headers headers = {};
  bool operator==(const Change&) const = default;
};

inline Timestamp At(int64_t millis) { return TimestampFromMillis(millis); }

class TestStores {
 public:
  explicit TestStores(std::vector<detail::StoreSpec> specs, size_t buffer_bytes = 1 << 20)
      : specs_(std::move(specs)),
        environment_(StoreEnvironment::Create(
            {.cache = StateCache::Create(8 << 20), .buffer_bytes_per_task = buffer_bytes})) {
    Reopen();
  }

  TaskStores* operator->() { return stores_.get(); }
  const std::string& directory() const { return directory_; }

  absl::Status TryOpen() {
    auto opened = TaskStores::Open(directory_, specs_, environment_.get());
    if (opened.ok()) stores_ = *std::move(opened);
    return opened.status();
  }
  void Close() { stores_.reset(); }
  void Reopen() {
    Close();
    absl::Status status = TryOpen();
    ASSERT_TRUE(status.ok()) << status;
  }
  void Reopen(std::vector<detail::StoreSpec> specs) {
    specs_ = std::move(specs);
    Reopen();
  }
  void set_specs(std::vector<detail::StoreSpec> specs) { specs_ = std::move(specs); }

  // Opens what a power cut at this moment would have left: the files without the memtables.
  void Crash() {
    const std::string left = scratch_.File("crash-" + std::to_string(++crashes_));
    std::filesystem::copy(directory_, left, std::filesystem::copy_options::recursive);
    Close();
    directory_ = left;
    Reopen();
  }

  template <class V = std::string>
  KeyValueStore<std::string, V> KeyValue(std::string_view name = "rows") {
    return KeyValueStore<std::string, V>(
        static_cast<detail::ErasedKeyValueStore*>(stores_->Find(name)));
  }
  template <class V = std::string>
  WindowStore<std::string, V> Window(std::string_view name = "windows") {
    return WindowStore<std::string, V>(
        static_cast<detail::ErasedWindowStore*>(stores_->Find(name)));
  }

  // What the commit would append to the changelogs.
  std::vector<Change> Collect() {
    std::vector<Change> changes;
    absl::Status status =
        stores_->CollectChanges([&](const detail::StoreSpec&, const ChangelogRecord& record) {
          std::optional<std::string> value;
          if (record.value.has_value()) value.emplace(*record.value);
          changes.push_back(
              {std::string(record.key), std::move(value), record.timestamp, *record.headers});
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    return changes;
  }

  // A whole commit; the store's changelog then ends at `next` (< 0: it has none).
  std::vector<Change> Commit(const std::string& store = "", int64_t next = -1) {
    std::vector<Change> changes = Collect();
    std::vector<ChangelogPosition> positions;
    if (next >= 0) positions.push_back({store, Offset(next)});
    absl::Status status = stores_->Apply(positions);
    EXPECT_TRUE(status.ok()) << status;
    return changes;
  }

  // Restores from changelog records at the offsets first, first + 1, …
  absl::Status Restore(const std::string& store, const std::vector<Change>& changes,
                       int64_t first = 0) {
    std::vector<RecordView> records;
    std::vector<std::string> headers(changes.size());
    for (const Change& change : changes) {
      std::string& bytes = headers[records.size()];
      AppendHeaders(change.headers, &bytes);
      RecordView& record = records.emplace_back();
      record.key = change.key;
      if (change.value.has_value()) record.value = *change.value;
      record.timestamp = change.timestamp;
      record.headers = bytes;
      record.offset = Offset(first++);
    }
    return stores_->Restore(store, records, Offset(first));
  }

 private:
  ScratchDirectory scratch_;
  std::string directory_ = scratch_.File("0_0");
  int crashes_ = 0;
  std::vector<detail::StoreSpec> specs_;
  std::unique_ptr<StoreEnvironment> environment_;
  std::unique_ptr<TaskStores> stores_;
};

// A new seed for each run; MILLRACE_SEED replays one.
inline uint64_t NewSeed() {
  const char* given = std::getenv("MILLRACE_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
}

// Suites run on both backends: the parameter is StoreOptions::in_memory.
inline std::string BackendName(const testing::TestParamInfo<bool>& info) {
  return info.param ? "InMemory" : "OnRocksDb";
}

}  // namespace millrace::store_testing
