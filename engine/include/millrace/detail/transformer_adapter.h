// Runs a typed ValueTransformer inside the step that keeps what it makes.
#pragma once

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "millrace/detail/invoke.h"
#include "millrace/detail/process_adapter.h"
#include "millrace/detail/table_operators.h"
#include "millrace/value_transformer.h"

namespace millrace::detail {

template <class P, class K, class V>
consteval bool TransformsRowsOf() {
  if constexpr (requires { typename P::ValueOut; }) {
    return std::is_base_of_v<ValueTransformer<K, V, typename P::ValueOut>, P>;
  } else {
    return false;
  }
}
template <class P, class K, class V>
inline constexpr bool kTransforms = TransformsRowsOf<P, K, V>();

template <class P>
class TransformerAdapter final : public ErasedTransformer {
 public:
  explicit TransformerAdapter(std::unique_ptr<P> typed) : typed_(std::move(typed)) {}

  void Init(ErasedContext* context) override {
    context_ = TransformerContext(context);
    typed_->Init(context_);
  }
  void Transform(const ErasedRecord& row, ValueSink sink) override {
    const std::optional<typename P::ValueOut> made =
        typed_->Transform(*static_cast<const typename P::Key*>(row.key),
                          static_cast<const typename P::ValueIn*>(row.value), context_);
    sink(AddressOf(made));
  }
  void Close() override { typed_->Close(); }

 private:
  std::unique_ptr<P> typed_;
  TransformerContext context_{nullptr};
};

template <class P, class Factory>
TransformerFactory EraseTransformer(Factory make) {
  return [make = std::move(make)]() -> std::unique_ptr<ErasedTransformer> {
    return std::make_unique<TransformerAdapter<P>>(make());
  };
}

}  // namespace millrace::detail
