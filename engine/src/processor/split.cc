// Split: each record takes the first branch whose predicate matches, or none.
#include <string>
#include <utility>
#include <vector>

#include "millrace/detail/operators.h"
#include "millrace/status.h"
#include "processor/factory.h"

namespace millrace::detail {
namespace {

class Split final : public ErasedProcessor {
 public:
  Split(std::vector<Predicate> predicates, std::vector<std::string> children)
      : predicates_(std::move(predicates)), children_(std::move(children)) {
    MR_CHECK(predicates_.size() == children_.size(), "a split has one predicate per branch");
  }

  void Process(const ErasedRecord& record) override {
    for (size_t i = 0; i < predicates_.size(); ++i) {
      if (predicates_[i] == nullptr || predicates_[i](record)) {
        context_->ForwardTo(children_[i], record);
        return;
      }
    }
  }

 private:
  std::vector<Predicate> predicates_;
  std::vector<std::string> children_;
};

}  // namespace

ProcessorFactory MakeSplit(std::vector<Predicate> predicates, std::vector<std::string> children) {
  return FactoryOf<Split>(std::move(predicates), std::move(children));
}

}  // namespace millrace::detail
