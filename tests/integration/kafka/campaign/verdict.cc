#include "integration/kafka/campaign/verdict.h"

#include <fstream>
#include <memory>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/json_text.h"
#include "integration/kafka/campaign/log_scan.h"
#include "integration/kafka/campaign/seen.h"
#include "integration/kafka/campaign/topic_judge.h"
#include "integration/kafka/campaign/topology.h"
#include "millrace/status.h"

namespace millrace::campaign {
namespace {

absl::StatusOr<Inputs> ReadInputs(Log* log) {
  MR_ASSIGN_OR_RETURN(const TopicDescription topic, log->DescribeTopic(kIn.name()));
  Inputs inputs(topic.config.partitions);
  absl::Status decoded;
  MR_RETURN_IF_ERROR(ScanTopic(kIn.name(), log, [&](int32_t partition, const RecordView& record) {
    Input input{.offset = record.offset.value(),
                .timestamp = record.timestamp,
                .key = std::string(record.key.value_or(""))};
    decoded.Update(Serde<int64_t>::Decode(record.value.value_or(""), &input.value));
    inputs.Add(partition, std::move(input));
  }));
  MR_RETURN_IF_ERROR(decoded);
  return inputs;
}

class Court {
 public:
  explicit Court(const Evidence& evidence) : evidence_(evidence) {}

  absl::StatusOr<Verdict> Run() {
    MR_ASSIGN_OR_RETURN(const Inputs inputs, ReadInputs(evidence_.committed));
    verdict_.inputs = inputs.size();
    MR_RETURN_IF_ERROR(JudgeOutputs(inputs));
    MR_RETURN_IF_ERROR(JudgePositions());
    MR_RETURN_IF_ERROR(JudgeRest());
    if (!evidence_.store_dumps.empty()) MR_RETURN_IF_ERROR(JudgeStores());
    return std::move(verdict_);
  }

 private:
  absl::Status JudgeOutputs(const Inputs& inputs) {
    SeenCheck seen(&verdict_.violations);
    for (const std::string& file : evidence_.seen_files) MR_RETURN_IF_ERROR(seen.Load(file));
    for (const auto& judge : JudgesOfAllTopics(&inputs, &verdict_.violations)) {
      const std::string& topic = judge->topic();
      MR_RETURN_IF_ERROR(
          ScanTopic(topic, evidence_.committed, [&](int32_t partition, const RecordView& record) {
            judge->Add(OutputOf(partition, record));
            if (!evidence_.seen_files.empty()) {
              seen.AddFinal({topic, PartitionId(partition)}, SeenOf(record));
            }
          }));
      judge->Finish();
      judge->AddRows(&rows_);
      verdict_.outputs[topic] = judge->records();
      verdict_.writer_changes[topic] = judge->writer_changes();
    }
    seen.Finish();
    verdict_.seen = seen.records();
    return absl::OkStatus();
  }

  // I5: nothing went back meanwhile, and all input was consumed to its very end.
  absl::Status JudgePositions() {
    for (const std::string& file : evidence_.regression_files) {
      std::ifstream in(file);
      if (!in) return absl::NotFoundError(absl::StrCat("cannot read ", file));
      for (std::string line; std::getline(in, line);) verdict_.violations.Add("I5", line);
    }
    MR_ASSIGN_OR_RETURN(const GroupOffsets offsets,
                        evidence_.committed->CommittedOffsets(evidence_.application));
    for (const std::string& topic :
         {kIn.name(), absl::StrCat(evidence_.application, "-by-group-repartition")}) {
      MR_ASSIGN_OR_RETURN(const TopicDescription description,
                          evidence_.committed->DescribeTopic(topic));
      for (size_t p = 0; p < description.partitions.size(); ++p) {
        const TopicPartition partition{topic, PartitionId(static_cast<int32_t>(p))};
        const auto it = offsets.find(partition);
        const int64_t next = it == offsets.end() ? -1 : it->second.next.value();
        const int64_t end = description.partitions[p].end.value();
        if (next == end || (next < 0 && end == 0)) continue;
        verdict_.violations.Add("I5", absl::StrCat(partition.ToString(), ": the group stands at ",
                                                   next, ", the topic ends at ", end));
      }
    }
    return absl::OkStatus();
  }

  // I4: what is not committed now never will be, so nothing may be open.
  absl::Status JudgeRest() {
    if (evidence_.uncommitted == nullptr) return absl::OkStatus();
    int64_t all = 0;
    int64_t committed = 0;
    for (const char* topic : kOutputs) {
      MR_ASSIGN_OR_RETURN(const TopicDescription lso, evidence_.committed->DescribeTopic(topic));
      MR_ASSIGN_OR_RETURN(const TopicDescription end, evidence_.uncommitted->DescribeTopic(topic));
      for (size_t p = 0; p < end.partitions.size(); ++p) {
        if (lso.partitions[p].end == end.partitions[p].end) continue;
        verdict_.violations.Add("I4", absl::StrCat(topic, "-", p, ": an open transaction from ",
                                                   lso.partitions[p].end.value(), " on, to ",
                                                   end.partitions[p].end.value()));
      }
      MR_RETURN_IF_ERROR(
          ScanTopic(topic, evidence_.uncommitted, [&](int32_t, const RecordView&) { ++all; }));
      committed += verdict_.outputs[topic];
    }
    verdict_.aborted = all - committed;
    return absl::OkStatus();
  }

  // I6. Each row is at one worker.
  absl::Status JudgeStores() {
    MR_RETURN_IF_ERROR(
        ScanTopic(kOwners.name(), evidence_.committed, [&](int32_t, const RecordView& record) {
          rows_["owner-of-key"][std::string(record.key.value_or(""))] =
              std::string(record.value.value_or(""));
        }));
    StoreRows dumped;
    for (const std::string& file : evidence_.store_dumps) {
      MR_RETURN_IF_ERROR(ReadDump(file, &dumped));
    }
    for (const auto& [store, want] : rows_) {
      const auto& got = dumped[store];
      verdict_.rows += static_cast<int64_t>(want.size());
      for (const auto& [key, value] : want) {
        const auto it = got.find(key);
        if (it == got.end()) {
          verdict_.violations.Add("I6", absl::StrCat(store, ": no row of ", Shown(key)));
        } else if (it->second != value) {
          verdict_.violations.Add("I6", absl::StrCat(store, ": another row of ", Shown(key)));
        }
      }
      if (got.size() > want.size()) {
        verdict_.violations.Add(
            "I6", absl::StrCat(store, ": ", got.size(), " rows instead of ", want.size()));
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadDump(const std::string& file, StoreRows* rows) {
    std::ifstream in(file);
    if (!in) return absl::NotFoundError(absl::StrCat("cannot read ", file));
    for (std::string line; std::getline(in, line);) {
      std::istringstream words(line);
      std::string store, key, value;
      words >> store >> key >> value;
      const auto [it, added] =
          (*rows)[store].emplace(absl::HexStringToBytes(key), absl::HexStringToBytes(value));
      if (!added) {
        verdict_.violations.Add(
            "I6", absl::StrCat(store, ": two workers have the row of ", Shown(it->first)));
      }
    }
    return absl::OkStatus();
  }

  static std::string Shown(const std::string& key) { return absl::CHexEscape(key); }

  const Evidence& evidence_;
  StoreRows rows_;
  Verdict verdict_;
};

void AppendCounts(const std::map<std::string, int64_t>& counts, std::string* out) {
  const char* comma = "{";
  for (const auto& [name, count] : counts) {
    absl::StrAppend(out, comma, "\"", name, "\":", count);
    comma = ",";
  }
  absl::StrAppend(out, counts.empty() ? "{}" : "}");
}

}  // namespace

absl::StatusOr<Verdict> Judge(const Evidence& evidence) { return Court(evidence).Run(); }

std::string ToJson(const Verdict& verdict) {
  std::string out = absl::StrCat("{\"verdict\":\"", verdict.violations.empty() ? "ok" : "violated",
                                 "\",\"inputs\":", verdict.inputs, ",\"outputs\":");
  AppendCounts(verdict.outputs, &out);
  out += ",\"writer_changes\":";
  AppendCounts(verdict.writer_changes, &out);
  absl::StrAppend(&out, ",\"seen\":", verdict.seen, ",\"rows\":", verdict.rows,
                  ",\"aborted\":", verdict.aborted, ",\"violations\":");
  AppendCounts(verdict.violations.counts(), &out);
  out += ",\"words\":[";
  const char* comma = "";
  for (const std::string& words : verdict.violations.words()) {
    out += comma;
    AppendJsonString(words, &out);
    comma = ",";
  }
  return out + "]}";
}

}  // namespace millrace::campaign
