// TableTop: the best rows of each group of a table. The list of a group is the row of the result;
// beside it all rows of all groups are kept, so that one that was not good enough comes back when a
// better one leaves:
//
//   key   size u32 of the group's bytes | group | row
//   value how often the group has this row i64
//
// An update costs as much as the list is long; only when one of a full list leaves, and none that
// is better than the rest takes its place, are the group's rows looked through.
#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/big_endian.h"
#include "millrace/detail/more_operators.h"
#include "millrace/serde.h"
#include "millrace/status.h"
#include "processor/change_bytes.h"
#include "processor/factory.h"
#include "processor/table_writer.h"

namespace millrace::detail {
namespace {

class TableTopStep final : public ErasedProcessor {
 public:
  TableTopStep(TableTop what, std::shared_ptr<const TableNode> self)
      : what_(std::move(what)), self_(std::move(self)) {}

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    lists_.Init(context, *self_);
    rows_ = static_cast<ErasedKeyValueStore*>(context->GetStore(what_.rows));
  }

  void Process(const ErasedRecord& record) override {
    if (record.key == nullptr || record.value == nullptr) {
      context_->CountDropped(record.key == nullptr ? Drop::kNullKey : Drop::kNullValue);
      return;
    }
    change_.Decode(what_.top->row, *static_cast<const Bytes*>(record.value));
    const StoredValue before = lists_.Read(record.key);
    Timestamp timestamp = record.timestamp;
    if (before.value != nullptr) timestamp = std::max(timestamp, before.timestamp);
    list_.Assign(what_.top->codec, before.value);
    if (!list_.has_value()) list_.Emplace(what_.top->codec);
    before_.clear();
    what_.top->codec->encode(list_.get(), &before_);
    MakePrefix(record.key);
    Update();
    Emit(record, timestamp);
  }

 private:
  size_t size() const { return what_.top->size(list_.get()); }
  const void* at(size_t i) const { return what_.top->at(list_.get(), i); }
  std::string BytesOf(const void* row) const {
    std::string bytes;
    what_.top->row->encode(row, &bytes);
    return bytes;
  }
  // Rows that are equally good lie in the order of their bytes.
  bool Before(const void* one, const void* two) const {
    if (what_.better(one, two)) return true;
    return !what_.better(two, one) && BytesOf(one) < BytesOf(two);
  }

  void MakePrefix(const void* group) {
    std::string bytes;
    what_.key->encode(group, &bytes);
    prefix_.clear();
    AppendBigEndian<uint32_t>(static_cast<uint32_t>(bytes.size()), &prefix_);
    prefix_ += bytes;
  }

  void Update() {
    const void* goes = change_.goes();
    const void* comes = change_.comes();
    if (goes != nullptr) CountRow(goes, -1);
    if (comes != nullptr) CountRow(comes, 1);
    // Rows outside of the list exist only where it is full.
    const bool was_full = size() == what_.size;
    const bool left = goes != nullptr && TakeOut(goes);
    if (comes != nullptr) PutIn(comes, /*at_the_end=*/!was_full);
    if (left && was_full && size() < what_.size) Refill();
  }

  void CountRow(const void* row, int64_t change) {
    row_key_.data = prefix_ + BytesOf(row);
    const StoredValue known = rows_->Get(&row_key_);
    const int64_t count =
        (known.value == nullptr ? 0 : *static_cast<const int64_t*>(known.value)) + change;
    if (count <= 0) {
      if (known.value != nullptr) rows_->Put(&row_key_, nullptr, kNoTimestamp);
    } else {
      rows_->Put(&row_key_, &count, kNoTimestamp);
    }
  }

  bool TakeOut(const void* row) {
    const std::string bytes = BytesOf(row);
    for (size_t i = 0; i < size(); ++i) {
      if (BytesOf(at(i)) != bytes) continue;
      what_.top->erase(list_.get(), i);
      return true;
    }
    return false;
  }
  void PutIn(const void* row, bool at_the_end) {
    size_t place = 0;
    while (place < size() && !Before(row, at(place))) ++place;
    if (place == size() && !at_the_end) return;
    what_.top->insert(list_.get(), place, row);
    if (size() > what_.size) what_.top->erase(list_.get(), what_.size);
  }

  void Refill() {
    while (size() > 0) what_.top->erase(list_.get(), size() - 1);
    const auto known = rows_->Prefix(prefix_, Order::kForward);
    for (; known->Valid(); known->Next()) {
      void* row = row_.Emplace(what_.top->row);
      MR_CHECK(what_.top->row->decode(known->key_bytes().substr(prefix_.size()), row).ok(),
               "a row of a group");
      const auto times = *static_cast<const int64_t*>(known->value().value);
      const auto needed = static_cast<int64_t>(what_.size);
      for (int64_t i = 0; i < std::min(times, needed); ++i) {
        PutIn(row, /*at_the_end=*/size() < what_.size);
      }
    }
  }

  void Emit(const ErasedRecord& record, Timestamp timestamp) {
    std::string after;
    what_.top->codec->encode(list_.get(), &after);
    if (after == before_) return;
    ErasedRecord update = record;
    update.value = size() == 0 ? nullptr : list_.get();
    update.timestamp = timestamp;
    if (lists_.Write(&update)) context_->Forward(update);
  }

  const TableTop what_;
  std::shared_ptr<const TableNode> self_;
  TableWriter lists_;
  ErasedKeyValueStore* rows_ = nullptr;
  DecodedChange change_;
  ErasedValue list_;  // of the group
  std::string before_;
  std::string prefix_;
  Bytes row_key_;
  ErasedValue row_;
};

}  // namespace

ProcessorFactory MakeTableTop(TableTop what, std::shared_ptr<const TableNode> self) {
  return FactoryOf<TableTopStep>(std::move(what), std::move(self));
}

}  // namespace millrace::detail
