// The order in which Java's HashSet and HashMap list strings. Kafka Streams prints sets of topics
// and stores, and links nodes, in that order; a byte-exact description has to know it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace millrace::detail {

// A set that was built by adding one name after another.
std::vector<size_t> JavaHashOrder(const std::vector<std::string>& names);

// The set `new HashSet<>(names)`, whose table is sized for all of them from the start.
std::vector<size_t> JavaCopiedHashOrder(const std::vector<std::string>& names);

}  // namespace millrace::detail
