// What is particular to each output topic: which value an output must have.
#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "integration/kafka/campaign/topic_judge.h"
#include "integration/kafka/campaign/topology.h"

namespace millrace::campaign {
namespace {

template <class T>
std::optional<T> Decoded(std::string_view bytes) {
  T value;
  if (!Serde<T>::Decode(bytes, &value).ok()) return std::nullopt;
  return value;
}

template <class T>
std::string Encoded(const T& value) {
  std::string bytes;
  Serde<T>::Encode(value, &bytes);
  return bytes;
}

class EchoJudge : public TopicJudge {
 public:
  using TopicJudge::TopicJudge;
  void CheckContent(const Output& output, const Input& input) override {
    if (output.key != input.key || Decoded<int64_t>(output.value) != input.value ||
        output.timestamp != input.timestamp) {
      Violated("I2", output, "it is not what went in");
    }
  }
};

class FoldsJudge : public TopicJudge {
 public:
  using TopicJudge::TopicJudge;
  void CheckContent(const Output& output, const Input& input) override {
    if (output.key != GroupOf(input.key)) return Violated("I2", output, "it is of another group");
    const std::optional<Fold> got = Decoded<Fold>(output.value);
    if (!got.has_value()) return Violated("I2", output, "it is no fold");
    Fold& want = folds_[std::string(output.key)];
    want.Add(input.value);
    if (*got == want) return;
    Violated("I2", output,
             absl::StrCat("count ", got->count, " and sum ", got->sum, " instead of ", want.count,
                          " and ", want.sum, " (min, max or the order may differ, too)"));
    want = *got;  // one mistake is one violation
  }
  void AddRows(StoreRows* rows) const override {
    for (const auto& [group, fold] : folds_) (*rows)["fold-by-group"][group] = Encoded(fold);
  }

 private:
  std::map<std::string, Fold> folds_;
};

class WindowsJudge : public TopicJudge {
 public:
  using TopicJudge::TopicJudge;
  void CheckContent(const Output& output, const Input& input) override {
    const auto got_key = Decoded<Windowed<std::string>>(output.key);
    const std::optional<int64_t> got = Decoded<int64_t>(output.value);
    if (!got_key.has_value() || !got.has_value()) {
      return Violated("I2", output, "it is no count of a window");
    }
    const Timestamp start(input.timestamp.time_since_epoch() / kWindow * kWindow);
    if (got_key->key != input.key || got_key->start != start) {
      return Violated("I2", output, "it is of another key or window");
    }
    int64_t& want = counts_[{input.key, ToMillis(start)}];
    if (*got != ++want) {
      Violated("I2", output, absl::StrCat("count ", *got, " instead of ", want));
      want = *got;
    }
  }

 private:
  std::map<std::pair<std::string, int64_t>, int64_t> counts_;
};

// "owner-of-KEY:vVERSION:VALUE"; the versions of a key's owner never go back.
class JoinedJudge : public TopicJudge {
 public:
  using TopicJudge::TopicJudge;
  void CheckContent(const Output& output, const Input& input) override {
    const std::string owner = absl::StrCat("owner-of-", input.key, ":v");
    const std::string value = absl::StrCat(":", input.value);
    std::string_view rest = output.value;
    int64_t version = 0;
    if (output.key != input.key || !rest.starts_with(owner) || !rest.ends_with(value) ||
        rest.size() < owner.size() + value.size()) {
      return Violated("I2", output,
                      absl::StrCat("'", std::string(rest), "' is not its owner and value"));
    }
    rest.remove_prefix(owner.size());
    rest.remove_suffix(value.size());
    if (!absl::SimpleAtoi(AbslView(rest), &version))
      return Violated("I2", output, "no version of an owner");
    int64_t& last = versions_[input.key];
    if (version < last) {
      Violated("I2", output, absl::StrCat("the owner's version ", version, " after ", last));
    }
    last = std::max(last, version);
  }

 private:
  std::map<std::string, int64_t> versions_;
};

class IdsJudge : public TopicJudge {
 public:
  using TopicJudge::TopicJudge;
  void CheckContent(const Output& output, const Input& input) override {
    const std::optional<int64_t> got = Decoded<int64_t>(output.value);
    int64_t& want = next_[output.partition];
    if (output.key != input.key) return Violated("I2", output, "it has another key");
    if (got != want) {
      Violated("I2", output, absl::StrCat("id ", got.value_or(-1), " instead of ", want));
    }
    want = got.value_or(want) + 1;
  }
  void AddRows(StoreRows* rows) const override {
    for (const auto& [partition, next] : next_) {
      (*rows)["next-id"][Encoded(partition)] = Encoded(next);
    }
  }

 private:
  std::map<int32_t, int64_t> next_;
};

}  // namespace

std::vector<std::unique_ptr<TopicJudge>> JudgesOfAllTopics(const Inputs* inputs,
                                                           Violations* violations) {
  std::vector<std::unique_ptr<TopicJudge>> judges;
  judges.push_back(std::make_unique<EchoJudge>(kEcho.name(), inputs, violations));
  judges.push_back(std::make_unique<FoldsJudge>(kFolds.name(), inputs, violations));
  judges.push_back(std::make_unique<WindowsJudge>(kWindows.name(), inputs, violations));
  judges.push_back(std::make_unique<JoinedJudge>(kJoined.name(), inputs, violations));
  judges.push_back(std::make_unique<IdsJudge>(kIds.name(), inputs, violations));
  return judges;
}

}  // namespace millrace::campaign
