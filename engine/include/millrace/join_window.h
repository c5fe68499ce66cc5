// How two streams are joined: Stream::Join, LeftJoin and OuterJoin with another stream.
//
// Each side keeps its records in a window store of its own ("<name>-this-join-store",
// "<name>-other-join-store"; "outer-this"/"outer-other" where the opposite side may stay
// unmatched), for before + after + grace. Left and outer joins keep the records that wait for a
// match in a third one ("<name>-left-shared-join-store", "<name>-outer-shared-join-store"). All are
// durable together with the results of the transaction that changed them.
#pragma once

#include <optional>

#include "millrace/time.h"
#include "millrace/topic.h"

namespace millrace {

// Which records meet: a left record at t meets the right ones of its key in [t - before, t +
// after]. One of the two may be negative; their sum may not. 0 and 0: equal timestamps.
struct JoinWindow {
  Duration before;
  Duration after;
  // How long, beyond the window, a record waits for one that comes out of order.
  Duration grace{0};
};

// VR is the value of the other stream.
template <class K, class V, class VR>
struct JoinOptions {
  // Records that are too old to be kept (timestamp + before + after + grace < the newest one of
  // their side) go there as they came, and are not joined. Without a topic they still meet what is
  // there, but no later record will find them. They are counted as late in both cases.
  std::optional<Topic<K, V>> late = std::nullopt;
  std::optional<Topic<K, VR>> other_late = std::nullopt;

  // A stream joined with itself by Join: keeps its records once instead of twice. The results are
  // the same, but for the order of those that one record causes.
  bool one_store = false;

  // Kafka Streams' rules to the letter, which differ in this: a record without a match comes out
  // unmatched at once when the time has passed its window, even if a match may still come within
  // the grace; records are found for 1 ms less, so that a window of 0 ms without grace joins
  // nothing; unmatched records may come out later than they could.
  bool kafka_streams_rules = false;

  bool in_memory = false;  // RocksDB otherwise; both restore from the changelog
  bool changelog = true;   // false: the state is lost with the state directory
};

}  // namespace millrace
