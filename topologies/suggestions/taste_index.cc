#include "topologies/suggestions/taste_index.h"

#include <string>

#include "topologies/common/rows.h"
#include "topologies/suggestions/similarity.h"

namespace millrace::topologies::suggest {

void TasteIndex::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  const int64_t author = record.key->value;
  const Taste& taste = *record.value;
  if (taste.before > 0 && taste.before != taste.count) {
    tasters_.Delete({.author = author, .count = taste.before, .user = taste.user});
  }
  if (taste.count > 0) {
    tasters_.Put({.author = author, .count = taste.count, .user = taste.user}, taste.norm,
                 record.timestamp);
  }
  if (taste.search == kNoTimestamp) return;
  const schemas::UserId asker{taste.user};
  const TastersOf others = Others(author, taste);
  context.Forward({.key = &asker, .value = &others, .timestamp = record.timestamp});
}

TastersOf TasteIndex::Others(int64_t author, const Taste& asker) const {
  TastersOf others{.search = asker.search, .author = author};
  const std::string prefix = KeyPrefix<1, Taster>({.author = author});
  for (auto row = tasters_.Prefix(prefix); row.Valid(); row.Next()) {
    if (others.rows.size() == kTastersAsked) break;
    const Taster& taster = row.key();
    if (taster.user == asker.user) continue;
    others.rows.push_back({.user = taster.user, .count = taster.count, .norm = row.value()});
  }
  return others;
}

}  // namespace millrace::topologies::suggest
