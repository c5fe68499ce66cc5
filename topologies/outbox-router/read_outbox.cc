#include "topologies/outbox-router/read_outbox.h"

#include <variant>

namespace millrace::topologies {

using debezium::Op;

void ReadOutbox::Init(Context& context) {
  const MetricLabels labels = {{"topology", context.application_id()},
                               {"task", context.task().ToString()}};
  ids_ = context.WindowedStore<std::string, int32_t>(kStore);
  erased_.Open(context.Store<int64_t, int64_t>(kErased), context.application_id());
  ignored_ = context.metrics()->counter("outbox_ignored_total", labels);
  repeated_ = context.metrics()->counter("outbox_repeated_total", labels);
  erased_late_ = context.metrics()->counter("erased_late_total", labels);
  clock_.Open(context);
}

void ReadOutbox::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  const bool is_new = record.value != nullptr &&
                      (record.value->op == Op::kCreate || record.value->op == Op::kSnapshot);
  if (!is_new) return ignored_->Add();
  if (record.key == nullptr) {
    context.Refuse("an event without the key of its aggregate", PoisonClass::kSchema);
  }
  const absl::Status status = ParseAnnouncement(*record.value->after, &out_);
  if (!status.ok()) {
    context.Refuse(std::string(status.message()).c_str(), PoisonClass::kSchema);
  }
  Check(record.timestamp, context);
  if (IsAboutErased()) return erased_late_->Add();
  // Not before: a dead letter that is sent again must not be taken for a repetition.
  if (IsRepeated(out_.id, record.timestamp)) return repeated_->Add();
  context.Forward(record.WithValue(&out_));
}

bool ReadOutbox::IsAboutErased() const {
  if (const auto* created = std::get_if<schemas::PostCreated>(&out_.event)) {
    return erased_.Contains(created->author);
  }
  if (const auto* updated = std::get_if<schemas::PostUpdated>(&out_.event)) {
    return erased_.Contains(updated->author);
  }
  const auto& followed = std::get<schemas::UserFollowed>(out_.event);
  return erased_.Contains(followed.follower) || erased_.Contains(followed.followee);
}

bool ReadOutbox::IsRepeated(const std::string& id, Timestamp arrived) {
  if (ids_.Fetch(id, arrived - kRemembered, arrived + kRemembered).Valid()) return true;
  ids_.Put(id, arrived, 1);
  return false;
}

void ReadOutbox::Check(Timestamp arrived, Context& context) {
  if (auto* created = std::get_if<schemas::PostCreated>(&out_.event)) {
    created->created_at = clock_.Believe(created->created_at, arrived, context);
    return;
  }
  if (auto* updated = std::get_if<schemas::PostUpdated>(&out_.event)) {
    updated->created_at = clock_.Believe(updated->created_at, arrived, context);
    return;
  }
  auto& followed = std::get<schemas::UserFollowed>(out_.event);
  if (followed.follower == followed.followee) {
    context.Refuse("a user follows themselves", PoisonClass::kPolicy);
  }
  followed.at = clock_.Believe(followed.at.value_or(arrived), arrived, context);
}

void RememberErased::Init(Context& context) {
  erased_.Open(context.Store<int64_t, int64_t>(ReadOutbox::kErased), context.application_id());
}

void RememberErased::Process(const Record<KeyIn, ValueIn>& record, Context&) {
  erased_.Add(record.value->user, record.value->erased_at);
}

}  // namespace millrace::topologies
