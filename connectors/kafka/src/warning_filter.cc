#include "connectors/kafka/src/warning_filter.h"

#include <cctype>
#include <utility>

namespace millrace::kafka {
namespace {

constexpr std::chrono::seconds kAgainAfter(30);
constexpr size_t kMaxKept = 256;

// Ports, times and counts do not make a new line.
std::string WithoutNumbers(std::string_view line) {
  std::string text;
  for (const char c : line) {
    const bool digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
    if (!digit) text.push_back(c);
  }
  return text;
}

}  // namespace

WarningFilter::WarningFilter(Sink sink, const Clock* clock)
    : sink_(std::move(sink)), clock_(clock) {}

void WarningFilter::Warn(std::string_view line) {
  if (!sink_) return;
  {
    std::lock_guard lock(mutex_);
    const std::chrono::nanoseconds now = clock_->Monotonic();
    std::erase_if(said_, [&](const auto& entry) { return now - entry.second >= kAgainAfter; });
    if (said_.size() >= kMaxKept) return;
    if (!said_.emplace(WithoutNumbers(line), now).second) return;
  }
  sink_(line);
}

}  // namespace millrace::kafka
