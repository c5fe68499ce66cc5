// GlobalStoreView: a global store as one task sees it: read-only, on the task's thread, while the
// store's owner writes on another one. Each read locks the store and copies what it found. Owned by
// the task; the GlobalTask must outlive it.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "millrace/detail/erased_store.h"

namespace millrace {

class GlobalStoreView : public detail::ErasedKeyValueStore {
 public:
  GlobalStoreView(detail::ErasedKeyValueStore* store, absl::Mutex* mutex)
      : store_(store), mutex_(mutex) {}

  const detail::StoreSpec& spec() const override { return store_->spec(); }
  detail::StoredValue Get(const void* key) override;
  const Headers& HeadersOf(const void* key) override;
  // All rows of the walk are copied at its start.
  std::unique_ptr<detail::StoreIterator> Range(const void* from, const void* to,
                                               detail::Order order) override;
  std::unique_ptr<detail::StoreIterator> Prefix(std::string_view prefix,
                                                detail::Order order) override;
  int64_t ApproximateNumEntries() override;
  // Only the processor that feeds the store may write to it: a bug (checked).
  void Put(const void* key, const void* value, detail::WrittenBy by) override;
  void Swap(const void* key, detail::ErasedValue* value, detail::WrittenBy by) override;

 private:
  void RefuseWrite() const;

  detail::ErasedKeyValueStore* const store_;
  absl::Mutex* const mutex_;
  detail::ErasedValue value_;
  Headers headers_;
};

}  // namespace millrace
