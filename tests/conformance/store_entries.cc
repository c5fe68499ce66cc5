// Stores under commands: "put V", "range LO HI", … (a record's value; its key is the store's key).
#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "conformance/catalogue.h"

namespace millrace::conformance {

namespace {

using std::chrono_literals::operator""ms;

using TextProcessor = Processor<Text, Text, Text, Text>;
using Words = std::vector<Text>;

const Timestamp kFirst = TimestampFromMillis(0);
const Timestamp kLast = TimestampFromMillis(std::numeric_limits<int64_t>::max());

// "*" is an open bound.
struct Bound {
  explicit Bound(const Text& word) : key(word) {}
  const Text* get() const { return key == "*" ? nullptr : &key; }
  Text key;
};

Timestamp Time(const Text& word) { return TimestampFromMillis(Number(word)); }

// Answers each record with the result of its command.
class Commands : public TextProcessor {
 public:
  void Process(const Record<Text, Text>& record, Context& context) override {
    const Words words = absl::StrSplit(*record.value, ' ');
    const Text result = Run(*record.key, words);
    context.Forward(record.WithValue(&result));
  }

 protected:
  virtual Text Run(const Text& key, const Words& words) = 0;
};

class KeyValueCommands : public Commands {
 public:
  explicit KeyValueCommands(bool with_time = false) : with_time_(with_time) {}
  void Init(Context& context) override { store_ = context.Store<Text, Text>("store"); }

 protected:
  Text Run(const Text& key, const Words& words) override {
    const Text& command = words[0];
    if (command == "put") return Put(key, words);
    if (command == "get") return Show(key);
    if (command == "putIfAbsent") {
      const Text before = Show(key);
      if (before == "null") Put(key, words);
      return before;
    }
    if (command == "delete") {
      const Text before = Show(key);
      store_.Delete(key);
      return before;
    }
    if (command == "putAll") {
      for (size_t i = 1; i < words.size(); ++i) {
        const std::vector<Text> pair = absl::StrSplit(words[i], '=');
        store_.Put(pair[0], pair[1]);
      }
      return "ok";
    }
    return List(words);
  }

 private:
  Text Put(const Text& key, const Words& words) {
    store_.Put(key, words[1], with_time_ ? Time(words[2]) : kFirst);
    return "ok";
  }
  Text Show(const Text& key) {
    const ValueAndTimestamp<Text> row = store_.Get(key);
    return row ? Shown(*row, row.timestamp) : "null";
  }
  Text Shown(const Text& value, Timestamp time) const {
    return with_time_ ? value + "@" + std::to_string(ToMillis(time)) : value;
  }
  Text List(const Words& words) {
    const Text& command = words[0];
    const Order order = command.starts_with("reverse") ? Order::kReverse : Order::kForward;
    const bool is_range = command == "range" || command == "reverseRange";
    const Bound low(is_range ? words[1] : "*");
    const Bound high(is_range ? words[2] : "*");
    Words rows;
    auto row = command == "prefixScan" ? store_.Prefix(words[1])
                                       : store_.Range(low.get(), high.get(), order);
    for (; row.Valid(); row.Next()) {
      rows.push_back(row.key() + "=" + Shown(row.value(), row.timestamp()));
    }
    return absl::StrJoin(rows, ",");
  }

  bool with_time_;
  KeyValueStore<Text, Text> store_;
};

class WindowCommands : public Commands {
 public:
  void Init(Context& context) override { store_ = context.WindowedStore<Text, Text>("store"); }

 protected:
  Text Run(const Text& key, const Words& words) override {
    const Text& command = words[0];
    if (command == "put") {
      if (words[1] == "null") {
        store_.Delete(key, Time(words[2]));
      } else {
        store_.Put(key, Time(words[2]), words[1]);
      }
      return "ok";
    }
    if (command == "fetch") return Str(store_.Fetch(key, Time(words[1])).value);
    const Order order = command.starts_with("backward") ? Order::kReverse : Order::kForward;
    if (command.ends_with("etchTime")) {
      return List(store_.Fetch(key, Time(words[1]), Time(words[2]), order), /*with_key=*/false);
    }
    if (command.ends_with("etchRange")) {
      const Bound low(words[1]);
      const Bound high(words[2]);
      return List(store_.FetchRange(low.get(), high.get(), Time(words[3]), Time(words[4]), order));
    }
    const bool all = words.size() == 1;
    return List(
        store_.FetchAll(all ? kFirst : Time(words[1]), all ? kLast : Time(words[2]), order));
  }

 private:
  static Text List(RowIterator<Text, Text> row, bool with_key = true) {
    Words rows;
    for (; row.Valid(); row.Next()) {
      const Text start = std::to_string(ToMillis(row.window_start()));
      rows.push_back((with_key ? row.key() + "@" + start : start) + "=" + row.value());
    }
    return absl::StrJoin(rows, ",");
  }

  WindowStore<Text, Text> store_;
};

class SessionCommands : public Commands {
 public:
  void Init(Context& context) override { store_ = context.SessionedStore<Text, Text>("store"); }

 protected:
  Text Run(const Text& key, const Words& words) override {
    const Text& command = words[0];
    if (command == "put") {
      store_.Put(key, Time(words[2]), Time(words[3]), words[1]);
      return "ok";
    }
    if (command == "remove") {
      store_.Remove(key, Time(words[1]), Time(words[2]));
      return "ok";
    }
    if (command == "fetchSession") {
      return Str(store_.Get(key, Time(words[1]), Time(words[2])).value);
    }
    const Order order = command.starts_with("backward") ? Order::kReverse : Order::kForward;
    if (command.ends_with("indSessions")) {
      return List(store_.Find(key, Time(words[1]), Time(words[2]), order));
    }
    if (command == "findSessionsRange" || command == "fetchRange") {
      const Bound low(words[1]);
      const Bound high(words[2]);
      if (command == "fetchRange") return List(store_.FetchRange(low.get(), high.get()));
      return List(store_.FindRange(low.get(), high.get(), Time(words[3]), Time(words[4])));
    }
    return List(store_.Fetch(key, order));
  }

 private:
  static Text List(RowIterator<Text, Text> row) {
    const auto text = [](Timestamp time) { return std::to_string(ToMillis(time)); };
    Words rows;
    for (; row.Valid(); row.Next()) {
      rows.push_back(row.key() + "@" + text(row.window_start()) + "-" + text(row.window_end()) +
                     "=" + row.value());
    }
    return absl::StrJoin(rows, ",");
  }

  SessionStore<Text, Text> store_;
};

class VersionCommands : public Commands {
 public:
  void Init(Context& context) override { store_ = context.VersionedStore<Text, Text>("store"); }

 protected:
  Text Run(const Text& key, const Words& words) override {
    const Text& command = words[0];
    if (command == "get") return Show(store_.Get(key));
    if (command == "asOf") return Show(store_.GetAsOf(key, Time(words[1])));
    if (command == "delete") {
      const Text before = Show(store_.GetAsOf(key, Time(words[1])));
      return store_.Delete(key, Time(words[1])).kept ? before : "null";
    }
    const Timestamp from = Time(words[2]);
    const VersionPut put =
        words[1] == "null" ? store_.Delete(key, from) : store_.Put(key, words[1], from);
    if (!put.kept) return "dropped";
    return put.is_latest() ? "latest" : std::to_string(ToMillis(put.valid_to));
  }

 private:
  static Text Show(const ValueAndTimestamp<Text>& version) {
    return version ? *version + "@" + std::to_string(ToMillis(version.timestamp)) : "null";
  }

  VersionStore<Text, Text> store_;
};

template <class P>
std::function<void(TopologyBuilder&)> RunsOn(detail::StoreSpec store, P prototype) {
  return [store, prototype](TopologyBuilder& flow) {
    flow.AddStore(store);
    flow.From(kIn)
        .Process("commands", {"store"}, [prototype] { return std::make_unique<P>(prototype); })
        .To(kOut);
  };
}

detail::StoreSpec Windows(bool retain_duplicates, bool in_memory) {
  return WindowedStore<Text, Text>("store", {.window_size = 500ms,
                                             .retention = 10000ms,
                                             .retain_duplicates = retain_duplicates,
                                             .in_memory = in_memory});
}

detail::StoreSpec Sessions(bool in_memory) {
  return SessionedStore<Text, Text>("store", {.retention = 10000ms, .in_memory = in_memory});
}

}  // namespace

std::vector<Entry> StoreEntries() {
  const std::vector<Place> out = {{"out"}};
  const std::vector<Place> rows = {{"store"}};
  const std::vector<Place> windows = {{"store", Format::kText, 500ms, 10000ms}};
  const Place sessions{.name = "store", .retention = 10000ms, .sessions = true};
  const Place versions{.name = "store", .history = 5000ms};
  return {
      {"kv-store-commands", RunsOn(Store<Text, Text>("store"), KeyValueCommands()), out, rows},
      {"kv-store-commands-in-memory",
       RunsOn(Store<Text, Text>("store", {.in_memory = true}), KeyValueCommands()), out, rows},
      {"timestamped-kv-store-commands",
       RunsOn(Store<Text, Text>("store"), KeyValueCommands(/*with_time=*/true)), out, rows},
      {"window-store-commands", RunsOn(Windows(false, false), WindowCommands()), out, windows},
      {"window-store-commands-in-memory", RunsOn(Windows(false, true), WindowCommands()), out,
       windows},
      {"window-store-duplicates", RunsOn(Windows(true, false), WindowCommands())},
      {"session-store-commands", RunsOn(Sessions(false), SessionCommands()), out, {sessions}},
      {"session-store-commands-in-memory",
       RunsOn(Sessions(true), SessionCommands()),
       out,
       {sessions}},
      {"lru-store-commands",
       RunsOn(Store<Text, Text>("store", {.max_rows = 3}), KeyValueCommands())},
      {"versioned-store-commands",
       RunsOn(VersionedStore<Text, Text>("store", {.history = 5000ms, .forgets_tombstones = true}),
              VersionCommands()),
       out,
       {versions}},
  };
}

}  // namespace millrace::conformance
