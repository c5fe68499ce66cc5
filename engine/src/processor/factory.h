// FactoryOf: the ProcessorFactory of an operator. Each task gets its own copies of the arguments,
// so that tasks share nothing but what the arguments point to.
#pragma once

#include <memory>
#include <utility>

#include "millrace/detail/erased_processor.h"

namespace millrace::detail {

template <class P, class... Args>
ProcessorFactory FactoryOf(Args... args) {
  return [... args = std::move(args)]() -> std::unique_ptr<ErasedProcessor> {
    return std::make_unique<P>(args...);
  };
}

}  // namespace millrace::detail
