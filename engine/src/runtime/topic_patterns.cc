#include "runtime/topic_patterns.h"

#include <algorithm>
#include <map>
#include <memory>
#include <regex>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "millrace/detail/topology_data.h"
#include "millrace/status.h"

namespace millrace {
namespace {

using detail::TopicRef;
using detail::TopologyData;

constexpr char kDeadLetterSuffix[] = "-dlq";

class Resolver {
 public:
  Resolver(TopologyData* data, const std::string& application,
           const std::vector<std::string>& topics)
      : data_(data), application_(application), topics_(topics) {}

  absl::Status Resolve() {
    for (const detail::NodeSpec& node : data_->nodes) {
      for (const TopicRef& topic : node.topics) {
        if (topic.pattern) {
          MR_RETURN_IF_ERROR(Match(topic.name));
        } else if (!topic.internal && !node.global) {
          MR_RETURN_IF_ERROR(Take(topic.name, topic.name));
        }
      }
    }
    for (detail::NodeSpec& node : data_->nodes) Replace(&node.topics);
    for (detail::SubtopologySpec& sub : data_->subtopologies) Replace(&sub.source_topics);
    for (detail::CopartitionGroup& group : data_->copartitions) Replace(&group.topics);
    return absl::OkStatus();
  }

 private:
  absl::Status Match(const std::string& pattern) {
    const std::regex regex(pattern);  // Build() has tried it
    std::vector<TopicRef>& matches = matches_[pattern];
    for (const std::string& topic : topics_) {
      if (!std::regex_match(topic, regex) || IsOwn(topic, regex)) continue;
      MR_RETURN_IF_ERROR(Take(topic, pattern));
      matches.push_back({topic, /*internal=*/false});
    }
    if (!matches.empty()) return absl::OkStatus();
    return absl::NotFoundError(absl::StrCat("topology '", data_->name, "': no topic matches '",
                                            pattern, "'; create one before the start"));
  }

  // What the application, the engine or the log has made.
  bool IsOwn(const std::string& topic, const std::regex& regex) const {
    if (absl::StartsWith(topic, "__") || topic == data_->errors.topic()) return true;
    if (absl::EndsWith(topic, kDeadLetterSuffix)) {
      const std::string source = topic.substr(0, topic.size() - sizeof(kDeadLetterSuffix) + 1);
      const bool exists = std::find(topics_.begin(), topics_.end(), source) != topics_.end();
      if (exists && std::regex_match(source, regex)) return true;
    }
    return absl::StartsWith(topic, application_ + "-") &&
           (absl::EndsWith(topic, "-changelog") || absl::EndsWith(topic, "-repartition"));
  }

  absl::Status Take(const std::string& topic, const std::string& reader) {
    const auto [it, added] = reader_.try_emplace(topic, reader);
    if (added || it->second == reader) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat("topology '", data_->name, "': topic ", topic,
                                                      " is read by '", it->second, "' and by '",
                                                      reader, "'; narrow the pattern"));
  }

  void Replace(std::vector<TopicRef>* topics) const {
    std::vector<TopicRef> replaced;
    for (TopicRef& topic : *topics) {
      if (!topic.pattern) {
        replaced.push_back(std::move(topic));
        continue;
      }
      const std::vector<TopicRef>& matches = matches_.at(topic.name);
      replaced.insert(replaced.end(), matches.begin(), matches.end());
    }
    *topics = std::move(replaced);
  }

  TopologyData* const data_;
  const std::string& application_;
  const std::vector<std::string>& topics_;
  std::map<std::string, std::vector<TopicRef>> matches_;
  std::map<std::string, std::string> reader_;  // of a topic: its name, or a pattern
};

}  // namespace

bool HasPatterns(const TopologyData& data) {
  return std::any_of(data.nodes.begin(), data.nodes.end(), [](const detail::NodeSpec& node) {
    return std::any_of(node.topics.begin(), node.topics.end(),
                       [](const TopicRef& topic) { return topic.pattern; });
  });
}

absl::StatusOr<Topology> ResolvePatterns(const Topology& topology, const std::string& application,
                                         const std::vector<std::string>& topics) {
  if (!HasPatterns(topology.data())) return topology;
  auto data = std::make_shared<TopologyData>(topology.data());
  MR_RETURN_IF_ERROR(Resolver(data.get(), application, topics).Resolve());
  return Topology(std::move(data));
}

}  // namespace millrace
