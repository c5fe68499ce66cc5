#include "type_catalog.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/json_text.h"
#include "base/text.h"
#include "millrace/detail/topology_data.h"
#include "record/value_text.h"

namespace millrace::worker {
namespace {

std::string RealName(const std::string& app, const detail::TopicRef& topic) {
  return topic.internal ? absl::StrCat(app, "-", topic.name, "-repartition") : topic.name;
}

}  // namespace

TypeCatalog::TypeCatalog(const std::vector<Topology>& topologies) {
  for (const Topology& topology : topologies) {
    for (const detail::NodeSpec& node : topology.data().nodes) {
      const DeclaredTypes types = {node.key, node.value};
      for (const detail::TopicRef& topic : node.topics) {
        if (topic.pattern) patterns_.emplace_back(std::regex(topic.name), types);
        topics_.emplace(RealName(topology.name(), topic), types);
      }
      if (node.kind == detail::NodeSpec::Kind::kSink && node.topic_chooser == nullptr) {
        topics_.emplace(RealName(topology.name(), node.sink_topic), types);
      }
    }
    for (const detail::StoreSpec& store : topology.data().stores) {
      if (store.kind != detail::StoreKind::kKeyValue) continue;  // keys of windows carry a suffix
      topics_.emplace(absl::StrCat(topology.name(), "-", store.name, "-changelog"),
                      DeclaredTypes{store.key, store.value});
    }
  }
}

DeclaredTypes TypeCatalog::Topic(const std::string& topic) const {
  if (auto it = topics_.find(topic); it != topics_.end()) return it->second;
  for (const auto& [pattern, types] : patterns_) {
    if (std::regex_match(topic, pattern)) return types;
  }
  return {};
}

std::string BytesToJson(const detail::Codec* codec, std::string_view bytes, bool* base64) {
  *base64 = false;
  if (codec != nullptr) {
    detail::ErasedValue box;
    const void* value = box.Emplace(codec);
    if (codec->decode(bytes, box.get()).ok()) {
      if (std::optional<std::string> json = TypedJson(*codec, value)) return *std::move(json);
    }
  }
  std::string out;
  if (IsValidUtf8(bytes)) {
    AppendJsonString(bytes, &out);
  } else {
    *base64 = true;
    AppendJsonString(absl::Base64Escape(AbslView(bytes)), &out);
  }
  return out;
}

}  // namespace millrace::worker
