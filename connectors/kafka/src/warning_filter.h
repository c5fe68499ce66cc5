// WarningFilter: says a thing once in a while. Every connection of every instance of the client
// library notices when a broker goes away, and again with each attempt. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "millrace/time.h"

namespace millrace::kafka {

class WarningFilter {
 public:
  using Sink = std::function<void(std::string_view)>;

  // `clock` must outlive the filter.
  explicit WarningFilter(Sink sink, const Clock* clock = Clock::System());

  // To the sink, unless it had a line that differs in numbers only a short time ago.
  void Warn(std::string_view line);

 private:
  const Sink sink_;
  const Clock* const clock_;
  std::mutex mutex_;
  std::map<std::string, std::chrono::nanoseconds> said_;  // without numbers, and when
};

}  // namespace millrace::kafka
