#include "millrace/node_observer.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "millrace/detail/codec.h"
#include "millrace/detail/topology_data.h"

namespace millrace {
namespace {

using detail::ErasedContext;
using detail::ErasedProcessor;
using detail::ErasedRecord;
using detail::NodeSpec;
using detail::ValueToJson;

struct Types {
  const detail::Codec* key = nullptr;
  const detail::Codec* value = nullptr;
};

ObservedRecord AsText(const Types& types, const ErasedRecord& record) {
  return {ValueToJson(types.key, record.key), ValueToJson(types.value, record.value),
          ValueToJson(types.value, record.old_value), record.timestamp};
}

// What is known of a watched step. One for all of its tasks.
struct Watched {
  std::string name;
  Types in;
  Types out;
  std::map<std::string, Types, std::less<>> sinks;  // what goes into those below it, by their names
  bool from_source = false;
  NodeObserver* observer = nullptr;
};

// The context that a watched step sees: shows what it forwards, and passes everything on.
class WatchedContext : public ErasedContext {
 public:
  WatchedContext(const Watched* watched, ErasedContext* context)
      : watched_(watched), context_(context) {}

  void Forward(const ErasedRecord& record) override {
    Show(watched_->out, record);
    context_->Forward(record);
  }
  void ForwardTo(std::string_view child, const ErasedRecord& record) override {
    // A late record, say, is of other types than the results.
    const auto sink = watched_->sinks.find(child);
    Show(sink == watched_->sinks.end() ? watched_->out : sink->second, record);
    context_->ForwardTo(child, record);
  }
  detail::ErasedStore* GetStore(std::string_view name) override { return context_->GetStore(name); }
  std::shared_ptr<detail::PunctuationHandle> Schedule(
      Duration interval, PunctuationType type, std::optional<Timestamp> start,
      std::function<void(Timestamp)> callback) override {
    return context_->Schedule(interval, type, start,
                              [this, callback = std::move(callback)](Timestamp now) {
                                watched_->observer->OnPunctuation(task(), watched_->name, now);
                                callback(now);
                              });
  }
  Timestamp StreamTime() const override { return context_->StreamTime(); }
  Timestamp WallClock() const override { return context_->WallClock(); }
  const TaskId& task() const override { return context_->task(); }
  const std::string& application_id() const override { return context_->application_id(); }
  MetricsRegistry* metrics() override { return context_->metrics(); }
  int32_t TaskCount() const override { return context_->TaskCount(); }
  const RecordMetadata* metadata() const override { return context_->metadata(); }
  Timestamp* DurableTime() override { return context_->DurableTime(); }
  void CountDropped(detail::Drop reason) override { context_->CountDropped(reason); }
  void RequestCommit() override { context_->RequestCommit(); }
  void RunFor(const detail::HeldRecord& held, absl::FunctionRef<void()> body) override {
    context_->RunFor(held, body);
  }

 private:
  void Show(const Types& types, const ErasedRecord& record) {
    watched_->observer->OnOutput(task(), watched_->name, AsText(types, record));
  }

  const Watched* const watched_;
  ErasedContext* const context_;
};

class WatchedProcessor : public ErasedProcessor {
 public:
  WatchedProcessor(std::shared_ptr<const Watched> watched, std::unique_ptr<ErasedProcessor> step)
      : watched_(std::move(watched)), step_(std::move(step)) {}

  void Init(ErasedContext* context) override {
    context_ = context;
    watched_context_ = std::make_unique<WatchedContext>(watched_.get(), context);
    step_->Init(watched_context_.get());
  }
  void Process(const ErasedRecord& record) override {
    watched_->observer->OnInput(context_->task(), watched_->name, AsText(watched_->in, record),
                                watched_->from_source);
    step_->Process(record);
  }
  void OnCommit() override { step_->OnCommit(); }
  bool OnIdle(Timestamp stream_time) override { return step_->OnIdle(stream_time); }
  void Close() override { step_->Close(); }

 private:
  const std::shared_ptr<const Watched> watched_;
  const std::unique_ptr<ErasedProcessor> step_;
  std::unique_ptr<WatchedContext> watched_context_;
};

detail::ProcessorFactory Watch(const detail::TopologyData& data, const NodeSpec& node,
                               NodeObserver* observer) {
  auto watched = std::make_shared<Watched>();
  watched->name = node.name;
  watched->out = {node.key, node.value};
  watched->observer = observer;
  for (const detail::NodeId id : node.parents) {
    const NodeSpec& parent = data.node(id);
    watched->in = {parent.key, parent.value};
    watched->from_source |= parent.kind == NodeSpec::Kind::kSource;
  }
  for (const detail::NodeId id : node.children) {
    const NodeSpec& child = data.node(id);
    if (child.kind == NodeSpec::Kind::kSink) watched->sinks[child.name] = {child.key, child.value};
  }
  return [watched, make = node.factory] {
    return std::make_unique<WatchedProcessor>(watched, make());
  };
}

}  // namespace

Topology Observed(const Topology& topology, NodeObserver* observer) {
  auto data = std::make_shared<detail::TopologyData>(topology.data());
  for (NodeSpec& node : data->nodes) {
    if (node.kind == NodeSpec::Kind::kProcessor) {
      node.factory = Watch(topology.data(), node, observer);
    }
  }
  return Topology(std::move(data));
}

}  // namespace millrace
