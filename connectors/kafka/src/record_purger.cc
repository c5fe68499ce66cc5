#include "connectors/kafka/src/record_purger.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "connectors/kafka/src/admin_call.h"
#include "connectors/kafka/src/errors.h"

namespace millrace::kafka {
namespace {

using RdDeleteRecords = RdPtr<rd_kafka_DeleteRecords_t, rd_kafka_DeleteRecords_destroy>;

bool IsRepartitionTopic(const std::string& group, const std::string& topic) {
  return topic.starts_with(group + "-") && topic.ends_with("-repartition");
}

}  // namespace

RecordPurger::RecordPurger(Cluster* cluster)
    : cluster_(cluster),
      interval_(cluster->settings().options.purge_interval),
      last_sent_(Clock::System()->Monotonic()),
      answers_(rd_kafka_queue_new(cluster->client().get())) {}

void RecordPurger::Committed(const std::string& group, const GroupOffsets& consumed) {
  if (interval_ <= Duration(0)) return;
  std::lock_guard lock(mutex_);
  for (const auto& [partition, committed] : consumed) {
    if (!IsRepartitionTopic(group, partition.topic)) continue;
    Offset& known = consumed_[partition];
    known = std::max(known, committed.next);
  }
  const std::chrono::nanoseconds now = Clock::System()->Monotonic();
  if (consumed_.empty() || now - last_sent_ < interval_) return;
  last_sent_ = now;
  LookAtAnswers();
  Send();
}

void RecordPurger::Send() {
  const RdPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(consumed_.size())));
  for (const auto& [partition, offset] : consumed_) {
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(),
                                      partition.partition.value())
        ->offset = offset.value();
  }
  consumed_.clear();
  const RdDeleteRecords wanted(rd_kafka_DeleteRecords_new(list.get()));
  rd_kafka_DeleteRecords_t* all[] = {wanted.get()};
  rd_kafka_DeleteRecords(cluster_->client().get(), all, 1, nullptr, answers_.get());
}

// What could not be deleted is deleted with the next request, which reaches further.
void RecordPurger::LookAtAnswers() {
  const OnWarning& warn = cluster_->settings().options.on_warning;
  while (true) {
    const RdEvent event(rd_kafka_queue_poll(answers_.get(), 0));
    if (event == nullptr) return;
    const rd_kafka_resp_err_t code = rd_kafka_event_error(event.get());
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || !warn) continue;
    warn(std::string(ToStatus(code, {"purge repartition topics", "DELETE on them"}).message()));
  }
}

}  // namespace millrace::kafka
