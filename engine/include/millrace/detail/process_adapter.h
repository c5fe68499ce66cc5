// Runs a typed Processor as a node of a task.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "millrace/processor.h"

namespace millrace::detail {

template <class P>
concept IsProcessor = requires {
  typename P::KeyIn;
  typename P::ValueIn;
  typename P::KeyOut;
  typename P::ValueOut;
}
&&std::is_base_of_v<
    Processor<typename P::KeyIn, typename P::ValueIn, typename P::KeyOut, typename P::ValueOut>, P>;

template <class P, class K, class V>
consteval bool ProcessesStreamOf() {
  if constexpr (IsProcessor<P>) {
    return std::is_same_v<typename P::KeyIn, K> && std::is_same_v<typename P::ValueIn, V>;
  } else {
    return false;
  }
}
template <class P, class K, class V>
consteval bool ProcessesValuesOf() {
  if constexpr (ProcessesStreamOf<P, K, V>()) {
    return std::is_same_v<typename P::KeyOut, K>;
  } else {
    return false;
  }
}

// What a factory makes: void when it is none.
template <class Made>
struct MadeBy {
  using Type = void;
};
template <class P>
struct MadeBy<std::unique_ptr<P>> {
  using Type = P;
};
template <class Factory>
struct ProcessorMadeBy {
  static auto Find() {
    if constexpr (std::is_copy_constructible_v<Factory> && std::is_invocable_v<const Factory&>) {
      return MadeBy<std::invoke_result_t<const Factory&>>();
    } else {
      return MadeBy<void>();
    }
  }
  using Type = typename decltype(Find())::Type;
};

template <class P>
class ProcessorAdapter final : public ErasedProcessor {
 public:
  explicit ProcessorAdapter(std::unique_ptr<P> processor) : processor_(std::move(processor)) {}

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    typed_context_ = TypedContext(context);
    processor_->Init(typed_context_);
  }
  void Process(const ErasedRecord& record) override {
    processor_->Process(Typed<typename P::KeyIn, typename P::ValueIn>(record), typed_context_);
  }
  void Close() override { processor_->Close(); }

 private:
  using TypedContext = ProcessorContext<typename P::KeyOut, typename P::ValueOut>;
  std::unique_ptr<P> processor_;
  TypedContext typed_context_{nullptr};
};

template <class P, class Factory>
ProcessorFactory EraseFactory(Factory make) {
  return [make = std::move(make)]() -> std::unique_ptr<ErasedProcessor> {
    return std::make_unique<ProcessorAdapter<P>>(make());
  };
}
template <class P>
ProcessorFactory DefaultFactory() {
  return []() -> std::unique_ptr<ErasedProcessor> {
    return std::make_unique<ProcessorAdapter<P>>(std::make_unique<P>());
  };
}

}  // namespace millrace::detail
