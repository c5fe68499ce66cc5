// The engine's log lines for people: time, level, message, on standard error. Thread-safe.
#pragma once

#include <string_view>

namespace millrace {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };

// Lines below `level` are dropped. The default is kInfo.
void SetLogLevel(LogLevel level);

void LogDebug(std::string_view message);
void LogInfo(std::string_view message);
void LogWarning(std::string_view message);
void LogError(std::string_view message);

}  // namespace millrace
