// TableNode: what is known of one table of a topology. The DSL fills it in while the topology is
// built; operators read it when their task is made. Frozen by Build().
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "millrace/detail/codec.h"
#include "millrace/detail/erased_processor.h"
#include "millrace/detail/erased_store.h"

namespace millrace::detail {

// How the core makes and reads a Windowed<K> without knowing K.
struct WindowedCodec {
  const Codec* codec;  // of Windowed<K>
  void (*set_key)(void* windowed, const void* key);
  void (*set_bounds)(void* windowed, Timestamp start, Timestamp end);
  const void* (*key)(const void* windowed);
  Timestamp (*start)(const void* windowed);
  Timestamp (*end)(const void* windowed);
};

// Reads rows of a table by key: from its store, or through the views between it and a store.
// One per task and reader. Task thread only.
class TableGetter {
 public:
  virtual ~TableGetter() = default;
  virtual void Init(ErasedContext* context) = 0;
  // Calls `use` once with the row (null: none); it is borrowed for the duration of the call.
  virtual void Read(const void* key, absl::FunctionRef<void(StoredValue)> use) = 0;
  // The same with the row that was valid at `as_of`. A table that is not versioned has the row of
  // now only.
  virtual void ReadAsOf(const void* key, Timestamp as_of,
                        absl::FunctionRef<void(StoredValue)> use) {
    static_cast<void>(as_of);
    Read(key, use);
  }
};
using TableGetterFactory = std::function<std::unique_ptr<TableGetter>()>;

struct TableNode {
  // The tables that this one is a view of; none for sources and aggregations.
  std::vector<std::shared_ptr<TableNode>> parents;
  // The store that holds the table; empty for a view.
  std::string store;
  // A view that joins a table with something made of the same table: by the time that one side's
  // update arrives, the other side has moved, too, and the row before can be known no more.
  bool meets_itself = false;
  // Its updates carry the row before them. Set by EnableOldValues.
  bool send_old_values = false;
  // Null: the table cannot be read by key, since there is no store behind it.
  TableGetterFactory getter;
  // The stores that a reader must be connected to.
  std::vector<std::string> getter_stores;
  // Versioned tables, and views of them: how far back ReadAsOf() sees.
  std::optional<Duration> history;
  // Windowed aggregations: their keys, and how long after its end a window is closed.
  const WindowedCodec* windowed = nullptr;
  Duration closes_after{0};
};

// Makes the table send old values. False when it cannot know them: it is kept in no store, and
// neither are the tables that it is a view of, or it meets itself.
bool EnableOldValues(TableNode* table);

// Getters for each kind of table.
TableGetterFactory StoreGetter(std::string store);
TableGetterFactory VersionedStoreGetter(std::string store);
TableGetterFactory WindowStoreGetter(std::string store, const WindowedCodec* windowed);
TableGetterFactory SessionStoreGetter(std::string store, const WindowedCodec* windowed);
TableGetterFactory FilterGetter(std::function<bool(const ErasedRecord&)> matches, bool negate,
                                TableGetterFactory parent);
TableGetterFactory MapValuesGetter(
    std::function<void(const ErasedRecord&, absl::FunctionRef<void(const void*)>)> map,
    TableGetterFactory parent);

}  // namespace millrace::detail
