#include "runtime/punctuations.h"

#include <algorithm>
#include <utility>

#include "millrace/status.h"

namespace millrace {

std::shared_ptr<detail::PunctuationHandle> Punctuations::Add(int node, Timestamp first,
                                                             Duration interval, Callback callback) {
  MR_CHECK(interval > Duration(0), "Schedule: the interval must be at least 1 ms");
  auto entry = std::make_shared<Entry>();
  entry->node = node;
  entry->due = first;
  entry->interval = interval;
  entry->callback = std::move(callback);
  Insert(entry);
  return entry;
}

void Punctuations::Insert(std::shared_ptr<Entry> entry) {
  const auto at = std::upper_bound(entries_.begin(), entries_.end(), entry,
                                   [](const auto& a, const auto& b) { return a->due < b->due; });
  entries_.insert(at, std::move(entry));
}

bool Punctuations::Run(Timestamp now, const Runner& runner) {
  bool ran = false;
  while (!entries_.empty() && entries_.front()->due <= now) {
    const std::shared_ptr<Entry> entry = std::move(entries_.front());
    entries_.erase(entries_.begin());
    if (entry->cancelled) continue;
    ran = true;
    // A callback sees the present time; missed intervals are not made up for.
    runner(entry->node, entry->callback, now);
    if (entry->cancelled) continue;
    const Timestamp last_due = entry->due;
    entry->due += entry->interval;
    if (entry->due <= now) {
      entry->due = last_due + entry->interval * ((now - last_due) / entry->interval + 1);
    }
    Insert(entry);
  }
  return ran;
}

}  // namespace millrace
