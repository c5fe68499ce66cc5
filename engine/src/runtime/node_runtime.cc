#include "runtime/node_runtime.h"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "millrace/detail/poison.h"
#include "millrace/status.h"

namespace millrace {

NodeRuntime::NodeRuntime(int index, const detail::NodeSpec* spec, TaskServices* task,
                         std::unique_ptr<detail::ErasedProcessor> processor)
    : index_(index), spec_(spec), task_(task), processor_(std::move(processor)) {}

template <class F>
void NodeRuntime::Guarded(F&& body) {
  try {
    body();
  } catch (const std::bad_alloc&) {
    // Not the record's fault; a dead letter would lose it for no reason.
    MR_CHECK(false, "out of memory");
  } catch (const std::exception& error) {
    task_->ReportPoison(*this, detail::PoisonClassOf(error), error.what());
  } catch (...) {
    task_->ReportPoison(*this, PoisonClass::kProcessing,
                        "something that is not a std::exception was thrown");
  }
}

void NodeRuntime::Run(const detail::ErasedRecord& record) {
  Guarded([&] { processor_->Process(record); });
}

void NodeRuntime::RunPunctuation(const std::function<void(Timestamp)>& callback, Timestamp now) {
  Guarded([&] { callback(now); });
}

void NodeRuntime::RunFor(const detail::HeldRecord& held, absl::FunctionRef<void()> body) {
  // What it sets free may set others free.
  const detail::HeldRecord* outer = task_->SetHeldRecord(&held);
  Guarded(body);
  task_->SetHeldRecord(outer);
}

void NodeRuntime::OnCommit() {
  if (processor_ != nullptr) Guarded([&] { processor_->OnCommit(); });
}

bool NodeRuntime::OnIdle(Timestamp stream_time) {
  bool forwarded = false;
  if (processor_ != nullptr) Guarded([&] { forwarded = processor_->OnIdle(stream_time); });
  return forwarded;
}

void NodeRuntime::ForwardTo(std::string_view child, const detail::ErasedRecord& record) {
  for (const auto* group : {&children_, &side_children_}) {
    for (NodeRuntime* candidate : *group) {
      if (candidate->spec_->name == child) return candidate->Run(record);
    }
  }
  MR_CHECK(false, "step '" + spec_->name + "' forwards to '" + std::string(child) +
                      "', which is not one of its children");
}

detail::ErasedStore* NodeRuntime::GetStore(std::string_view name) {
  const auto lists = [name](const std::vector<std::string>& stores) {
    return std::find(stores.begin(), stores.end(), name) != stores.end();
  };
  MR_CHECK(lists(spec_->stores) || lists(spec_->global_stores),
           "step '" + spec_->name + "' asks for store '" + std::string(name) +
               "', to which it is not connected; name it in the step's list of stores");
  return task_->FindStore(name);
}

std::shared_ptr<detail::PunctuationHandle> NodeRuntime::Schedule(
    Duration interval, PunctuationType type, std::optional<Timestamp> start,
    std::function<void(Timestamp)> callback) {
  return task_->Schedule(index_, interval, type, start, std::move(callback));
}

}  // namespace millrace
