#include "integration/kafka/campaign/seen.h"

#include <array>
#include <bit>

#include "absl/strings/str_cat.h"
#include "base/checksum.h"
#include "integration/kafka/campaign/topology.h"

namespace millrace::campaign {
namespace {

static_assert(std::endian::native == std::endian::little);
using Line = std::array<uint64_t, 4>;

}  // namespace

SeenRecord SeenOf(const RecordView& record) {
  uint64_t hash = Checksum64(record.headers, static_cast<uint64_t>(ToMillis(record.timestamp)));
  hash = Checksum64(record.key.value_or(""), hash + (record.key.has_value() ? 1 : 0));
  hash = Checksum64(record.value.value_or(""), hash + (record.value.has_value() ? 1 : 0));
  return {record.offset.value(), hash};
}

absl::StatusOr<SeenWriter> SeenWriter::Open(const std::string& file) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  if (!out) return absl::UnavailableError(absl::StrCat("cannot make ", file));
  return SeenWriter(std::move(out));
}

void SeenWriter::Add(int64_t topic, int32_t partition, const RecordView& record) {
  const SeenRecord seen = SeenOf(record);
  const Line line = {static_cast<uint64_t>(topic), static_cast<uint64_t>(partition),
                     static_cast<uint64_t>(seen.offset), seen.hash};
  out_.write(reinterpret_cast<const char*>(line.data()), sizeof(line));
}

absl::Status SeenWriter::Flush() {
  out_.flush();
  return out_ ? absl::OkStatus() : absl::UnavailableError("what was seen cannot be written");
}

absl::Status SeenCheck::Load(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat("cannot read ", file));
  Line line;
  while (in.read(reinterpret_cast<char*>(line.data()), sizeof(line))) {
    if (line[0] >= std::size(kOutputs)) return absl::DataLossError(file);
    AddSeen({kOutputs[line[0]], PartitionId(static_cast<int32_t>(line[1]))},
            {static_cast<int64_t>(line[2]), line[3]});
  }
  return in.gcount() == 0 ? absl::OkStatus() : absl::DataLossError(file);
}

void SeenCheck::Violated(const TopicPartition& partition, int64_t offset, const std::string& what) {
  violations_->Add("I15", absl::StrCat(partition.ToString(), " offset ", offset, ": ", what));
}

void SeenCheck::AddSeen(const TopicPartition& partition, const SeenRecord& record) {
  ++records_;
  std::vector<SeenRecord>& seen = partitions_[partition].seen;
  if (!seen.empty() && record.offset <= seen.back().offset) {
    return Violated(partition, record.offset, "the reader saw it after later ones");
  }
  seen.push_back(record);
}

void SeenCheck::AddFinal(const TopicPartition& partition, const SeenRecord& record) {
  Partition& at = partitions_[partition];
  while (at.next < at.seen.size() && at.seen[at.next].offset < record.offset) {
    Violated(partition, at.seen[at.next++].offset, "the reader saw it, and it is not there");
  }
  if (at.next == at.seen.size()) return;  // written after the reader had stopped
  if (at.seen[at.next].offset > record.offset) {
    return Violated(partition, record.offset, "the reader went past it and did not see it");
  }
  if (at.seen[at.next++] != record)
    Violated(partition, record.offset, "the reader saw another one");
}

void SeenCheck::Finish() {
  for (auto& [partition, at] : partitions_) {
    while (at.next < at.seen.size()) {
      Violated(partition, at.seen[at.next++].offset, "the reader saw it, and it is not there");
    }
  }
}

}  // namespace millrace::campaign
