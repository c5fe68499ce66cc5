// The ways to read a table by key: in its store, or through the views between it and a store.
#include <memory>
#include <string>
#include <utility>

#include "millrace/detail/operators.h"
#include "millrace/status.h"

namespace millrace::detail {
namespace {

class KeyValueRows final : public TableGetter {
 public:
  explicit KeyValueRows(std::string store) : name_(std::move(store)) {}

  void Init(ErasedContext* context) override {
    store_ = static_cast<ErasedKeyValueStore*>(context->GetStore(name_));
    MR_CHECK(store_->spec().kind == StoreKind::kKeyValue, "the table needs a key-value store");
  }
  void Read(const void* key, absl::FunctionRef<void(StoredValue)> use) override {
    use(store_->Get(key));
  }

 private:
  std::string name_;
  ErasedKeyValueStore* store_ = nullptr;
};

class VersionedRows final : public TableGetter {
 public:
  explicit VersionedRows(std::string store) : name_(std::move(store)) {}

  void Init(ErasedContext* context) override {
    store_ = static_cast<ErasedVersionedStore*>(context->GetStore(name_));
    MR_CHECK(store_->spec().kind == StoreKind::kVersioned, "the table needs a versioned store");
  }
  void Read(const void* key, absl::FunctionRef<void(StoredValue)> use) override {
    use(store_->Get(key));
  }
  void ReadAsOf(const void* key, Timestamp as_of,
                absl::FunctionRef<void(StoredValue)> use) override {
    use(store_->GetAsOf(key, as_of));
  }

 private:
  std::string name_;
  ErasedVersionedStore* store_ = nullptr;
};

class WindowRows final : public TableGetter {
 public:
  WindowRows(std::string store, const WindowedCodec* windowed)
      : name_(std::move(store)), windowed_(windowed) {}

  void Init(ErasedContext* context) override {
    store_ = static_cast<ErasedWindowStore*>(context->GetStore(name_));
    MR_CHECK(store_->spec().kind == StoreKind::kWindow, "the table needs a window store");
  }
  void Read(const void* key, absl::FunctionRef<void(StoredValue)> use) override {
    use(store_->Fetch(windowed_->key(key), windowed_->start(key)));
  }

 private:
  std::string name_;
  const WindowedCodec* windowed_;
  ErasedWindowStore* store_ = nullptr;
};

class SessionRows final : public TableGetter {
 public:
  SessionRows(std::string store, const WindowedCodec* windowed)
      : name_(std::move(store)), windowed_(windowed) {}

  void Init(ErasedContext* context) override {
    store_ = static_cast<ErasedSessionStore*>(context->GetStore(name_));
    MR_CHECK(store_->spec().kind == StoreKind::kSession, "the table needs a session store");
  }
  void Read(const void* key, absl::FunctionRef<void(StoredValue)> use) override {
    use(store_->Fetch(windowed_->key(key), windowed_->start(key), windowed_->end(key)));
  }

 private:
  std::string name_;
  const WindowedCodec* windowed_;
  ErasedSessionStore* store_ = nullptr;
};

ErasedRecord AsRecord(const void* key, const StoredValue& row) {
  ErasedRecord record;
  record.key = key;
  record.value = row.value;
  record.timestamp = row.timestamp;
  return record;
}

class FilteredRows final : public TableGetter {
 public:
  FilteredRows(Predicate matches, bool negate, std::unique_ptr<TableGetter> parent)
      : matches_(std::move(matches)), negate_(negate), parent_(std::move(parent)) {}

  void Init(ErasedContext* context) override { parent_->Init(context); }
  void Read(const void* key, absl::FunctionRef<void(StoredValue)> use) override {
    parent_->Read(key, [&](StoredValue row) { use(Passing(key, row)); });
  }
  void ReadAsOf(const void* key, Timestamp as_of,
                absl::FunctionRef<void(StoredValue)> use) override {
    parent_->ReadAsOf(key, as_of, [&](StoredValue row) { use(Passing(key, row)); });
  }

 private:
  StoredValue Passing(const void* key, const StoredValue& row) const {
    const bool passes = row.value != nullptr && matches_(AsRecord(key, row)) != negate_;
    return passes ? row : StoredValue();
  }

  Predicate matches_;
  bool negate_;
  std::unique_ptr<TableGetter> parent_;
};

class MappedRows final : public TableGetter {
 public:
  MappedRows(ValueMapper map, std::unique_ptr<TableGetter> parent)
      : map_(std::move(map)), parent_(std::move(parent)) {}

  void Init(ErasedContext* context) override { parent_->Init(context); }
  void Read(const void* key, absl::FunctionRef<void(StoredValue)> use) override {
    parent_->Read(key, [&](StoredValue row) { Map(key, row, use); });
  }
  void ReadAsOf(const void* key, Timestamp as_of,
                absl::FunctionRef<void(StoredValue)> use) override {
    parent_->ReadAsOf(key, as_of, [&](StoredValue row) { Map(key, row, use); });
  }

 private:
  void Map(const void* key, const StoredValue& row,
           absl::FunctionRef<void(StoredValue)> use) const {
    if (row.value == nullptr) return use(StoredValue());
    map_(AsRecord(key, row), [&](const void* mapped) {
      use(mapped == nullptr ? StoredValue() : StoredValue{mapped, row.timestamp});
    });
  }

  ValueMapper map_;
  std::unique_ptr<TableGetter> parent_;
};

}  // namespace

TableGetterFactory StoreGetter(std::string store) {
  return [store = std::move(store)] { return std::make_unique<KeyValueRows>(store); };
}

TableGetterFactory VersionedStoreGetter(std::string store) {
  return [store = std::move(store)] { return std::make_unique<VersionedRows>(store); };
}

TableGetterFactory WindowStoreGetter(std::string store, const WindowedCodec* windowed) {
  return [store = std::move(store), windowed] {
    return std::make_unique<WindowRows>(store, windowed);
  };
}

TableGetterFactory SessionStoreGetter(std::string store, const WindowedCodec* windowed) {
  return [store = std::move(store), windowed] {
    return std::make_unique<SessionRows>(store, windowed);
  };
}

TableGetterFactory FilterGetter(Predicate matches, bool negate, TableGetterFactory parent) {
  return [matches = std::move(matches), negate, parent = std::move(parent)] {
    return std::make_unique<FilteredRows>(matches, negate, parent());
  };
}

TableGetterFactory MapValuesGetter(ValueMapper map, TableGetterFactory parent) {
  return [map = std::move(map), parent = std::move(parent)] {
    return std::make_unique<MappedRows>(map, parent());
  };
}

}  // namespace millrace::detail
