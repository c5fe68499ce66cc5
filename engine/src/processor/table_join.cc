// TableJoin: the updates of one side of a join meet the rows of the other one. Each side has a node
// of its own; what they make comes together behind them. The result has the higher timestamp of the
// two rows.
#include <algorithm>
#include <memory>
#include <utility>

#include "absl/functional/function_ref.h"
#include "millrace/detail/table_operators.h"
#include "processor/factory.h"

namespace millrace::detail {
namespace {

class TableJoinSide final : public ErasedProcessor {
 public:
  TableJoinSide(TableJoin join, TableSide side, const std::shared_ptr<const TableNode>& other,
                std::shared_ptr<const TableNode> self)
      : join_(std::move(join)), side_(side), rows_(other->getter()), self_(std::move(self)) {}

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    rows_->Init(context);
    // A table with a store looks up the row before itself.
    sends_old_ = self_->send_old_values && self_->store.empty();
  }

  void Process(const ErasedRecord& update) override {
    if (update.key == nullptr) return context_->CountDropped(Drop::kNullKey);
    if (!update.is_latest) return context_->CountDropped(Drop::kLate);
    rows_->Read(update.key, [&](StoredValue row) { Meet(update, row); });
  }

 private:
  void Meet(const ErasedRecord& update, StoredValue row) {
    if (IsNeedless(update, row.value)) return;
    ErasedRecord result = update;
    if (row.value != nullptr) result.timestamp = std::max(update.timestamp, row.timestamp);
    Join(update, update.value, row.value, [&](const void* value) {
      result.value = value;
      result.old_value = nullptr;
      if (!sends_old_) return context_->Forward(result);
      Join(update, update.old_value, row.value, [&](const void* old_value) {
        result.old_value = old_value;
        context_->Forward(result);
      });
    });
  }

  // There is no result now, and there was none. An inner join cannot know the latter where its own
  // side has no row, as in Kafka Streams.
  bool IsNeedless(const ErasedRecord& update, const void* row) const {
    if (row != nullptr) return false;
    const bool must_meet = join_.kind == TableJoinKind::kInner ||
                           (join_.kind == TableJoinKind::kLeft && side_ == TableSide::kRight);
    return must_meet || (update.value == nullptr && update.old_value == nullptr);
  }

  void Join(const ErasedRecord& update, const void* mine, const void* row, ValueSink use) const {
    const void* left = side_ == TableSide::kLeft ? mine : row;
    const void* right = side_ == TableSide::kLeft ? row : mine;
    if (!join_.Makes(left, right)) return use(nullptr);
    join_.join(update.WithValue(left), right, use);
  }

  TableJoin join_;
  TableSide side_;
  std::unique_ptr<TableGetter> rows_;
  std::shared_ptr<const TableNode> self_;
  bool sends_old_ = false;
};

class JoinedRows final : public TableGetter {
 public:
  JoinedRows(TableJoin join, std::unique_ptr<TableGetter> left, std::unique_ptr<TableGetter> right)
      : join_(std::move(join)), left_(std::move(left)), right_(std::move(right)) {}

  void Init(ErasedContext* context) override {
    left_->Init(context);
    right_->Init(context);
  }
  // REQUIRES: the sides look into different stores, for each lends one row at a time.
  void Read(const void* key, absl::FunctionRef<void(StoredValue)> use) override {
    left_->Read(key, [&](StoredValue left) {
      right_->Read(key, [&](StoredValue right) { Join(key, left, right, use); });
    });
  }

 private:
  void Join(const void* key, StoredValue left, StoredValue right,
            absl::FunctionRef<void(StoredValue)> use) const {
    if (!join_.Makes(left.value, right.value)) return use(StoredValue());
    ErasedRecord row;
    row.key = key;
    row.value = left.value;
    row.timestamp = std::max(left.timestamp, right.timestamp);
    join_.join(row, right.value, [&](const void* joined) {
      use(joined == nullptr ? StoredValue() : StoredValue{joined, row.timestamp});
    });
  }

  TableJoin join_;
  std::unique_ptr<TableGetter> left_;
  std::unique_ptr<TableGetter> right_;
};

}  // namespace

ProcessorFactory MakeTableJoin(TableJoin join, TableSide side,
                               std::shared_ptr<const TableNode> other,
                               std::shared_ptr<const TableNode> self) {
  return FactoryOf<TableJoinSide>(std::move(join), side, std::move(other), std::move(self));
}

TableGetterFactory JoinGetter(TableJoin join, TableGetterFactory left, TableGetterFactory right) {
  return [join = std::move(join), left = std::move(left), right = std::move(right)] {
    return std::make_unique<JoinedRows>(join, left(), right());
  };
}

}  // namespace millrace::detail
