// Aggregations in windows: every update, or each window once.
#include <algorithm>
#include <chrono>
#include <map>
#include <tuple>

#include "property/flows.h"

namespace millrace::property {
namespace {

using std::chrono_literals::operator""ms;

Text At(const Text& key, int64_t start) { return key + "@" + std::to_string(start); }

auto AsText() {
  return [](const Windowed<Text>& window, int64_t count) {
    return KeyValue{At(window.key, ToMillis(window.start)), std::to_string(count)};
  };
}

struct Count {
  int64_t count = 0;
  int64_t time = 0;
};

// Counts per window of `size`, each `advance`; a window is closed `grace` after its end.
Results WindowCounts(const Events& events, int64_t size, int64_t advance, int64_t grace) {
  std::map<std::pair<Text, int64_t>, Count> windows;
  int64_t now = -1;
  Results out;
  for (const Event& event : events) {
    if (event.right || !IsValid(event) || !event.key) continue;  // nulls count
    now = std::max(now, event.time);
    for (int64_t start = 0; start <= event.time; start += advance) {
      if (start + size <= event.time) {
        // Straight to the first window that may hold it.
        if (event.time - start > 10 * size) {
          start = (event.time - 2 * size) / advance * advance - advance;
        }
        continue;
      }
      if (start + size + grace <= now) continue;
      Count& window = windows[{TextOf(event.key), start}];
      window.time = window.count == 0 ? event.time : std::max(window.time, event.time);
      ++window.count;
      out.push_back({At(TextOf(event.key), start), std::to_string(window.count), window.time});
    }
  }
  return out;
}

// The last update of each window that was closed by then, in the order of closing: that of start,
// then key, for windows that close together.
Results OnceClosed(const Events& events, int64_t size, int64_t grace) {
  std::map<std::pair<int64_t, Text>, Count> open;
  int64_t now = -1;
  Results out;
  for (const Event& event : events) {
    if (event.right || !IsValid(event) || !event.key) continue;  // nulls count
    now = std::max(now, event.time);
    const int64_t start = event.time / size * size;
    if (start + size + grace > now) {
      Count& window = open[{start, TextOf(event.key)}];
      window.time = window.count == 0 ? event.time : std::max(window.time, event.time);
      ++window.count;
    }
    while (!open.empty() && open.begin()->first.first + size + grace <= now) {
      const auto& [window, count] = *open.begin();
      out.push_back({At(window.second, window.first), std::to_string(count.count), count.time});
      open.erase(open.begin());
    }
  }
  return out;
}

// The counts of all windows [start, start + length] that begin or end at a record, by definition,
// for events in order.
std::map<Text, Text> SlidingCounts(const Events& events, int64_t length, int64_t) {
  std::map<Text, std::vector<int64_t>> times;
  for (const Event& event : events) {
    if (event.right || !IsValid(event) || !event.key || !event.value) continue;
    times[TextOf(event.key)].push_back(event.time);
  }
  std::map<Text, Text> counts;
  for (const auto& [key, own] : times) {
    for (const int64_t time : own) {
      for (const int64_t start : {std::max<int64_t>(0, time - length), time + 1}) {
        const auto count = std::count_if(own.begin(), own.end(), [&](int64_t other) {
          return start <= other && other <= start + length;
        });
        if (count > 0) counts[At(key, start)] = std::to_string(count);
      }
    }
  }
  return counts;
}

struct SessionRow {
  int64_t start;
  int64_t end;
  int64_t count;
};

Text At(const Text& key, const SessionRow& session) {
  return key + "@" + std::to_string(session.start) + "-" + std::to_string(session.end);
}

// Sessions with a gap; every update, and a tombstone for each session that is merged away.
Results SessionCounts(const Events& events, int64_t gap, int64_t grace) {
  std::map<Text, std::vector<SessionRow>> sessions;
  int64_t now = -1;
  Results out;
  for (const Event& event : events) {
    if (event.right || !IsValid(event) || !event.key) continue;
    now = std::max(now, event.time);
    std::vector<SessionRow>& own = sessions[TextOf(event.key)];
    SessionRow merged{event.time, event.time, 1};
    std::vector<SessionRow> found;
    for (const SessionRow& session : own) {
      if (session.end < event.time - gap || session.start > event.time + gap) continue;
      found.push_back(session);
      merged.start = std::min(merged.start, session.start);
      merged.end = std::max(merged.end, session.end);
      merged.count += session.count;
    }
    if (merged.end < now - grace - gap) continue;
    const auto is_found = [&](const SessionRow& session) {
      return session.end >= event.time - gap && session.start <= event.time + gap;
    };
    std::erase_if(own, is_found);
    std::sort(found.begin(), found.end(), [](const SessionRow& a, const SessionRow& b) {
      return std::tie(a.end, a.start) < std::tie(b.end, b.start);
    });
    const bool other_bounds = merged.start != event.time || merged.end != event.time;
    for (const SessionRow& session : found) {
      if (other_bounds) out.push_back({At(TextOf(event.key), session), "null", session.end});
    }
    own.push_back(merged);
    out.push_back({At(TextOf(event.key), merged), std::to_string(merged.count), merged.end});
  }
  return out;
}

}  // namespace

std::vector<Flow> WindowFlows() {
  return {
      {.name = "Tumbling",
       .build =
           [](TopologyBuilder& flow) {
             flow.From(kLeft)
                 .GroupByKey()
                 .Window(Tumbling{.size = 100ms, .grace = 50ms})
                 .Count("counts")
                 .ToStream()
                 .Map(AsText())
                 .To(kOut);
           },
       .model = [](const Events& events) { return WindowCounts(events, 100, 100, 50); }},
      {.name = "Hopping",
       .build =
           [](TopologyBuilder& flow) {
             flow.From(kLeft)
                 .GroupByKey()
                 .Window(Hopping{.size = 300ms, .advance = 100ms, .grace = 200ms})
                 .Count("counts")
                 .ToStream()
                 .Map(AsText())
                 .To(kOut);
           },
       .model = [](const Events& events) { return WindowCounts(events, 300, 100, 200); }},
      {.name = "TumblingEmitOnClose",
       .build =
           [](TopologyBuilder& flow) {
             flow.From(kLeft)
                 .GroupByKey()
                 .Window(Tumbling{.size = 100ms, .grace = 50ms})
                 .EmitOnClose()
                 .Count("counts")
                 .ToStream()
                 .Map(AsText())
                 .To(kOut);
           },
       .model = [](const Events& events) { return OnceClosed(events, 100, 50); }},
      {.name = "TumblingSuppressed",
       .build =
           [](TopologyBuilder& flow) {
             flow.From(kLeft)
                 .GroupByKey()
                 .Window(Tumbling{.size = 100ms, .grace = 50ms})
                 .Count("counts")
                 .Suppress("waiting")
                 .ToStream()
                 .Map(AsText())
                 .To(kOut);
           },
       .model = [](const Events& events) { return OnceClosed(events, 100, 50); }},
      {.name = "Sessions",
       .build =
           [](TopologyBuilder& flow) {
             flow.From(kLeft)
                 .GroupByKey()
                 .Window(Sessions{.gap = 100ms, .grace = 200ms})
                 .Count("counts", {.retention = 1'000'000ms})
                 .ToStream()
                 .Map([](const Session<Text>& session, const int64_t* count) {
                   return KeyValue{
                       At(session.key, {ToMillis(session.start), ToMillis(session.end), 0}),
                       count == nullptr ? std::nullopt : std::optional(std::to_string(*count))};
                 })
                 .To(kOut);
           },
       .model = [](const Events& events) { return SessionCounts(events, 100, 200); }},
      {.name = "SessionsEmitOnClose",
       .build =
           [](TopologyBuilder& flow) {
             flow.From(kLeft)
                 .GroupByKey()
                 .Window(Sessions{.gap = 100ms, .grace = 200ms})
                 .EmitOnClose()
                 .Count("counts")
                 .ToStream()
                 .Map([](const Session<Text>& session, int64_t count) {
                   return KeyValue{
                       At(session.key, {ToMillis(session.start), ToMillis(session.end), 0}),
                       std::to_string(count)};
                 })
                 .To(kOut);
           }},
      {.name = "Sliding",
       .build =
           [](TopologyBuilder& flow) {
             flow.From(kLeft)
                 .GroupByKey()
                 .Window(Sliding{.difference = 100ms, .grace = 200ms})
                 .Count("counts")
                 .ToStream()
                 .Map(AsText())
                 .To(kOut);
           },
       .table = [](const Events& events) { return SlidingCounts(events, 100, 200); }},
  };
}

}  // namespace millrace::property
