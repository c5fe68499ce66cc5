// Aggregations of grouped streams without windows, of one stream or several.
#include "dsl/aggregations.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dsl/flow.h"
#include "dsl/tables.h"

namespace millrace::detail {

void RepartitionOnce(GroupedNode* grouped, const std::string& step) {
  grouped->stream = RepartitionIfNeeded(
      grouped->stream, {.name = grouped->repartition.empty() ? step : grouped->repartition,
                        .key = grouped->key,
                        .value = grouped->value});
}

TableHandle AddFold(GroupedNode* grouped, const FoldStep& step, Aggregation fold) {
  RepartitionOnce(grouped, step.name);
  const std::shared_ptr<Flow>& flow = grouped->stream.flow;
  const NodeId node = AddNode(grouped->stream, step.name,
                              step.make(std::move(fold), LateSinkName(step.name, step.late)));
  for (const StoreSpec& store : step.stores) {
    flow->graph().ConnectStore(node, store.name);
    flow->graph().AddStore(store);
  }
  AddLateSink(flow, node, step.late);
  return {flow, node, step.table};
}

TableHandle AddFolds(const std::vector<Cogrouped>& members, const FoldStep& step) {
  const std::shared_ptr<Flow>& flow = members.front().group->stream.flow;
  NodeSpec merge;
  merge.name = step.name;
  merge.factory = MakePassThrough();
  merge.passes_on = true;
  for (size_t i = 0; i < members.size(); ++i) {
    GroupedNode* grouped = members[i].group.get();
    const std::string name = absl::StrCat(step.name, "-", i + 1);
    if (FromTwoBuilders(flow, grouped->stream.flow, "Cogroup")) continue;
    RepartitionOnce(grouped, name);
    const LateTopic& late = members[i].late;
    if (!late.topic.empty() && !step.has_windows) {
      flow->graph().AddError(absl::StrCat("Cogroup \"", step.name, "\" sends late records to \"",
                                          late.topic, "\", but has no windows; add Window(…)"));
    }
    merge.parents.push_back(
        AddNode(grouped->stream, name, step.make(members[i].fold, LateSinkName(name, late))));
    AddLateSink(flow, merge.parents.back(), late);
    for (const StoreSpec& store : step.stores) {
      flow->graph().ConnectStore(merge.parents.back(), store.name);
    }
  }
  for (const StoreSpec& store : step.stores) flow->graph().AddStore(store);
  flow->graph().RequireCopartition(merge.parents, absl::StrCat("step \"", step.name, "\""));
  return {flow, flow->graph().AddProcessor(std::move(merge)), step.table};
}

namespace {

FoldStep PlainStep(StoreSpec store) {
  auto table = std::make_shared<TableNode>();
  KeepIn(store, table.get());
  const auto make = [table](Aggregation fold, const std::string&) {
    return MakeAggregate(std::move(fold), table);
  };
  return {.name = store.name,
          .stores = {std::move(store)},
          .table = table,
          .make = make,
          .late = {},
          .has_windows = false};
}

}  // namespace

TableHandle AddAggregate(GroupedNode* grouped, StoreSpec store, Aggregation aggregation) {
  return AddFold(grouped, PlainStep(std::move(store)), std::move(aggregation));
}

TableHandle AddCogroup(const std::vector<Cogrouped>& members, StoreSpec store) {
  return AddFolds(members, PlainStep(std::move(store)));
}

}  // namespace millrace::detail
