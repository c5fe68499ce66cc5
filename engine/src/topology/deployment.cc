#include "topology/deployment.h"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/text.h"
#include "store/store_metadata.h"

namespace millrace {
namespace {

namespace json = boost::json;
using Fate = StateChange::Fate;
using Kind = StateChange::Kind;

constexpr int kFormatVersion = 1;

template <class Item>
const Item* FindByName(const std::vector<Item>& items, const std::string& name) {
  for (const Item& item : items) {
    if (item.name == name) return &item;
  }
  return nullptr;
}

// What a longer or shorter retention means; empty: it is the same.
std::string RetentionNote(const DeployedStore& deployed, const DeployedStore& wanted) {
  if (!deployed.retention.has_value() || !wanted.retention.has_value()) return "";
  const int64_t before = deployed.retention->count();
  const int64_t after = wanted.retention->count();
  if (after > before) {
    return absl::StrCat("it will keep rows for ", after, " ms instead of ", before,
                        "; what is older than that is gone already");
  }
  if (after < before) {
    return absl::StrCat("it will keep rows for ", after, " ms instead of ", before,
                        "; what is older goes");
  }
  return "";
}

StateChange CompareStore(const DeployedStore* deployed, const DeployedStore& wanted) {
  if (deployed == nullptr) return {Fate::kNew, Kind::kStore, wanted.name, ""};
  if (deployed->meaning != wanted.meaning) {
    return {Fate::kIncompatible, Kind::kStore, wanted.name,
            absl::StrCat("it holds '", deployed->meaning, "', the topology wants '", wanted.meaning,
                         "'")};
  }
  if (deployed->window_size.has_value() && wanted.window_size.has_value() &&
      *deployed->window_size != *wanted.window_size) {
    return {Fate::kIncompatible, Kind::kStore, wanted.name,
            absl::StrCat("it holds windows of ", deployed->window_size->count(),
                         " ms, the topology wants ", wanted.window_size->count(), " ms")};
  }
  if (deployed->partitions != wanted.partitions) {
    return {Fate::kIncompatible, Kind::kStore, wanted.name,
            absl::StrCat("it has ", deployed->partitions, " partitions, the topology's inputs ",
                         "have ", wanted.partitions)};
  }
  if (deployed->directory != wanted.directory) {
    if (!deployed->changelog) {
      return {Fate::kLost, Kind::kStore, wanted.name,
              "it has no changelog and its sub-topology got another directory"};
    }
    return {Fate::kMoved, Kind::kStore, wanted.name,
            "its sub-topology got another directory; the changelog has it all"};
  }
  if (!deployed->changelog && wanted.changelog) {
    return {Fate::kKept, Kind::kStore, wanted.name,
            "rows from before are not in its new changelog until they change"};
  }
  return {Fate::kKept, Kind::kStore, wanted.name, RetentionNote(*deployed, wanted)};
}

StateChange CompareRepartition(const DeployedRepartition* deployed,
                               const DeployedRepartition& wanted) {
  if (deployed == nullptr) return {Fate::kNew, Kind::kRepartition, wanted.name, ""};
  if (deployed->partitions != wanted.partitions) {
    return {Fate::kIncompatible, Kind::kRepartition, wanted.name,
            absl::StrCat("it has ", deployed->partitions, " partitions, the topology wants ",
                         wanted.partitions)};
  }
  return {Fate::kKept, Kind::kRepartition, wanted.name, ""};
}

json::value ToJson(const Deployment& deployment) {
  json::array stores;
  for (const DeployedStore& store : deployment.stores) {
    json::object object{{"name", store.name},
                        {"meaning", store.meaning},
                        {"directory", store.directory},
                        {"partitions", store.partitions},
                        {"changelog", store.changelog}};
    if (store.window_size.has_value()) object["window_size_ms"] = store.window_size->count();
    if (store.retention.has_value()) object["retention_ms"] = store.retention->count();
    stores.push_back(std::move(object));
  }
  json::array repartitions;
  for (const DeployedRepartition& topic : deployment.repartitions) {
    repartitions.push_back(json::object{{"name", topic.name}, {"partitions", topic.partitions}});
  }
  return json::object{{"format", kFormatVersion},
                      {"topology", deployment.topology},
                      {"stores", stores},
                      {"repartitions", repartitions}};
}

std::string Text(const json::value& object, std::string_view field) {
  return std::string(object.at(field).as_string());
}

std::optional<Duration> Millis(const json::value& object, std::string_view field) {
  const json::value* found = object.as_object().if_contains(field);
  if (found == nullptr) return std::nullopt;
  return Duration(found->to_number<int64_t>());
}

Deployment FromJson(const json::value& root) {
  Deployment deployment{.topology = Text(root, "topology"), .stores = {}, .repartitions = {}};
  for (const json::value& store : root.at("stores").as_array()) {
    deployment.stores.push_back({.name = Text(store, "name"),
                                 .meaning = Text(store, "meaning"),
                                 .directory = Text(store, "directory"),
                                 .partitions = store.at("partitions").to_number<int32_t>(),
                                 .changelog = store.at("changelog").as_bool(),
                                 .window_size = Millis(store, "window_size_ms"),
                                 .retention = Millis(store, "retention_ms")});
  }
  for (const json::value& topic : root.at("repartitions").as_array()) {
    deployment.repartitions.push_back(
        {.name = Text(topic, "name"), .partitions = topic.at("partitions").to_number<int32_t>()});
  }
  return deployment;
}

}  // namespace

namespace {

// A join keeps records as they are, whatever its window.
std::optional<Duration> WindowSizeOf(const detail::StoreSpec& spec) {
  const bool has_size = spec.kind == detail::StoreKind::kWindow && !spec.retain_duplicates;
  return has_size ? std::optional<Duration>(spec.window_size) : std::nullopt;
}
std::optional<Duration> RetentionOf(const detail::StoreSpec& spec) {
  switch (spec.kind) {
    case detail::StoreKind::kWindow:
    case detail::StoreKind::kSession:
    case detail::StoreKind::kVersioned:
      return spec.retention;
    case detail::StoreKind::kKeyValue:
    case detail::StoreKind::kCustom:
      break;
  }
  return std::nullopt;
}

}  // namespace

std::string TaskDirectory(const std::string& state_directory,
                          const detail::SubtopologySpec& subtopology, PartitionId partition) {
  return absl::StrCat(state_directory, "/", subtopology.stores.front(), "-", partition.value());
}

Deployment DeploymentOf(const detail::TopologyData& data,
                        const std::vector<int32_t>& partitions_of_subtopology,
                        const std::vector<int32_t>& repartition_partitions) {
  Deployment deployment{.topology = data.name, .stores = {}, .repartitions = {}};
  for (size_t i = 0; i < data.subtopologies.size(); ++i) {
    if (data.subtopologies[i].global) continue;  // read again from its topic, nothing can be lost
    for (const std::string& name : data.subtopologies[i].stores) {
      const detail::StoreSpec& spec = *data.FindStore(name);
      deployment.stores.push_back({.name = name,
                                   .meaning = store::LayoutOf(spec).meaning,
                                   .directory = data.subtopologies[i].stores.front(),
                                   .partitions = partitions_of_subtopology[i],
                                   .changelog = spec.IsRestorable(),
                                   .window_size = WindowSizeOf(spec),
                                   .retention = RetentionOf(spec)});
    }
  }
  for (size_t i = 0; i < data.repartitions.size(); ++i) {
    deployment.repartitions.push_back({data.repartitions[i].name, repartition_partitions[i]});
  }
  return deployment;
}

std::string EncodeDeployment(const Deployment& deployment) {
  return json::serialize(ToJson(deployment));
}

absl::StatusOr<Deployment> DecodeDeployment(std::string_view text) {
  boost::system::error_code error;
  const json::value root = json::parse({text.data(), text.size()}, error);
  if (error) return absl::DataLossError("the record of the deployed topology is no JSON document");
  try {
    if (root.at("format").to_number<int>() > kFormatVersion) {
      return absl::DataLossError("a newer version of millrace deployed the topology");
    }
    return FromJson(root);
  } catch (const std::exception&) {
    return absl::DataLossError("the record of the deployed topology lacks a field");
  }
}

DeploymentDiff CompareDeployments(const Deployment& deployed, const Deployment& wanted) {
  DeploymentDiff diff;
  for (const DeployedStore& store : wanted.stores) {
    diff.changes.push_back(CompareStore(FindByName(deployed.stores, store.name), store));
  }
  for (const DeployedRepartition& topic : wanted.repartitions) {
    diff.changes.push_back(
        CompareRepartition(FindByName(deployed.repartitions, topic.name), topic));
  }
  for (const DeployedStore& store : deployed.stores) {
    if (FindByName(wanted.stores, store.name) != nullptr) continue;
    diff.changes.push_back(
        {Fate::kLost, Kind::kStore, store.name, "the topology has no store of that name any more"});
  }
  for (const DeployedRepartition& topic : deployed.repartitions) {
    if (FindByName(wanted.repartitions, topic.name) != nullptr) continue;
    diff.changes.push_back({Fate::kLost, Kind::kRepartition, topic.name,
                            "records that wait in it would never be read"});
  }
  return diff;
}

bool DeploymentDiff::Has(Fate fate) const {
  return std::any_of(changes.begin(), changes.end(),
                     [fate](const StateChange& change) { return change.fate == fate; });
}

std::string DeploymentDiff::ToText() const {
  std::string text;
  for (const StateChange& change : changes) {
    absl::StrAppend(&text, absl::StrFormat("%-13s", AbslView(FateName(change.fate))),
                    change.kind == Kind::kStore ? "store " : "repartition topic ", change.name,
                    change.why.empty() ? "" : ": ", change.why, "\n");
  }
  return text;
}

std::string_view FateName(Fate fate) {
  switch (fate) {
    case Fate::kNew:
      return "new";
    case Fate::kKept:
      return "kept";
    case Fate::kMoved:
      return "moved";
    case Fate::kLost:
      return "lost";
    case Fate::kIncompatible:
      return "incompatible";
  }
  return "";
}

}  // namespace millrace
