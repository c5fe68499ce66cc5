// Windows of event time, and the key of a windowed row.
//
//   .Window(Tumbling{.size = 1min})
//   .Window(Hopping{.size = 60min, .advance = 1min, .grace = 5min})
//   .Window(Sliding{.difference = 5min})
//   .Window(Sessions{.gap = 30min})
//
// Tumbling and hopping windows are [start, start + size): they start at multiples of `advance` from
// the epoch on; none starts before it. A record is late for a window, and is not counted in it,
// once end + grace <= the highest timestamp that the step has seen. Grace is how long a window
// keeps accepting records that come out of order; it also decides how much state is kept.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "millrace/detail/table_node.h"
#include "millrace/serde.h"
#include "millrace/time.h"

namespace millrace {

// Windows side by side: each record is in one.
struct Tumbling {
  Duration size;
  Duration grace{0};
};

// Windows that overlap: each record is in about size / advance of them. 0 < advance <= size.
struct Hopping {
  Duration size;
  Duration advance;
  Duration grace{0};
};

// Windows [start, start + difference], both ends inclusive: one ends at each record, and one starts
// right behind each record that has later ones within reach. Late: end + grace < that timestamp.
struct Sliding {
  Duration difference;
  Duration grace{0};
};

// One window from `start` on, without an end. Earlier records are dropped, none is late.
struct Unlimited {
  Timestamp start = TimestampFromMillis(0);
};

// Sessions: a key's records with at most `gap` between two neighbours. A session reaches from its
// first to its last record; a late one that bridges two makes them one. A record is late once the
// end of its session + gap + grace < the highest timestamp that the step has seen.
struct Sessions {
  Duration gap;
  Duration grace{0};
};

// The records of a key, `size` by `size`, in the order in which they arrive.
struct CountWindow {
  int64_t size;
};

// A key within a window. `end` is exclusive; that of a sliding window is inclusive.
template <class K>
struct Windowed {
  K key;
  Timestamp start;
  Timestamp end;

  auto operator<=>(const Windowed&) const = default;
  template <class H>
  friend H AbslHashValue(H state, const Windowed& w) {
    return H::combine(std::move(state), w.key, w.start.time_since_epoch().count());
  }
};

// The bytes of Kafka's TimeWindowedSerializer: the key's, then the window's start in 8 bytes,
// big-endian. The end is not in them: a decoded key has `end` = the largest timestamp.
template <HasSerde K>
struct Serde<Windowed<K>> {
  static void Encode(const Windowed<K>& windowed, std::string* out) {
    Serde<K>::Encode(windowed.key, out);
    Serde<int64_t>::Encode(ToMillis(windowed.start), out);
  }
  static absl::Status Decode(std::string_view bytes, Windowed<K>* out) {
    if (bytes.size() < sizeof(int64_t)) {
      return absl::InvalidArgumentError("a windowed key has at least the 8 bytes of its start");
    }
    const size_t split = bytes.size() - sizeof(int64_t);
    int64_t start = 0;
    absl::Status status = Serde<int64_t>::Decode(bytes.substr(split), &start);
    if (!status.ok()) return status;
    out->start = TimestampFromMillis(start);
    out->end = TimestampFromMillis(std::numeric_limits<int64_t>::max());
    return Serde<K>::Decode(bytes.substr(0, split), &out->key);
  }
  // Bytes know the start only.
  static std::string ToJson(const Windowed<K>& windowed) {
    return "{\"key\":" + detail::ValueToJson(detail::CodecOf<K>(), &windowed.key) +
           ",\"window_start\":" + std::to_string(ToMillis(windowed.start)) + "}";
  }
};

// A key within a session; both ends are inclusive.
template <class K>
struct Session {
  K key;
  Timestamp start;
  Timestamp end;

  auto operator<=>(const Session&) const = default;
  template <class H>
  friend H AbslHashValue(H state, const Session& s) {
    return H::combine(std::move(state), s.key, s.start.time_since_epoch().count(),
                      s.end.time_since_epoch().count());
  }
};

// The bytes of Kafka's SessionWindowedSerializer: the key's, then end and start in 8 bytes each.
template <HasSerde K>
struct Serde<Session<K>> {
  static void Encode(const Session<K>& session, std::string* out) {
    Serde<K>::Encode(session.key, out);
    Serde<int64_t>::Encode(ToMillis(session.end), out);
    Serde<int64_t>::Encode(ToMillis(session.start), out);
  }
  static absl::Status Decode(std::string_view bytes, Session<K>* out) {
    if (bytes.size() < 2 * sizeof(int64_t)) {
      return absl::InvalidArgumentError("a session's key has at least the 16 bytes of its bounds");
    }
    const size_t split = bytes.size() - 2 * sizeof(int64_t);
    int64_t end = 0;
    int64_t start = 0;
    absl::Status status = Serde<int64_t>::Decode(bytes.substr(split, sizeof(int64_t)), &end);
    if (status.ok()) status = Serde<int64_t>::Decode(bytes.substr(split + sizeof(int64_t)), &start);
    if (!status.ok()) return status;
    out->start = TimestampFromMillis(start);
    out->end = TimestampFromMillis(end);
    return Serde<K>::Decode(bytes.substr(0, split), &out->key);
  }
  static std::string ToJson(const Session<K>& session) {
    return "{\"key\":" + detail::ValueToJson(detail::CodecOf<K>(), &session.key) +
           ",\"session_start\":" + std::to_string(ToMillis(session.start)) +
           ",\"session_end\":" + std::to_string(ToMillis(session.end)) + "}";
  }
};

namespace detail {

template <class W, class K>
const WindowedCodec* CodecOfWindows() {
  static const WindowedCodec codec = {
      CodecOf<W>(),
      [](void* w, const void* key) { static_cast<W*>(w)->key = *static_cast<const K*>(key); },
      [](void* w, Timestamp start, Timestamp end) {
        static_cast<W*>(w)->start = start;
        static_cast<W*>(w)->end = end;
      },
      [](const void* w) -> const void* { return &static_cast<const W*>(w)->key; },
      [](const void* w) { return static_cast<const W*>(w)->start; },
      [](const void* w) { return static_cast<const W*>(w)->end; },
  };
  return &codec;
}
template <HasSerde K>
const WindowedCodec* WindowedCodecOf() {
  return CodecOfWindows<Windowed<K>, K>();
}
template <HasSerde K>
const WindowedCodec* SessionCodecOf() {
  return CodecOfWindows<Session<K>, K>();
}

}  // namespace detail
// How windows come out once, when they are closed.
struct OnClose {
  // Kafka Streams' rules to the letter, which differ in this: a record far ahead of the others
  // first moves the retention of the store on, and windows that are older than it never come out.
  bool kafka_streams_rules = false;
};

}  // namespace millrace
