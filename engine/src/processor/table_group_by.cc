// TableGroupBy: sends each update of a table to the groups that it concerns. What leaves a group
// goes first; where the group stays the same both go in one record, so that the group has no update
// in between.
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "millrace/detail/table_operators.h"
#include "processor/change_bytes.h"
#include "processor/factory.h"

namespace millrace::detail {
namespace {

class TableGroupBy final : public ErasedProcessor {
 public:
  explicit TableGroupBy(Regrouping what) : what_(std::move(what)) {}

  void Process(const ErasedRecord& update) override {
    // An update of the past of a row changes nothing that a group holds.
    if (!update.is_latest) return context_->CountDropped(Drop::kLate);
    Select(update, update.old_value, [&](Row before) {
      Select(update, update.value, [&](Row after) { Send(update, before, after); });
    });
  }

 private:
  struct Row {
    const void* key = nullptr;  // of its group; null: it has none
    const void* value = nullptr;
  };

  void Select(const ErasedRecord& update, const void* value, absl::FunctionRef<void(Row)> use) {
    if (value == nullptr) return use({});
    what_.select(update.WithValue(value), [&](const void* key, const void* selected) {
      use(key == nullptr || selected == nullptr ? Row() : Row{key, selected});
    });
  }

  void Send(const ErasedRecord& update, Row before, Row after) {
    if (before.key != nullptr && after.key != nullptr && SameGroup(before.key, after.key)) {
      return Forward(update, after.key, before.value, after.value);
    }
    if (before.key != nullptr) Forward(update, before.key, before.value, nullptr);
    if (after.key != nullptr) Forward(update, after.key, nullptr, after.value);
  }

  bool SameGroup(const void* one, const void* other) {
    one_.clear();
    other_.clear();
    what_.key->encode(one, &one_);
    what_.key->encode(other, &other_);
    return one_ == other_;
  }

  void Forward(const ErasedRecord& update, const void* key, const void* goes, const void* comes) {
    EncodeChange(what_.value, goes, comes, &change_);
    context_->Forward(update.WithKey(key).WithValue(&change_));
  }

  Regrouping what_;
  std::string one_;
  std::string other_;
  Bytes change_;
};

}  // namespace

ProcessorFactory MakeTableGroupBy(Regrouping what) {
  return FactoryOf<TableGroupBy>(std::move(what));
}

}  // namespace millrace::detail
