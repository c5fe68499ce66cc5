#include "store/task_stores.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "base/logging.h"
#include "base/text.h"
#include "millrace/status.h"
#include "store/committed_rows.h"
#include "store/custom_table.h"
#include "store/key_value_table.h"
#include "store/lru_table.h"
#include "store/memory_backend.h"
#include "store/rocksdb_backend.h"
#include "store/session_table.h"
#include "store/store_metadata.h"
#include "store/versioned_table.h"
#include "store/window_table.h"

namespace millrace {
namespace store {
namespace {

// Restore() writes in batches of about this size, and a bulk restore in runs of that one.
constexpr size_t kRestoreBatchBytes = 4 << 20;
constexpr size_t kRunBytes = 24 << 20;

// A backend, and what is about to be written to it.
struct Backing {
  std::unique_ptr<StoreBackend> backend;
  BackendBatch batch;
};

struct OpenStore {
  std::unique_ptr<ManagedStore> store;
  Backing* backing = nullptr;
  TableId table;
  std::optional<Offset> position;
};

std::unique_ptr<ManagedStore> NewTable(detail::StoreSpec spec, StoreBackend* backend, TableId table,
                                       StoreContext* context) {
  switch (spec.kind) {
    case detail::StoreKind::kWindow:
      return std::make_unique<WindowTable>(std::move(spec), backend, table, context);
    case detail::StoreKind::kSession:
      return std::make_unique<SessionTable>(std::move(spec), backend, table, context);
    case detail::StoreKind::kVersioned:
      return std::make_unique<VersionedTable>(std::move(spec), backend, table, context);
    case detail::StoreKind::kCustom:
      return std::make_unique<CustomTable>(std::move(spec), backend, table, context);
    case detail::StoreKind::kKeyValue:
      break;
  }
  if (spec.max_rows > 0) {
    return std::make_unique<LruTable>(std::move(spec), backend, table, context);
  }
  return std::make_unique<KeyValueTable>(std::move(spec), backend, table, context);
}

class OpenTaskStores : public TaskStores {
 public:
  explicit OpenTaskStores(size_t buffer_bytes) : context_(buffer_bytes) {}

  absl::Status Init(const std::string& directory, std::vector<detail::StoreSpec> specs,
                    const RocksDbEnvironment& environment);

  detail::ErasedStore* Find(std::string_view name) override;
  CommittedView* committed() override { return &committed_; }
  std::optional<Offset> position(const std::string& store) const override;
  absl::Status Restore(const std::string& store, std::span<const RecordView> records,
                       Offset next) override;
  absl::Status BeginBulkRestore() override;
  absl::Status EndBulkRestore() override;
  void OpenCustomStores() override {
    for (OpenStore& open : stores_) open.store->OpenObject();
  }
  void BeforeCommit() override {
    for (OpenStore& open : stores_) open.store->BeforeCommit();
  }
  size_t dirty_bytes() const override { return context_.pool.dirty_bytes(); }
  size_t cached_bytes() const override { return context_.pool.cached_bytes(); }
  absl::Status CollectChanges(const EmitChange& emit) override;
  absl::Status Apply(std::span<const ChangelogPosition> positions) override;
  void Discard() override;
  const absl::Status& health() const override { return context_.health; }
  int open_iterators() const override { return context_.open_iterators; }
  absl::Status Flush() override;

 private:
  absl::Status AddStore(detail::StoreSpec spec, Backing* backing, TableId table);
  absl::Status FillBatches(const EmitChange* emit);
  absl::Status WriteBatch(Backing* backing);
  absl::Status WriteRestored(OpenStore* open, Offset reached, bool last);
  void ClearBatches();
  OpenStore& Opened(const std::string& store);
  const OpenStore& Opened(const std::string& store) const;

  StoreContext context_;
  bool bulk_ = false;
  Backing rocksdb_;
  Backing memory_;
  std::vector<OpenStore> stores_;  // in the order of the specs
  absl::flat_hash_map<std::string, size_t> by_name_;
  CommittedRows committed_;
};

absl::Status OpenTaskStores::Init(const std::string& directory,
                                  std::vector<detail::StoreSpec> specs,
                                  const RocksDbEnvironment& environment) {
  std::vector<std::string> persistent;
  uint32_t in_memory = 0;
  for (const detail::StoreSpec& spec : specs) {
    if (spec.backend == detail::StoreBackendKind::kRocksDb) {
      persistent.push_back(spec.name);
    } else {
      ++in_memory;
    }
  }
  if (!persistent.empty()) {
    MR_ASSIGN_OR_RETURN(auto rocksdb, RocksDbBackend::Open(directory, persistent, environment));
    for (const std::string& stranger : rocksdb->strangers()) {
      LogWarning(absl::StrCat("state in ", directory, ": store ", stranger,
                              " is no longer in the topology; its rows are kept"));
    }
    rocksdb_.backend = std::move(rocksdb);
    MR_RETURN_IF_ERROR(CheckFormat(rocksdb_.backend.get(), directory));
  }
  if (in_memory > 0) memory_.backend = std::make_unique<MemoryBackend>(in_memory + 1);
  uint32_t last_persistent = 0;
  uint32_t last_in_memory = 0;
  for (detail::StoreSpec& spec : specs) {
    bool rocksdb = spec.backend == detail::StoreBackendKind::kRocksDb;
    TableId table(rocksdb ? ++last_persistent : ++last_in_memory);
    MR_RETURN_IF_ERROR(AddStore(std::move(spec), rocksdb ? &rocksdb_ : &memory_, table));
  }
  return absl::OkStatus();
}

absl::Status OpenTaskStores::AddStore(detail::StoreSpec spec, Backing* backing, TableId table) {
  StoreBackend* backend = backing->backend.get();
  MR_RETURN_IF_ERROR(CheckLayout(backend, table, spec));
  OpenStore open;
  open.backing = backing;
  open.table = table;
  MR_ASSIGN_OR_RETURN(std::optional<int64_t> position, ReadNumber(backend, kPosition, spec.name));
  if (position.has_value()) {
    if (*position < 0) {
      return absl::DataLossError(
          absl::StrCat("store ", spec.name, ": position ", *position, " is impossible"));
    }
    open.position = Offset(*position);
  }
  std::string name = spec.name;
  open.store = NewTable(std::move(spec), backend, table, &context_);
  MR_RETURN_IF_ERROR(open.store->LoadState(backend));
  committed_.Add(name, backend, table, open.store.get());
  bool added = by_name_.emplace(std::move(name), stores_.size()).second;
  MR_CHECK(added, "two stores of one name");
  stores_.push_back(std::move(open));
  return absl::OkStatus();
}

detail::ErasedStore* OpenTaskStores::Find(std::string_view name) {
  auto found = by_name_.find(AbslView(name));
  return found == by_name_.end() ? nullptr : stores_[found->second].store->erased();
}

const OpenStore& OpenTaskStores::Opened(const std::string& store) const {
  auto found = by_name_.find(store);
  MR_CHECK(found != by_name_.end(), store);
  return stores_[found->second];
}

OpenStore& OpenTaskStores::Opened(const std::string& store) {
  return const_cast<OpenStore&>(std::as_const(*this).Opened(store));
}

std::optional<Offset> OpenTaskStores::position(const std::string& store) const {
  return Opened(store).position;
}

absl::Status OpenTaskStores::Restore(const std::string& store, std::span<const RecordView> records,
                                     Offset next) {
  OpenStore& open = Opened(store);
  MR_CHECK(open.store->table().dirty().empty(), "restoring over changes that were not applied");
  MR_CHECK(context_.open_iterators == 0, "an iterator was left open");
  if (!bulk_) ClearBatches();
  BackendBatch& batch = open.backing->batch;
  for (size_t i = 0; i < records.size(); ++i) {
    MR_RETURN_IF_ERROR(open.store->Restore(records[i], &batch));
    const bool last = i + 1 == records.size();
    if (last || batch.bytes() < (bulk_ ? kRunBytes : kRestoreBatchBytes)) continue;
    MR_RETURN_IF_ERROR(WriteRestored(&open, records[i].offset.Next(), /*last=*/false));
  }
  MR_RETURN_IF_ERROR(WriteRestored(&open, next, /*last=*/true));
  open.store->OnRestored();
  return absl::OkStatus();
}

// The last of what one call brought may wait for what the next one brings.
absl::Status OpenTaskStores::WriteRestored(OpenStore* open, Offset reached, bool last) {
  BackendBatch& batch = open->backing->batch;
  open->store->AppendState(&batch);
  WriteNumber(kPosition, open->store->table().spec().name, reached.value(), &batch);
  open->position = reached;
  if (bulk_ && last && batch.bytes() < kRunBytes) return absl::OkStatus();
  return WriteBatch(open->backing);
}

absl::Status OpenTaskStores::BeginBulkRestore() {
  ClearBatches();
  bulk_ = true;
  if (rocksdb_.backend == nullptr) return absl::OkStatus();
  // The runs are durable before what still lies in memory, the metadata above all.
  MR_RETURN_IF_ERROR(Flush());
  return context_.ReportBackend(rocksdb_.backend->SetCompaction(false));
}

absl::Status OpenTaskStores::EndBulkRestore() {
  for (Backing* backing : {&rocksdb_, &memory_}) {
    MR_RETURN_IF_ERROR(WriteBatch(backing));
    backing->batch = BackendBatch();  // commits need a fraction of its memory
  }
  bulk_ = false;
  if (rocksdb_.backend == nullptr) return absl::OkStatus();
  return context_.ReportBackend(rocksdb_.backend->SetCompaction(true));
}

absl::Status OpenTaskStores::CollectChanges(const EmitChange& emit) {
  MR_RETURN_IF_ERROR(context_.health);
  return FillBatches(&emit);
}

absl::Status OpenTaskStores::FillBatches(const EmitChange* emit) {
  ClearBatches();
  for (OpenStore& open : stores_) {
    const EmitChange* changes = open.store->table().spec().changelog ? emit : nullptr;
    MR_RETURN_IF_ERROR(open.store->CollectChanges(changes, &open.backing->batch));
  }
  context_.collected = true;
  return absl::OkStatus();
}

absl::Status OpenTaskStores::Apply(std::span<const ChangelogPosition> positions) {
  MR_RETURN_IF_ERROR(context_.health);
  MR_CHECK(context_.open_iterators == 0, "an iterator was left open");
  if (!context_.collected) MR_RETURN_IF_ERROR(FillBatches(nullptr));
  for (OpenStore& open : stores_) open.store->AppendState(&open.backing->batch);
  for (const ChangelogPosition& position : positions) {
    OpenStore& open = Opened(position.store);
    WriteNumber(kPosition, position.store, position.next.value(), &open.backing->batch);
  }
  // The files first: what is only in memory cannot fail.
  MR_RETURN_IF_ERROR(WriteBatch(&rocksdb_));
  MR_RETURN_IF_ERROR(WriteBatch(&memory_));
  for (const ChangelogPosition& position : positions) {
    Opened(position.store).position = position.next;
  }
  for (OpenStore& open : stores_) open.store->OnApplied();
  context_.pool.EvictToFit();
  return absl::OkStatus();
}

absl::Status OpenTaskStores::WriteBatch(Backing* backing) {
  if (!backing->batch.empty()) {
    StoreBackend& backend = *backing->backend;
    MR_RETURN_IF_ERROR(context_.ReportBackend(bulk_ ? backend.Ingest(backing->batch)
                                                    : backend.Apply(backing->batch)));
  }
  backing->batch.Clear();
  context_.collected = false;
  return absl::OkStatus();
}

void OpenTaskStores::ClearBatches() {
  rocksdb_.batch.Clear();
  memory_.batch.Clear();
  context_.collected = false;
}

void OpenTaskStores::Discard() {
  MR_CHECK(context_.open_iterators == 0, "an iterator was left open");
  ClearBatches();
  for (OpenStore& open : stores_) open.store->Discard();
}

absl::Status OpenTaskStores::Flush() {
  if (rocksdb_.backend == nullptr) return absl::OkStatus();
  return context_.ReportBackend(rocksdb_.backend->Flush());
}

}  // namespace
}  // namespace store

absl::StatusOr<std::unique_ptr<TaskStores>> TaskStores::Open(const std::string& directory,
                                                             std::vector<detail::StoreSpec> specs,
                                                             StoreEnvironment* env) {
  const auto& environment = store::RocksDbEnvironment::From(*env);
  auto stores = std::make_unique<store::OpenTaskStores>(env->options().buffer_bytes_per_task);
  MR_RETURN_IF_ERROR(stores->Init(directory, std::move(specs), environment));
  return stores;
}

}  // namespace millrace
