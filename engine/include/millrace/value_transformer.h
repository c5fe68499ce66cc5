// ValueTransformer: an object of your own that makes a table's rows, with state stores and
// punctuations (Table::TransformValues).
//
//   struct Ranks : ValueTransformer<UserId, Score, Rank> {
//     void Init(Context& context) override { seen_ = context.Store<UserId, int64_t>("seen"); … }
//     std::optional<Rank> Transform(const UserId& user, const Score* score, Context&) override { …
//     }
//   };
#pragma once

#include <optional>

#include "millrace/processor.h"

namespace millrace {

// What a transformer may do beside looking at its row. Task thread only. It cannot forward: a row
// has one value.
class TransformerContext : private ProcessorContext<void, void> {
 public:
  using Base = ProcessorContext<void, void>;
  explicit TransformerContext(detail::ErasedContext* erased) : Base(erased) {}

  using Base::application_id;
  using Base::metadata;
  using Base::metrics;
  using Base::Refuse;
  using Base::RequestCommit;
  using Base::Schedule;
  using Base::SessionedStore;
  using Base::Store;
  using Base::StoreOf;
  using Base::StreamTime;
  using Base::task;
  using Base::TaskCount;
  using Base::VersionedStore;
  using Base::WallClock;
  using Base::WindowedStore;
};

// One instance per task; default-constructible, or made by a factory.
template <class K, class VIn, class VOut>
class ValueTransformer {
 public:
  using Key = K;
  using ValueIn = VIn;
  using ValueOut = VOut;
  using Context = TransformerContext;

  virtual ~ValueTransformer() = default;
  virtual void Init(Context&) {}
  // The row that `value` makes; std::nullopt: none. Deletions come, too, as null.
  virtual std::optional<VOut> Transform(const K& key, const VIn* value, Context& context) = 0;
  virtual void Close() {}
};

}  // namespace millrace
