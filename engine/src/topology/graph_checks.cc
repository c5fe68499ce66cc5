#include "topology/graph_checks.h"

#include <algorithm>
#include <map>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "topology/topic_names.h"

namespace millrace::detail {

namespace {

using Mistakes = std::vector<std::string>;

// Kafka's topic names end at 249 bytes; "<app>-<name>-repartition" must still fit.
constexpr size_t kDurableNameBytesMax = 100;
constexpr size_t kTopicNameBytesMax = 249;

bool IsTopicCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-';
}
bool IsDurableCharacter(char c) {
  return IsTopicCharacter(c) && !absl::ascii_isupper(static_cast<unsigned char>(c));
}

bool IsName(std::string_view name, size_t bytes_max, bool (*allowed)(char)) {
  return !name.empty() && name.size() <= bytes_max && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), allowed);
}

template <class T>
bool Contains(const std::vector<T>& items, const T& item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

void CheckDurableName(const char* what, const std::string& name, Mistakes* mistakes) {
  if (IsName(name, kDurableNameBytesMax, IsDurableCharacter)) return;
  mistakes->push_back(absl::StrCat(what, " \"", name,
                                   "\" has a name that cannot be kept on disk; use 1 to ",
                                   kDurableNameBytesMax, " of a-z 0-9 . _ -"));
}

void CheckPattern(const TopicRef& topic, Mistakes* mistakes) {
  if (!topic.pattern) return;
  try {
    const std::regex compiled(topic.name);
  } catch (const std::regex_error& error) {
    mistakes->push_back(absl::StrCat("pattern \"", topic.name, "\" is no regular expression (",
                                     error.what(), "); correct it"));
  }
}

void CheckTopicName(const NodeSpec& node, const TopicRef& topic, Mistakes* mistakes) {
  if (topic.internal || topic.pattern || IsName(topic.name, kTopicNameBytesMax, IsTopicCharacter))
    return;
  mistakes->push_back(absl::StrCat("topic \"", topic.name, "\" of \"", node.name,
                                   "\" is no legal topic name; use 1 to ", kTopicNameBytesMax,
                                   " of a-z A-Z 0-9 . _ -"));
}

// One line per name that occurs more than once.
class Duplicates {
 public:
  void Add(const std::string& name) { ++counts_[name]; }
  void Report(const char* what, const char* way_out, Mistakes* mistakes) const {
    for (const auto& [name, count] : counts_) {
      if (count < 2) continue;
      mistakes->push_back(
          absl::StrCat(what, " \"", name, "\" exists ", count, " times; ", way_out));
    }
  }
  bool Has(const std::string& name) const { return counts_.contains(name); }

 private:
  std::map<std::string, int> counts_;
};

void CheckStoreSpec(const StoreSpec& store, Mistakes* mistakes) {
  CheckDurableName("store", store.name, mistakes);
  if (store.kind == StoreKind::kKeyValue) return;
  if (store.window_size < Duration(0)) {
    mistakes->push_back(
        absl::StrCat("store \"", store.name, "\" has a negative window size; give it a length"));
  }
  if (store.retention < store.window_size) {
    mistakes->push_back(absl::StrCat("store \"", store.name, "\" keeps windows for ",
                                     store.retention.count(), " ms, less than their size of ",
                                     store.window_size.count(), " ms; raise its retention"));
  }
}

// Whether the store of the same name is used below the repartition topic. A repartition takes the
// name of the step that it feeds, as in Kafka Streams ("counts-repartition", "counts-changelog").
bool FeedsStore(const TopologyData& data, const RepartitionSpec& repartition) {
  const TopicRef topic{repartition.name, /*internal=*/true};
  std::vector<bool> below(data.nodes.size(), false);  // parents come before their children
  for (size_t i = 0; i < data.nodes.size(); ++i) {
    const NodeSpec& node = data.nodes[i];
    below[i] = Contains(node.topics, topic) ||
               std::any_of(node.parents.begin(), node.parents.end(), [&](NodeId parent) {
                 return below[static_cast<size_t>(parent.value())];
               });
    if (below[i] && Contains(node.stores, repartition.name)) return true;
  }
  return false;
}

void CheckDurableNames(const TopologyData& data, Mistakes* mistakes) {
  CheckDurableName("topology", data.name, mistakes);
  Duplicates stores;
  Duplicates repartitions;
  for (const StoreSpec& store : data.stores) {
    stores.Add(store.name);
    CheckStoreSpec(store, mistakes);
  }
  for (const RepartitionSpec& repartition : data.repartitions) {
    if (stores.Has(repartition.name) && !repartitions.Has(repartition.name) &&
        !FeedsStore(data, repartition)) {
      mistakes->push_back(absl::StrCat("repartition \"", repartition.name,
                                       "\" has the name of a store that it does not feed; rename "
                                       "one of the two"));
    }
    repartitions.Add(repartition.name);
    CheckDurableName("repartition", repartition.name, mistakes);
    if (repartition.partitions.has_value() && *repartition.partitions < 1) {
      mistakes->push_back(absl::StrCat("repartition \"", repartition.name, "\" asks for ",
                                       *repartition.partitions, " partitions; ask for at least 1"));
    }
  }
  stores.Report("store", "give each a name of its own", mistakes);
  repartitions.Report("repartition", "give each a name of its own, or reuse the grouped stream",
                      mistakes);
}

// A topic belongs to one source: its partitions are assigned, decoded and timestamped once.
void CheckSources(const TopologyData& data, Mistakes* mistakes) {
  std::map<TopicRef, const NodeSpec*> reader;
  for (const NodeSpec& node : data.nodes) {
    if (node.kind != NodeSpec::Kind::kSource) continue;
    // Global stores have readers of their own, which disturb nobody.
    if (node.global) continue;
    if (node.topics.empty()) {
      mistakes->push_back(absl::StrCat("source \"", node.name, "\" reads no topic; name one"));
    }
    for (const TopicRef& topic : node.topics) {
      CheckPattern(topic, mistakes);
      CheckTopicName(node, topic, mistakes);
      const auto [it, added] = reader.try_emplace(topic, &node);
      if (added || topic.internal) continue;  // a repartition read twice is a duplicate name
      const NodeSpec& first = *it->second;
      const bool same_types = first.key == node.key && first.value == node.value;
      mistakes->push_back(absl::StrCat(
          "topic \"", topic.name, "\" is read twice, by \"", first.name, "\" and \"", node.name,
          same_types ? "\", with different options; read it once and use that stream in both places"
                     : "\", with different types; read it with one Topic<K, V> constant"));
    }
  }
}

void CheckParents(const TopologyData& data, const NodeSpec& node, Mistakes* mistakes) {
  if (node.kind == NodeSpec::Kind::kSource) return;
  const char* what = node.kind == NodeSpec::Kind::kSink ? "sink" : "step";
  if (node.parents.empty()) {
    mistakes->push_back(
        absl::StrCat(what, " \"", node.name, "\" has no parent; attach it to a stream"));
  }
  for (NodeId parent : node.parents) {
    if (data.node(parent).kind != NodeSpec::Kind::kSink) continue;
    mistakes->push_back(absl::StrCat(what, " \"", node.name, "\" hangs below the sink \"",
                                     data.node(parent).name,
                                     "\"; read the sink's topic with a source"));
  }
}

void CheckStoresOfNode(const TopologyData& data, const NodeSpec& node, Mistakes* mistakes) {
  for (const std::string& store : node.stores) {
    if (data.FindStore(store) == nullptr) {
      mistakes->push_back(absl::StrCat("step \"", node.name, "\" uses the store \"", store,
                                       "\", which does not exist; add it with AddStore"));
    } else if (node.kind != NodeSpec::Kind::kProcessor) {
      mistakes->push_back(absl::StrCat("store \"", store, "\" is connected to \"", node.name,
                                       "\", which is no processor; connect it to a step"));
    }
  }
}

// Its readers are on other threads, and its topic is its changelog.
void CheckGlobalStores(const TopologyData& data, const NodeSpec& node, Mistakes* mistakes) {
  if (!node.global) return;
  for (const std::string& name : node.stores) {
    const StoreSpec* store = data.FindStore(name);
    if (store == nullptr) continue;
    if (store->kind == StoreKind::kKeyValue && store->max_rows == 0) continue;
    mistakes->push_back(absl::StrCat("global store \"", name,
                                     "\" is no plain key-value store; declare it without a ",
                                     "history and without a limit of rows"));
  }
}

void CheckNodes(const TopologyData& data, Mistakes* mistakes) {
  Duplicates names;
  for (const NodeSpec& node : data.nodes) {
    names.Add(node.name);
    if (!IsName(node.name, kTopicNameBytesMax, IsTopicCharacter)) {
      mistakes->push_back(
          absl::StrCat("step \"", node.name, "\" has no legal name; use letters, digits, . _ -"));
    }
    CheckParents(data, node, mistakes);
    CheckStoresOfNode(data, node, mistakes);
    CheckGlobalStores(data, node, mistakes);
    if (node.kind != NodeSpec::Kind::kSink || node.topic_chooser != nullptr) continue;
    if (node.sink_topic.name.empty()) {
      mistakes->push_back(absl::StrCat("sink \"", node.name,
                                       "\" has no topic; name one or give a function that does"));
    } else {
      CheckTopicName(node, node.sink_topic, mistakes);
    }
  }
  names.Report("step", "give each a name of its own", mistakes);
}

void CheckEveryStoreIsUsed(const TopologyData& data, Mistakes* mistakes) {
  for (const StoreSpec& store : data.stores) {
    const bool used = std::any_of(data.nodes.begin(), data.nodes.end(), [&](const NodeSpec& node) {
      return Contains(node.stores, store.name);
    });
    if (used) continue;
    mistakes->push_back(
        absl::StrCat("store \"", store.name, "\" is used by no step; connect it or remove it"));
  }
}

}  // namespace

void CheckGraph(const TopologyData& data, std::vector<std::string>* mistakes) {
  if (data.nodes.empty()) {
    mistakes->push_back("the topology is empty; start it with a source");
  }
  CheckDurableNames(data, mistakes);
  CheckNodes(data, mistakes);
  CheckSources(data, mistakes);
  CheckEveryStoreIsUsed(data, mistakes);
}

void CheckCopartitions(const TopologyData& data, std::vector<std::string>* mistakes) {
  for (const CopartitionGroup& group : data.copartitions) {
    const RepartitionSpec* first = nullptr;
    for (const TopicRef& topic : group.topics) {
      const RepartitionSpec* repartition = FindRepartition(data, topic);
      if (repartition == nullptr || !repartition->partitions.has_value()) continue;
      if (first == nullptr) first = repartition;
      if (*first->partitions == *repartition->partitions) continue;
      mistakes->push_back(
          absl::StrCat(group.reason, " needs equal partition counts, but repartition \"",
                       first->name, "\" has ", *first->partitions, " and \"", repartition->name,
                       "\" has ", *repartition->partitions, "; give both the same count"));
    }
  }
}

}  // namespace millrace::detail
