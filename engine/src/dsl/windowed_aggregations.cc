// Aggregations of grouped streams per window or session.
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dsl/aggregations.h"
#include "dsl/flow.h"
#include "processor/emitted_time.h"

namespace millrace::detail {

namespace {

// A thousand years: the rows of unlimited windows are never too old.
constexpr Duration kUnlimited = std::chrono::hours(24) * 365 * 1000;

// What follows from the windows.
struct WindowPlan {
  Duration size{0};
  Duration least_retention{0};
  Duration closes_after{0};  // after its end
};

// Checks the windows of a step, and says what follows from them.
class WindowPlanner {
 public:
  WindowPlanner(const std::string& step, GraphBuilder* graph) : step_(step), graph_(graph) {}

  WindowPlan operator()(const TimeWindows& windows) const {
    if (windows.only_start.has_value()) {
      if (*windows.only_start < TimestampFromMillis(0)) {
        Refuse("a start", windows.only_start->time_since_epoch(), "it cannot be before the epoch");
      }
      return {.least_retention = kUnlimited};
    }
    if (windows.size <= Duration(0)) {
      Refuse("a size", windows.size, "give them a positive one");
    } else if (windows.advance <= Duration(0) || windows.advance > windows.size) {
      Refuse("an advance", windows.advance, "it must be positive and not above their size");
    }
    CheckGrace(windows.grace);
    return {windows.size, windows.size + windows.grace, windows.grace};
  }
  WindowPlan operator()(const SlidingWindows& windows) const {
    if (windows.difference < Duration(0)) {
      Refuse("a difference", windows.difference, "it cannot be negative");
    }
    CheckGrace(windows.grace);
    return {windows.difference, 2 * windows.difference + windows.grace, windows.grace};
  }
  WindowPlan operator()(const SessionWindows& windows) const {
    if (windows.gap <= Duration(0)) Refuse("a gap", windows.gap, "give them a positive one");
    CheckGrace(windows.grace);
    return {Duration(0), windows.gap + windows.grace, windows.gap + windows.grace};
  }

 private:
  void CheckGrace(Duration grace) const {
    if (grace < Duration(0)) Refuse("a grace", grace, "it cannot be negative");
  }
  void Refuse(const char* what, Duration value, const char* remedy) const {
    graph_->AddError(absl::StrCat("step \"", step_, "\" has windows with ", what, " of ",
                                  value.count(), " ms; ", remedy));
  }

  const std::string& step_;
  GraphBuilder* graph_;
};

// Rows that late records may still change must be kept.
void CheckRetention(const std::string& step, Duration least, Duration retention,
                    GraphBuilder* graph) {
  if (retention >= least) return;
  graph->AddError(absl::StrCat("store \"", step, "\" keeps windows for ", retention.count(),
                               " ms, less than their size and grace, ", least.count(),
                               " ms; raise its retention"));
}

ProcessorFactory MakeFold(WindowFold fold, const TimeWindows& windows) {
  return MakeWindowedAggregate(std::move(fold), windows);
}
ProcessorFactory MakeFold(WindowFold fold, const SlidingWindows& windows) {
  return MakeSlidingAggregate(std::move(fold), windows);
}
ProcessorFactory MakeFold(WindowFold fold, const SessionWindows& windows) {
  return MakeSessionAggregate(std::move(fold), windows);
}

FoldStep WindowedStep(WindowedAggregate step, GraphBuilder* graph) {
  const std::string name = step.store.name;
  const WindowPlan plan = std::visit(WindowPlanner(name, graph), step.windows);
  const bool sessions = std::holds_alternative<SessionWindows>(step.windows);
  step.store.kind = sessions ? StoreKind::kSession : StoreKind::kWindow;
  step.store.window_size = plan.size;
  step.store.retention = step.retention.value_or(plan.least_retention);
  step.store.time_ordered = step.emit_on_close;
  CheckRetention(name, plan.least_retention, step.store.retention, graph);
  auto table = std::make_shared<TableNode>();
  table->store = name;
  table->getter =
      sessions ? SessionStoreGetter(name, step.windowed) : WindowStoreGetter(name, step.windowed);
  table->getter_stores = {name};
  table->windowed = step.windowed;
  table->closes_after = plan.closes_after;

  FoldStep made{
      .name = name, .stores = {step.store}, .table = table, .make = nullptr, .late = step.late};
  WindowFold fold{.windowed = step.windowed, .self = table};
  if (step.emit_on_close) {
    fold.emitted_store = absl::StrCat(name, "-emitted");
    fold.emit_before_update = !step.kafka_streams_rules;
    made.stores.push_back(
        EmittedTimeSpec(fold.emitted_store, step.store.backend, step.store.changelog));
  }
  made.make = [fold, windows = step.windows](Aggregation aggregation, std::string late) {
    WindowFold own = fold;
    own.late = std::move(late);
    own.aggregation = std::move(aggregation);
    return std::visit([&](const auto& w) { return MakeFold(std::move(own), w); }, windows);
  };
  return made;
}

}  // namespace

TableHandle AddWindowedAggregate(GroupedNode* grouped, WindowedAggregate step) {
  Aggregation fold = std::move(step.fold);
  const FoldStep windowed = WindowedStep(std::move(step), &grouped->stream.flow->graph());
  return AddFold(grouped, windowed, std::move(fold));
}

TableHandle AddWindowedCogroup(const std::vector<Cogrouped>& members, WindowedAggregate step) {
  GraphBuilder& graph = members.front().group->stream.flow->graph();
  return AddFolds(members, WindowedStep(std::move(step), &graph));
}

}  // namespace millrace::detail
