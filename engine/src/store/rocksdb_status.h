// What RocksDB's errors mean to the engine.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "rocksdb/status.h"

namespace millrace::store {

// DataLoss: damaged or missing files. FailedPrecondition: held by another process.
// ResourceExhausted: no space. Unavailable: any other I/O error. The message starts with `what`.
absl::Status FromRocksDb(const rocksdb::Status& status, std::string_view what);

}  // namespace millrace::store
