// JoinWindow: keeps the records of one side of a join of streams, where those of the other side
// find them. A record is joined first and kept then, so that one of a stream joined with itself
// does not find itself.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "millrace/detail/operators.h"
#include "millrace/status.h"
#include "processor/factory.h"
#include "processor/late_records.h"

namespace millrace::detail {
namespace {

class JoinWindow final : public ErasedProcessor {
 public:
  JoinWindow(std::string store, std::string late)
      : store_name_(std::move(store)), late_(std::move(late)) {}

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    late_.Init(context);
    store_ = static_cast<ErasedWindowStore*>(context->GetStore(store_name_));
    MR_CHECK(store_->spec().retain_duplicates, "a join keeps records of the same time");
  }

  void Process(const ErasedRecord& record) override {
    // Others are never found; the join itself knows what to do with them.
    const bool joins = record.key != nullptr && record.value != nullptr;
    if (joins && IsTooOld(record.timestamp)) {
      late_.Take(record);
      if (late_.kept()) return;
    }
    context_->Forward(record);
    if (joins) store_->Put(record.key, record.timestamp, record.value, record.timestamp);
  }

 private:
  bool IsTooOld(Timestamp timestamp) const {
    const Timestamp newest = std::max(store_->observed_stream_time(), timestamp);
    return timestamp <= newest - store_->spec().retention;
  }

  std::string store_name_;
  LateRecords late_;
  ErasedWindowStore* store_ = nullptr;
};

}  // namespace

ProcessorFactory MakeJoinWindow(std::string store, std::string late) {
  return FactoryOf<JoinWindow>(std::move(store), std::move(late));
}

}  // namespace millrace::detail
