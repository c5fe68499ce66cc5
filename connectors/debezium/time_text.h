// ISO-8601 instants, as Debezium writes a timestamptz (io.debezium.time.ZonedTimestamp).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "millrace/time.h"

namespace millrace::debezium {

// Reads "2026-01-02T03:04:05[.fraction]Z" or with an offset "+01:00" instead of Z; the fraction has
// 1 to 9 digits and is cut (towards the past) to milliseconds. "infinity" and "-infinity" are
// Timestamp::max() and min(). nullopt: not such a text, or not a day of the calendar.
std::optional<Timestamp> ParseTimestamp(std::string_view text);

// Appends "2026-01-02T03:04:05.123Z": always UTC, always three digits. Years before 0 and after
// 9999 are written as "-infinity" and "infinity".
void AppendTimestamp(Timestamp timestamp, std::string* out);

}  // namespace millrace::debezium
