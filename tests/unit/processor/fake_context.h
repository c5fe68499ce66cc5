// A task of one operator: what it forwards is written down as text, at once, since records are only
// lent. Keys in are strings.
//
//   FakeTask<std::string, int64_t> task;          // types of the records that come out
//   task.AddStore<std::string, int64_t>("counts");
//   task.Start(MakeAggregate(CountAggregation(), table));
//   task.Pipe("a", Text("x"), 1000);
//   EXPECT_THAT(task.Take(), ElementsAre("a=1@1000"));
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fake_stores.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "millrace/detail/operators.h"
#include "millrace/store.h"
#include "millrace/windows.h"

namespace millrace::detail {

inline std::string Print(const std::string& text) { return text; }
inline std::string Print(int64_t number) { return std::to_string(number); }
inline std::string Print(const Windowed<std::string>& key) {
  return key.key + "[" + std::to_string(ToMillis(key.start)) + "," +
         std::to_string(ToMillis(key.end)) + ")";
}

// "key=value@timestamp", " was old" if there is an old value, the headers if there are any.
template <class K, class V>
std::string Print(const ErasedRecord& record) {
  const auto part = [](auto* object) { return object == nullptr ? "null" : Print(*object); };
  std::string text = part(static_cast<const K*>(record.key)) + "=" +
                     part(static_cast<const V*>(record.value)) + "@" +
                     std::to_string(ToMillis(record.timestamp));
  if (record.old_value != nullptr) {
    text += " was " + Print(*static_cast<const V*>(record.old_value));
  }
  for (const Headers::Entry& header : *record.headers) text += " #" + header.name;
  return text;
}

template <class KOut, class VOut>
class FakeTask : public ErasedContext {
 public:
  Timestamp* DurableTime() override { return &durable_time_; }
  template <class K, class V>
  FakeKeyValueStore* AddStore(const std::string& name) {
    return Add<FakeKeyValueStore>(KeyValueSpec<K, V>(name));
  }
  template <class K, class V>
  FakeWindowStore* AddWindowStore(const std::string& name) {
    return Add<FakeWindowStore>(WindowedStore<K, V>(name, {}));
  }

  void Start(const ProcessorFactory& factory) {
    operator_ = factory();
    operator_->Init(this);
  }

  template <class V>
  void Pipe(std::optional<std::string> key, std::optional<V> value, int64_t timestamp,
            std::optional<V> old_value = std::nullopt, const Headers& headers = Headers::Empty()) {
    ErasedRecord record;
    if (key.has_value()) record.key = &*key;
    if (value.has_value()) record.value = &*value;
    if (old_value.has_value()) record.old_value = &*old_value;
    record.timestamp = TimestampFromMillis(timestamp);
    record.headers = &headers;
    operator_->Process(record);
  }

  // What was forwarded since the last call.
  std::vector<std::string> Take() { return std::exchange(forwarded_, {}); }
  int dropped(Drop reason) const {
    auto count = dropped_.find(reason);
    return count == dropped_.end() ? 0 : count->second;
  }

  void Forward(const ErasedRecord& record) override {
    forwarded_.push_back(Print<KOut, VOut>(record));
  }
  void ForwardTo(std::string_view child, const ErasedRecord& record) override {
    forwarded_.push_back(std::string(child) + ": " + Print<KOut, VOut>(record));
  }
  ErasedStore* GetStore(std::string_view name) override {
    return stores_.at(std::string(name)).get();
  }
  void CountDropped(Drop reason) override { ++dropped_[reason]; }

  // Nothing below is asked for by the operators.
  std::shared_ptr<PunctuationHandle> Schedule(Duration, PunctuationType, std::optional<Timestamp>,
                                              std::function<void(Timestamp)>) override {
    return nullptr;
  }
  Timestamp StreamTime() const override { return kNoTimestamp; }
  Timestamp WallClock() const override { return kNoTimestamp; }
  const TaskId& task() const override { return id_; }
  const std::string& application_id() const override { return application_; }
  MetricsRegistry* metrics() override { return nullptr; }
  const RecordMetadata* metadata() const override { return nullptr; }
  void RequestCommit() override {}
  void RunFor(const HeldRecord&, absl::FunctionRef<void()> body) override { body(); }

 private:
  Timestamp durable_time_ = kNoTimestamp;
  template <class Store>
  Store* Add(StoreSpec spec) {
    auto store = std::make_unique<Store>(std::move(spec));
    Store* borrowed = store.get();
    stores_[borrowed->spec().name] = std::move(store);
    return borrowed;
  }

  TaskId id_;
  std::string application_;
  std::map<std::string, std::unique_ptr<ErasedStore>> stores_;
  std::unique_ptr<ErasedProcessor> operator_;
  std::vector<std::string> forwarded_;
  std::map<Drop, int> dropped_;
};

// Values of records.
inline std::optional<std::string> Text(std::string text) { return text; }
inline const std::optional<std::string> kNullText;
inline std::optional<int64_t> Number(int64_t number) { return number; }
inline const std::optional<int64_t> kNullNumber;

// A table in a store of that name; a view of `parents` when the name is empty.
inline std::shared_ptr<TableNode> TableIn(std::string store, bool send_old_values = false,
                                          std::vector<std::shared_ptr<TableNode>> parents = {}) {
  auto table = std::make_shared<TableNode>();
  table->store = std::move(store);
  table->send_old_values = send_old_values;
  table->parents = std::move(parents);
  return table;
}

}  // namespace millrace::detail
