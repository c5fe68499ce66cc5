#include "runtime/global_store_view.h"

#include <vector>

#include "millrace/status.h"

namespace millrace {
namespace {

class CopiedRows : public detail::StoreIterator {
 public:
  CopiedRows(const detail::StoreSpec& spec, detail::StoreIterator* rows) {
    for (; rows->Valid(); rows->Next()) {
      Row& row = rows_.emplace_back();
      row.key_bytes = rows->key_bytes();
      row.key.Assign(spec.key, rows->key());
      const detail::StoredValue value = rows->value();
      row.value.Assign(spec.value, value.value);
      row.timestamp = value.timestamp;
      row.headers = rows->headers();
    }
  }

  bool Valid() const override { return at_ < rows_.size(); }
  void Next() override { ++at_; }
  const void* key() override { return rows_[at_].key.get(); }
  std::string_view key_bytes() const override { return rows_[at_].key_bytes; }
  detail::StoredValue value() override { return {rows_[at_].value.get(), rows_[at_].timestamp}; }
  const Headers& headers() override { return rows_[at_].headers; }

 private:
  struct Row {
    std::string key_bytes;
    detail::ErasedValue key;
    detail::ErasedValue value;
    Timestamp timestamp;
    Headers headers;
  };
  std::vector<Row> rows_;
  size_t at_ = 0;
};

}  // namespace

detail::StoredValue GlobalStoreView::Get(const void* key) {
  absl::MutexLock lock(mutex_);
  const detail::StoredValue row = store_->Get(key);
  value_.Assign(spec().value, row.value);
  return {value_.get(), row.timestamp};
}

const Headers& GlobalStoreView::HeadersOf(const void* key) {
  absl::MutexLock lock(mutex_);
  return headers_ = store_->HeadersOf(key);
}

std::unique_ptr<detail::StoreIterator> GlobalStoreView::Range(const void* from, const void* to,
                                                              detail::Order order) {
  absl::MutexLock lock(mutex_);
  return std::make_unique<CopiedRows>(spec(), store_->Range(from, to, order).get());
}

std::unique_ptr<detail::StoreIterator> GlobalStoreView::Prefix(std::string_view prefix,
                                                               detail::Order order) {
  absl::MutexLock lock(mutex_);
  return std::make_unique<CopiedRows>(spec(), store_->Prefix(prefix, order).get());
}

int64_t GlobalStoreView::ApproximateNumEntries() {
  absl::MutexLock lock(mutex_);
  return store_->ApproximateNumEntries();
}

void GlobalStoreView::Put(const void*, const void*, detail::WrittenBy) { RefuseWrite(); }
void GlobalStoreView::Swap(const void*, detail::ErasedValue*, detail::WrittenBy) { RefuseWrite(); }

void GlobalStoreView::RefuseWrite() const {
  MR_CHECK(false, "a step writes to the global store '" + spec().name +
                      "', which only the processor that feeds it may change");
}

}  // namespace millrace
