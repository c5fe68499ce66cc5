#include "connectors/kafka/src/record_form.h"

#include "millrace/kafka/kafka_log.h"

namespace millrace::kafka {
namespace {

constexpr char kZero[] = "0";

void Add(rd_kafka_headers_t* to, const std::string& name, const void* value, size_t size) {
  rd_kafka_header_add(to, name.data(), static_cast<ssize_t>(name.size()), value,
                      static_cast<ssize_t>(size));
}

}  // namespace

RdHeaders ToLibrary(const Headers& headers, bool zero_timestamp) {
  if (headers.empty() && !zero_timestamp) return nullptr;
  RdHeaders list(rd_kafka_headers_new(headers.size() + (zero_timestamp ? 1 : 0)));
  for (const Headers::Entry& entry : headers) {
    const bool null = !entry.value.has_value();
    Add(list.get(), entry.name, null ? nullptr : entry.value->data(),
        null ? 0 : entry.value->size());
  }
  if (zero_timestamp) Add(list.get(), kTrueTimestampHeader, kZero, sizeof(kZero) - 1);
  return list;
}

void FromLibrary(const rd_kafka_headers_t& headers, std::string* out, Timestamp* timestamp) {
  Headers list;
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (size_t i = 0;
       rd_kafka_header_get_all(&headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    if (*timestamp == TimestampFromMillis(kStandsForZero) &&
        std::string_view(name) == kTrueTimestampHeader) {
      *timestamp = TimestampFromMillis(0);
      continue;
    }
    std::optional<std::string> bytes;
    if (value != nullptr) bytes.emplace(static_cast<const char*>(value), size);
    list.Add(name, std::move(bytes));
  }
  AppendHeaders(list, out);
}

}  // namespace millrace::kafka
