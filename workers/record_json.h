// Records as JSON lines, the form in which `topic produce` reads and `topic consume` writes them:
//   {"topic":"lines","key":null,"value":"hello","timestamp":1700000000000,"headers":[["h","x"]]}
// A string stands for its bytes, null for null, any other JSON for its compact text. Bytes that are
// not UTF-8 are base64 with "encoding":"base64" (value) or "key_encoding":"base64" (key).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "millrace/headers.h"
#include "millrace/record.h"
#include "type_catalog.h"

namespace millrace::worker {

struct ParsedRecord {
  std::string topic;  // empty: the line named none
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::optional<Timestamp> timestamp;
  std::optional<PartitionId> partition;
  Headers headers;
};

// InvalidArgument says what is wrong with the line.
absl::StatusOr<ParsedRecord> ParseRecordLine(std::string_view line);

// ,"headers":[[name,value],…] of headers as AppendHeaders writes them; nothing if there are none.
void AppendHeadersJson(std::string_view encoded, std::string* out);

// One line with its newline: topic, partition, offset, timestamp, headers if any, key, value.
std::string RecordToJsonLine(const std::string& topic, PartitionId partition,
                             const RecordView& record, const DeclaredTypes& types);

}  // namespace millrace::worker
