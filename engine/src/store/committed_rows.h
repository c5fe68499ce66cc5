// CommittedRows: the CommittedView of a task's stores: reads the backends, past the buffers.
#pragma once

#include <string>

#include "absl/container/flat_hash_map.h"
#include "store/managed_store.h"
#include "store/task_stores.h"

namespace millrace::store {

class CommittedRows : public CommittedView {
 public:
  // Borrows backend and store. Before other threads see the view.
  void Add(const std::string& name, StoreBackend* backend, TableId table,
           const ManagedStore* store) {
    sources_[name] = {backend, table, store};
  }

  absl::Status Scan(const std::string& store,
                    const std::function<bool(std::string_view key, std::string_view value,
                                             Timestamp)>& visit) override;
  absl::Status Read(const StoreQuery& query, const StoreVisit& visit) override;

 private:
  struct Source {
    StoreBackend* backend;
    TableId table;
    const ManagedStore* store;
  };
  absl::flat_hash_map<std::string, Source> sources_;
};

}  // namespace millrace::store
