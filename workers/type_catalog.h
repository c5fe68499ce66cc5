// TypeCatalog: what the process's topologies declare of topics and stores, so that the commands can
// show records in the form their types have.
#pragma once

#include <map>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "millrace/detail/codec.h"
#include "millrace/topology.h"

namespace millrace::worker {

struct DeclaredTypes {
  const detail::Codec* key = nullptr;
  const detail::Codec* value = nullptr;
};

class TypeCatalog {
 public:
  explicit TypeCatalog(const std::vector<Topology>& topologies);

  // The types of a topic's records; null codecs when no topology declares it. Knows internal topics
  // too, by the default application ids ("word-count-words-repartition").
  DeclaredTypes Topic(const std::string& topic) const;

 private:
  std::map<std::string, DeclaredTypes> topics_;
  std::vector<std::pair<std::regex, DeclaredTypes>> patterns_;
};

// `bytes` as JSON text: a number, a document or a string by its declared type; without one, or when
// the bytes are not of it, as a UTF-8 string, else base64 (then *base64 is set).
std::string BytesToJson(const detail::Codec* codec, std::string_view bytes, bool* base64);

}  // namespace millrace::worker
