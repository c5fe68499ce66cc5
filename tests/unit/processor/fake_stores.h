// In-memory stores that are as strict as the contract allows: a row that a call lends dies with the
// next call, so that a sanitizer finds an operator that looks at it for longer.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "millrace/detail/erased_store.h"

namespace millrace::detail {

// Rows by encoded key; each has a value and a timestamp.
template <class RowKey>
class FakeRows {
 public:
  explicit FakeRows(const Codec* value) : codec_(value) {}

  StoredValue Get(const RowKey& key) {
    lent_.reset();
    auto row = rows_.find(key);
    if (row == rows_.end()) return {};
    lent_ = std::make_unique<ErasedValue>();
    lent_->Assign(codec_, row->second.value.get());
    return {lent_->get(), row->second.timestamp};
  }
  void Put(const RowKey& key, const void* value, Timestamp timestamp) {
    ++writes_;
    if (value == nullptr) {
      rows_.erase(key);
    } else {
      Row& row = rows_[key];
      row.value.Assign(codec_, value);
      row.timestamp = timestamp;
    }
    lent_.reset();
  }
  void Swap(const RowKey& key, ErasedValue* value, Timestamp timestamp) {
    ++writes_;
    lent_.reset();
    Row& row = rows_[key];
    std::swap(row.value, *value);
    row.timestamp = timestamp;
  }
  int writes() const { return writes_; }
  bool empty() const { return rows_.empty(); }

 private:
  struct Row {
    ErasedValue value;
    Timestamp timestamp = kNoTimestamp;
  };
  const Codec* codec_;
  std::map<RowKey, Row> rows_;
  std::unique_ptr<ErasedValue> lent_;
  int writes_ = 0;
};

inline std::string EncodedKey(const StoreSpec& spec, const void* key) {
  std::string bytes;
  spec.key->encode(key, &bytes);
  return bytes;
}

class FakeKeyValueStore : public ErasedKeyValueStore {
 public:
  explicit FakeKeyValueStore(StoreSpec spec) : spec_(std::move(spec)), rows_(spec_.value) {}

  const StoreSpec& spec() const override { return spec_; }
  StoredValue Get(const void* key) override { return rows_.Get(EncodedKey(spec_, key)); }
  const Headers& HeadersOf(const void*) override { return Headers::Empty(); }
  void Put(const void* key, const void* value, WrittenBy by) override {
    rows_.Put(EncodedKey(spec_, key), value, by.timestamp);
  }
  void Swap(const void* key, ErasedValue* value, WrittenBy by) override {
    rows_.Swap(EncodedKey(spec_, key), value, by.timestamp);
  }
  // No operator of these tests walks over rows.
  std::unique_ptr<StoreIterator> Range(const void*, const void*, Order) override { return nullptr; }
  std::unique_ptr<StoreIterator> Prefix(std::string_view, Order) override { return nullptr; }
  int64_t ApproximateNumEntries() override { return 0; }
  int writes() const { return rows_.writes(); }
  bool empty() const { return rows_.empty(); }

 private:
  StoreSpec spec_;
  FakeRows<std::string> rows_;
};

class FakeWindowStore : public ErasedWindowStore {
 public:
  explicit FakeWindowStore(StoreSpec spec) : spec_(std::move(spec)), rows_(spec_.value) {}

  const StoreSpec& spec() const override { return spec_; }
  StoredValue Fetch(const void* key, Timestamp start) override {
    return rows_.Get({EncodedKey(spec_, key), start});
  }
  const Headers& HeadersOf(const void*, Timestamp) override { return Headers::Empty(); }
  void Put(const void* key, Timestamp start, const void* value, WrittenBy by) override {
    observed_ = std::max(observed_, start);
    rows_.Put({EncodedKey(spec_, key), start}, value, by.timestamp);
  }
  void Swap(const void* key, Timestamp start, ErasedValue* value, WrittenBy by) override {
    observed_ = std::max(observed_, start);
    rows_.Swap({EncodedKey(spec_, key), start}, value, by.timestamp);
  }
  std::unique_ptr<StoreIterator> FetchRange(const void*, Timestamp, Timestamp, Order) override {
    return nullptr;
  }
  std::unique_ptr<StoreIterator> FetchKeys(const void*, const void*, Timestamp, Timestamp,
                                           Order) override {
    return nullptr;
  }
  Timestamp observed_stream_time() const override { return observed_; }
  bool empty() const { return rows_.empty(); }

 private:
  StoreSpec spec_;
  FakeRows<std::pair<std::string, Timestamp>> rows_;
  Timestamp observed_ = kNoTimestamp;
};

}  // namespace millrace::detail
