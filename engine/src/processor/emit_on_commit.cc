// EmitOnCommit: holds the updates of a table back until the transaction is committed; then the
// newest of each key goes on, in the order in which the keys were first updated. What waits is part
// of the transaction: it is empty after each commit, and gone with an aborted one.
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "millrace/detail/operators.h"
#include "processor/factory.h"

namespace millrace::detail {
namespace {

class EmitOnCommit final : public ErasedProcessor {
 public:
  EmitOnCommit(const Codec* key, const Codec* value) : key_(key), value_(value) {}

  void Process(const ErasedRecord& record) override {
    key_bytes_.clear();
    if (record.key != nullptr) {
      key_->encode(record.key, &key_bytes_);
    }
    const auto [place, is_new] = places_.try_emplace(key_bytes_, updates_.size());
    if (is_new) {
      Update& update = updates_.emplace_back();
      update.key.Assign(key_, record.key);
      // What the table shows without the updates that wait.
      update.old_value.Assign(value_, record.old_value);
    }
    Update& update = updates_[place->second];
    update.value.Assign(value_, record.value);
    update.headers = *record.headers;
    update.timestamp = record.timestamp;
    update.is_latest = record.is_latest;
  }

  void OnCommit() override {
    for (const Update& update : updates_) {
      ErasedRecord record;
      record.key = update.key.get();
      record.value = update.value.get();
      record.old_value = update.old_value.get();
      record.timestamp = update.timestamp;
      record.headers = &update.headers;
      record.is_latest = update.is_latest;
      context_->Forward(record);
    }
    updates_.clear();
    places_.clear();
  }

 private:
  struct Update {
    ErasedValue key;
    ErasedValue value;
    ErasedValue old_value;
    Headers headers;
    Timestamp timestamp = kNoTimestamp;
    bool is_latest = true;
  };

  const Codec* const key_;
  const Codec* const value_;
  std::vector<Update> updates_;
  absl::flat_hash_map<std::string, size_t> places_;
  std::string key_bytes_;
};

}  // namespace

ProcessorFactory MakeEmitOnCommit(const Codec* key, const Codec* value) {
  return FactoryOf<EmitOnCommit>(key, value);
}

}  // namespace millrace::detail
