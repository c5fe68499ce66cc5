// The Processor API: steps of your own beside the DSL's verbs.
//
//   struct Alerts : Processor<UserId, Event, UserId, Alert> {
//     void Init(Context& context) override { seen_ = context.Store<UserId, int64_t>("seen"); … }
//     void Process(const Record<UserId, Event>& record, Context& context) override { … }
//   };
//   flow.From(kEvents).Process<Alerts>("alerts", {"seen"}).To(kAlerts);
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "millrace/custom_store.h"
#include "millrace/detail/erased_processor.h"
#include "millrace/detail/poison.h"
#include "millrace/record.h"
#include "millrace/session_store.h"
#include "millrace/store.h"
#include "millrace/time.h"
#include "millrace/versioned_store.h"

namespace millrace {

// Stops a punctuation. Copies stop the same one; dropping it does not.
class Punctuation {
 public:
  explicit Punctuation(std::shared_ptr<detail::PunctuationHandle> handle = nullptr)
      : handle_(std::move(handle)) {}
  void Cancel() {
    if (handle_ != nullptr) handle_->Cancel();
  }

 private:
  std::shared_ptr<detail::PunctuationHandle> handle_;
};

struct PunctuationOptions {
  PunctuationType type = PunctuationType::kStreamTime;
  // The first due time; nullopt: stream time starts at 0, wall-clock time at now + interval.
  std::optional<Timestamp> start;
};

// What a processor may do beside looking at its record. Task thread only.
template <class KOut, class VOut>
class ProcessorContext {
 public:
  explicit ProcessorContext(detail::ErasedContext* erased) : erased_(erased) {}

  // Runs all children on the record before it returns.
  void Forward(const Record<KOut, VOut>& record) { erased_->Forward(detail::Erase(record)); }
  // Only the child with that name.
  void Forward(const Record<KOut, VOut>& record, std::string_view child) {
    erased_->ForwardTo(child, detail::Erase(record));
  }

  // A store that the step was connected to by name. K and V must be those it was declared with.
  template <class K, class V>
  KeyValueStore<K, V> Store(std::string_view name) {
    return KeyValueStore<K, V>(static_cast<detail::ErasedKeyValueStore*>(
        Checked<K, V>(name, detail::StoreKind::kKeyValue)));
  }
  template <class K, class V>
  WindowStore<K, V> WindowedStore(std::string_view name) {
    return WindowStore<K, V>(
        static_cast<detail::ErasedWindowStore*>(Checked<K, V>(name, detail::StoreKind::kWindow)));
  }
  template <class K, class V>
  SessionStore<K, V> SessionedStore(std::string_view name) {
    return SessionStore<K, V>(
        static_cast<detail::ErasedSessionStore*>(Checked<K, V>(name, detail::StoreKind::kSession)));
  }
  template <class K, class V>
  VersionStore<K, V> VersionedStore(std::string_view name) {
    return VersionStore<K, V>(static_cast<detail::ErasedVersionedStore*>(
        Checked<K, V>(name, detail::StoreKind::kVersioned)));
  }

  // The object of a custom store (custom_store.h). T must be what it was declared with.
  template <class T>
  T* StoreOf(std::string_view name);

  // Calls `callback(now)` every `interval`; see PunctuationOptions. It may forward and write.
  Punctuation Schedule(Duration interval, PunctuationOptions options,
                       std::function<void(Timestamp)> callback) {
    return Punctuation(
        erased_->Schedule(interval, options.type, options.start, std::move(callback)));
  }

  Timestamp StreamTime() const { return erased_->StreamTime(); }
  Timestamp WallClock() const { return erased_->WallClock(); }
  const TaskId& task() const { return erased_->task(); }
  // EngineOptions::application_id: the same in all processes that run the topology together.
  const std::string& application_id() const { return erased_->application_id(); }
  // The engine's metrics, for counters and gauges of your own; they outlive the processor.
  MetricsRegistry* metrics() const { return erased_->metrics(); }
  // How many tasks run this part of the topology, in all processes together.
  int32_t TaskCount() const { return erased_->TaskCount(); }
  // Null inside a punctuation.
  const RecordMetadata* metadata() const { return erased_->metadata(); }
  void RequestCommit() { erased_->RequestCommit(); }

  // Calls the record that is being processed poison and leaves Process(): the ErrorPolicy decides
  // what becomes of it. What the step has written and forwarded for it stays.
  [[noreturn]] void Refuse(const char* why, PoisonClass poison = PoisonClass::kProcessing) {
    detail::RaisePoison(why, poison);
  }

 private:
  template <class K, class V>
  detail::ErasedStore* Checked(std::string_view name, detail::StoreKind kind);

  detail::ErasedContext* erased_;
};

// One instance per task; default-constructible, or made by a factory.
template <class KIn, class VIn, class KOut, class VOut>
class Processor {
 public:
  using KeyIn = KIn;
  using ValueIn = VIn;
  using KeyOut = KOut;
  using ValueOut = VOut;
  using Context = ProcessorContext<KOut, VOut>;

  virtual ~Processor() = default;
  virtual void Init(Context&) {}
  virtual void Process(const Record<KIn, VIn>& record, Context& context) = 0;
  virtual void Close() {}
};

namespace detail {
// Crashes with the store's name when its kind or types are not those asked for.
void CheckStoreTypes(const ErasedStore* store, std::string_view name, StoreKind kind,
                     const std::type_info& key, const std::type_info& value);
// The object of a custom store; crashes with the store's name when it is of another type, or none.
CustomObject* CheckedObject(ErasedStore* store, std::string_view name, const std::type_info& type);
}  // namespace detail

template <class KOut, class VOut>
template <class K, class V>
detail::ErasedStore* ProcessorContext<KOut, VOut>::Checked(std::string_view name,
                                                           detail::StoreKind kind) {
  detail::ErasedStore* store = erased_->GetStore(name);
  detail::CheckStoreTypes(store, name, kind, typeid(K), typeid(V));
  return store;
}

template <class KOut, class VOut>
template <class T>
T* ProcessorContext<KOut, VOut>::StoreOf(std::string_view name) {
  return static_cast<T*>(detail::CheckedObject(erased_->GetStore(name), name, typeid(T)));
}

}  // namespace millrace
