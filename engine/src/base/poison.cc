#include "millrace/detail/poison.h"

#include <stdexcept>

namespace millrace::detail {

void RaisePoison(const char* message) { throw std::invalid_argument(message); }

}  // namespace millrace::detail
