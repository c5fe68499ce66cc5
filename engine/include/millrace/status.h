// Status macros and the check that crashes on a bug.
//
// Three kinds of errors, three tools (ARCHITECTURE.md, "Errors"): a broken invariant crashes
// (MR_CHECK); an operating error is an absl::Status; a poison record follows the ErrorPolicy.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace millrace::detail {
[[noreturn]] void CheckFailed(const char* file, int line, const char* expression,
                              std::string_view message);
}  // namespace millrace::detail

// Crashes with the place, the expression and the message. The log is the recovery.
#define MR_CHECK(condition, message) \
  (static_cast<bool>(condition)      \
       ? static_cast<void>(0)        \
       : ::millrace::detail::CheckFailed(__FILE__, __LINE__, #condition, (message)))

// Returns from the enclosing function when `expression` is an error.
#define MR_RETURN_IF_ERROR(expression)                       \
  do {                                                       \
    if (absl::Status mr_status_ = (expression); !mr_status_.ok()) return mr_status_; \
  } while (false)

#define MR_CONCAT_INNER_(a, b) a##b
#define MR_CONCAT_(a, b) MR_CONCAT_INNER_(a, b)
// MR_ASSIGN_OR_RETURN(auto value, FallibleCall());
#define MR_ASSIGN_OR_RETURN(declaration, expression) \
  MR_ASSIGN_OR_RETURN_IMPL_(MR_CONCAT_(mr_status_or_, __LINE__), declaration, expression)
#define MR_ASSIGN_OR_RETURN_IMPL_(result, declaration, expression) \
  auto result = (expression);                                      \
  if (!result.ok()) return std::move(result).status();             \
  declaration = *std::move(result)
