// Tables and stores that are whole in every engine.
#include <string>
#include <vector>

#include "conformance/catalogue.h"

namespace millrace::conformance {

namespace {

Text JoinRow(const Text* value, const Text* row) { return JoinText(value, row); }

GlobalTable<Text, Text> Global(TopologyBuilder& flow) {
  return flow.GlobalTableFrom(Topic<Text, Text>("table"), "global");
}

// Keeps the rates; null keys are skipped, null values delete.
struct KeepsRates : Processor<Text, Text, Text, Text> {
  void Init(Context& context) override { rates_ = context.Store<Text, Text>("rates"); }
  void Process(const Record<Text, Text>& record, Context&) override {
    if (record.key == nullptr) return;
    if (record.value == nullptr) {
      rates_.Delete(*record.key);
    } else {
      rates_.Put(*record.key, *record.value, record.timestamp);
    }
  }
  KeyValueStore<Text, Text> rates_;
};

struct Multiplies : Processor<Text, Text, Text, Text> {
  void Init(Context& context) override { rates_ = context.Store<Text, Text>("rates"); }
  void Process(const Record<Text, Text>& record, Context& context) override {
    const Text* rate = record.key == nullptr ? nullptr : rates_.Get(*record.key).value;
    const Text product = Str(record.value) + "*" + Str(rate);
    context.Forward(record.WithValue(&product));
  }
  KeyValueStore<Text, Text> rates_;
};

void StoreProcessor(TopologyBuilder& flow) {
  flow.AddGlobalStore<KeepsRates>(Store<Text, Text>("rates"), Topic<Text, Text>("rates"));
  flow.From(kIn).ProcessValues<Multiplies>("multiply", {"rates"}).To(kOut);
}

}  // namespace

std::vector<Entry> GlobalEntries() {
  return {
      {"global-inner",
       [](auto& flow) { flow.From(kIn).Join(Global(flow), Group, JoinRow).To(kOut); },
       {{"out"}},
       {{"global"}}},
      {"global-left",
       [](auto& flow) { flow.From(kIn).LeftJoin(Global(flow), Group, JoinRow).To(kOut); }},
      {"global-store-processor", StoreProcessor, {{"out"}}, {{"rates"}}},
  };
}

}  // namespace millrace::conformance
