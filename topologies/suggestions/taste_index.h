// The half of the search for similar users by author: who reacts to whom.
#pragma once

#include "millrace/processor.h"
#include "schemas/ids.h"
#include "topologies/suggestions/similar_facts.h"

namespace millrace::topologies::suggest {

class TasteIndex final : public Processor<schemas::UserId, Taste, schemas::UserId, TastersOf> {
 public:
  void Init(Context& context) override { tasters_ = context.Store<Taster, int64_t>("tasters"); }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  TastersOf Others(int64_t author, const Taste& asker) const;

  KeyValueStore<Taster, int64_t> tasters_;  // -> norm
};

}  // namespace millrace::topologies::suggest
