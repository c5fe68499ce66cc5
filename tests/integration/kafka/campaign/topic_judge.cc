#include "integration/kafka/campaign/topic_judge.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "integration/kafka/campaign/topology.h"

namespace millrace::campaign {
namespace {

bool ParseNumber(std::string_view text, auto* number) {
  return absl::SimpleAtoi(AbslView(text), number);
}

std::optional<Provenance> ParseProvenance(std::string_view text) {
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  Provenance from;
  if (!ParseNumber(text.substr(0, dash), &from.partition)) return std::nullopt;
  if (!ParseNumber(text.substr(dash + 1), &from.offset)) return std::nullopt;
  return from;
}

}  // namespace

Output OutputOf(int32_t partition, const RecordView& record) {
  Output output;
  output.partition = partition;
  output.offset = record.offset.value();
  output.key = record.key.value_or("");
  output.value = record.value.value_or("");
  output.timestamp = record.timestamp;
  Headers headers;
  if (!DecodeHeaders(record.headers, &headers).ok()) return output;
  if (const Headers::Entry* from = headers.Last(kFrom)) {
    output.from = ParseProvenance(from->value.value_or(""));
  }
  if (const Headers::Entry* writer = headers.Last(kWriter)) {
    if (!ParseNumber(writer->value.value_or(""), &output.writer)) output.writer = -1;
  }
  return output;
}

TopicJudge::TopicJudge(std::string topic, const Inputs* inputs, Violations* violations)
    : topic_(std::move(topic)), inputs_(inputs), violations_(violations) {
  for (int32_t p = 0; p < inputs->partitions(); ++p) {
    seen_.emplace_back(inputs->partition(p).size(), false);
  }
}

void TopicJudge::Violated(const std::string& invariant, const Output& output,
                          const std::string& what) {
  std::string from = "?";
  if (output.from.has_value()) {
    from = absl::StrCat(output.from->partition, "-", output.from->offset);
  }
  violations_->Add(invariant, absl::StrCat(topic_, "-", output.partition, " offset ", output.offset,
                                           " (from ", from, "): ", what));
}

void TopicJudge::Add(const Output& output) {
  ++records_;
  CheckWriter(output);
  if (!output.from.has_value()) return Violated("I1", output, "it does not say where it is from");
  const int64_t index = inputs_->IndexOf(*output.from);
  if (index < 0) return Violated("I1", output, "no such input was committed");
  const auto partition = static_cast<size_t>(output.from->partition);
  if (seen_[partition][static_cast<size_t>(index)]) {
    return Violated("I1", output, "its input had an output before");
  }
  seen_[partition][static_cast<size_t>(index)] = true;
  CheckOrder(output, *output.from);
  CheckContent(output, inputs_->partition(output.from->partition)[static_cast<size_t>(index)]);
}

void TopicJudge::CheckWriter(const Output& output) {
  const auto [it, first] = writers_.try_emplace(output.partition, output.writer);
  if (output.writer < 0) return Violated("I8", output, "it does not say who wrote it");
  if (output.writer < it->second) {
    return Violated("I8", output, "written by a task whose successor had written before");
  }
  if (!first && output.writer > it->second) ++writer_changes_;
  it->second = output.writer;
}

void TopicJudge::CheckOrder(const Output& output, const Provenance& from) {
  const auto [it, first] = last_.try_emplace({output.partition, from.partition}, from.offset);
  if (!first && from.offset < it->second) {
    return Violated("I3", output, absl::StrCat("it comes after the one from offset ", it->second));
  }
  it->second = from.offset;
}

void TopicJudge::Finish() {
  for (size_t p = 0; p < seen_.size(); ++p) {
    for (size_t i = 0; i < seen_[p].size(); ++i) {
      if (seen_[p][i]) continue;
      const Input& input = inputs_->partition(static_cast<int32_t>(p))[i];
      violations_->Add(
          "I1", absl::StrCat(topic_, ": the input ", p, "-", input.offset, " has no output"));
    }
  }
}

}  // namespace millrace::campaign
