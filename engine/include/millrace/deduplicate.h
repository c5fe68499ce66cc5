// Options of Stream::Deduplicate.
#pragma once

#include <optional>

#include "millrace/time.h"
#include "millrace/topic.h"

namespace millrace {

template <class K, class V>
struct DeduplicateOptions {
  // How far behind the newest record that passed a record may be and still be looked at; nullopt:
  // the horizon. What is older might be a duplicate of something forgotten: it is late, dropped
  // and counted.
  std::optional<Duration> grace = std::nullopt;
  // Late records go there as they came.
  std::optional<Topic<K, V>> late = std::nullopt;
  bool in_memory = false;  // RocksDB otherwise; both restore from the changelog
  bool changelog = true;   // false: the state is lost with the state directory
};

}  // namespace millrace
