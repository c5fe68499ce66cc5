// The operators under test: how a topology with one of them is built, and a naive model of what
// comes out, written from the operator's description alone.
#pragma once

#include <string>
#include <vector>

#include "property/harness.h"

namespace millrace::property {

struct Flow {
  std::string name;
  Build build;
  // What `out` must hold, in order; null: there is no such model.
  std::function<Results(const Events&)> model = nullptr;
  // The model is for events in the order of time only.
  bool model_in_order = false;
  // The rows that `out` must hold in the end; null: there is no such model.
  std::function<std::map<Text, Text>(const Events&)> table = nullptr;
  // What is late depends on the records of other keys of the partition.
  bool partition_time = true;
  // Updates of a key come from tasks that do not wait for each other: only the end is the same.
  bool order_of_key_varies = false;
};

// By family; see flows_*.cc.
std::vector<Flow> AggregationFlows();
std::vector<Flow> WindowFlows();
std::vector<Flow> TableFlows();
std::vector<Flow> JoinFlows();
std::vector<Flow> VersionedFlows();
std::vector<Flow> BeyondFlows();

std::vector<Flow> AllFlows();

// -- What the models share.
// Records that a source passes on: those with a time of 0 or more.
inline bool IsValid(const Event& event) { return event.time >= 0; }
inline Text TextOf(const std::optional<int>& number) {
  return number.has_value() ? std::to_string(*number) : "null";
}

}  // namespace millrace::property
