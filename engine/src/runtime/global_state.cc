#include "runtime/global_state.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "millrace/status.h"

namespace millrace {

GlobalState::GlobalState(Topology topology, GlobalEnvironment env)
    : topology_(std::move(topology)), env_(std::move(env)) {
  env_.data = &topology_.data();
  const auto& subtopologies = env_.data->subtopologies;
  for (size_t i = 0; i < subtopologies.size(); ++i) {
    if (!subtopologies[i].global) continue;
    tasks_.push_back(std::make_unique<GlobalTask>(static_cast<int32_t>(i), &env_));
  }
}

GlobalState::~GlobalState() = default;

absl::Status GlobalState::Start() {
  MR_ASSIGN_OR_RETURN(reader_, env_.log->NewReader());
  env_.reader = reader_.get();
  for (const auto& task : tasks_) MR_RETURN_IF_ERROR(task->Open());
  return absl::OkStatus();
}

absl::StatusOr<int> GlobalState::Step(int max_records) {
  int done = 0;
  for (const auto& task : tasks_) {
    MR_ASSIGN_OR_RETURN(const int taken, task->Step(max_records));
    done += taken;
  }
  return done;
}

absl::Status GlobalState::Stop() {
  absl::Status status;
  for (const auto& task : tasks_) status.Update(task->Flush());
  return status;
}

void GlobalState::WaitForWork(Duration longest) { reader_->Wait(longest); }

void GlobalState::Wake() {
  if (reader_ != nullptr) reader_->Wake();
}

bool GlobalState::ready() const {
  return std::all_of(tasks_.begin(), tasks_.end(), [](const auto& task) { return task->ready(); });
}

absl::StatusOr<bool> GlobalState::CaughtUp() {
  for (const auto& task : tasks_) {
    MR_ASSIGN_OR_RETURN(const bool caught_up, task->CaughtUp());
    if (!caught_up) return false;
  }
  return true;
}

absl::Status GlobalState::health() {
  absl::Status status;
  for (const auto& task : tasks_) status.Update(task->health());
  return status;
}

std::unique_ptr<GlobalStoreView> GlobalState::NewView(std::string_view store) {
  for (const auto& task : tasks_) {
    if (task->store() == store) return task->NewView();
  }
  MR_CHECK(false, "there is no global store '" + std::string(store) + "'");
  return nullptr;
}

}  // namespace millrace
