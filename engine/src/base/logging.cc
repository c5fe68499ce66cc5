#include "base/logging.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace millrace {
namespace {

spdlog::logger& Logger() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = std::make_shared<spdlog::logger>(
        "millrace", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
    return made;
  }();
  return *logger;
}

spdlog::string_view_t View(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

void SetLogLevel(LogLevel level) {
  static constexpr spdlog::level::level_enum kLevels[] = {
      spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err,
      spdlog::level::off};
  Logger().set_level(kLevels[static_cast<int>(level)]);
}

void LogDebug(std::string_view message) { Logger().log(spdlog::level::debug, View(message)); }
void LogInfo(std::string_view message) { Logger().log(spdlog::level::info, View(message)); }
void LogWarning(std::string_view message) { Logger().log(spdlog::level::warn, View(message)); }
void LogError(std::string_view message) { Logger().log(spdlog::level::err, View(message)); }

}  // namespace millrace
