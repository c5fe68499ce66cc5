// Headers that rows keep: in tables, in windows that come out later, in processors.
#include "verb_testing.h"

namespace millrace::verbs_test {
namespace {

const Topic<Windowed<Text>, int64_t> kCounts{"out"};
const Topic<Session<Text>, int64_t> kSessionCounts{"out"};
const Headers kFirst = {{"first", "1"}};
const Headers kSecond = {{"second", "2"}};

// What came into a topic, as the names of the headers of each record.
template <class K, class V>
std::vector<Text> HeadersIn(TextDriver& driver, const Topic<K, V>& topic) {
  std::vector<Text> names;
  for (const auto& record : driver->Drain(topic)) {
    Text all;
    for (const Headers::Entry& entry : record.headers) all += "#" + entry.name;
    names.push_back(all);
  }
  return names;
}

// Answers a question about a key with the row of the table, headers included.
struct Answer : Processor<Text, Text, Text, Text> {
  void Init(Context& context) override { rows_ = context.Store<Text, Text>("rows"); }
  void Process(const Record<Text, Text>& question, Context& context) override {
    const auto row = rows_.Get(*question.key);
    if (!row) return;
    const Text value = *row;
    const Timestamp timestamp = row.timestamp;
    context.Forward(question.WithValue(&value).WithTimestamp(timestamp).WithHeaders(
        &rows_.HeadersOf(*question.key)));
  }
  KeyValueStore<Text, Text> rows_;
};

void AnswerFromTable(TopologyBuilder& flow, bool keep_headers) {
  flow.TableFrom(kOther, "rows", {}, {.keep_headers = keep_headers});
  flow.From(kIn).ProcessValues<Answer>("answer", {"rows"}).To(kOut);
}

TEST(HeadersOfTables, AreReadByProcessorsAlsoFromTheChangelog) {
  TextDriver driver([](auto& flow) { AnswerFromTable(flow, /*keep_headers=*/true); });
  driver.Pipe(kOther, "k", "A", 10, kFirst);
  driver.Pipe(kIn, "k", "?", 20);
  EXPECT_THAT(driver.Take(), ElementsAre("k=A@10 #first"));
  driver->Restart();
  driver.Pipe(kIn, "k", "?", 30);
  EXPECT_THAT(driver.Take(), ElementsAre("k=A@10 #first"));
  driver->CrashAndLoseState();
  driver.Pipe(kIn, "k", "?", 40);
  EXPECT_THAT(driver.Take(), ElementsAre("k=A@10 #first"));
  driver.Pipe(kOther, "k", "B", 50, kSecond);
  driver.Pipe(kIn, "k", "?", 60);
  EXPECT_THAT(driver.Take(), ElementsAre("k=B@50 #second"));
}

TEST(HeadersOfTables, AreNotKeptUnlessAskedFor) {
  TextDriver driver([](auto& flow) { AnswerFromTable(flow, /*keep_headers=*/false); });
  driver.Pipe(kOther, "k", "A", 10, kFirst);
  driver.Pipe(kIn, "k", "?", 20);
  EXPECT_THAT(driver.Take(), ElementsAre("k=A@10"));
  const auto changes = driver->DrainBytes("verbs-rows-changelog");
  ASSERT_EQ(changes.size(), 1);
  EXPECT_TRUE(changes.front().headers.empty());
}

TEST(HeadersOfTables, OfAnAggregateAreThoseOfTheLastRecord) {
  TextDriver driver([](TopologyBuilder& flow) {
    flow.From(kOther).GroupByKey().Reduce(
        "rows", [](const Text& sum, const Text& next) { return sum + next; },
        {.keep_headers = true});
    flow.From(kIn).ProcessValues<Answer>("answer", {"rows"}).To(kOut);
  });
  driver.Pipe(kOther, "k", "A", 10, kFirst);
  driver.Pipe(kOther, "k", "B", 20, kSecond);
  driver.Pipe(kIn, "k", "?", 30);
  EXPECT_THAT(driver.Take(), ElementsAre("k=AB@20 #second"));
}

TEST(HeadersOfTables, OfAGlobalTableAreReadThroughItsView) {
  TextDriver driver([](TopologyBuilder& flow) {
    flow.GlobalTableFrom(kOther, "rows", {}, {.keep_headers = true});
    flow.From(kIn).ProcessValues<Answer>("answer", {"rows"}).To(kOut);
  });
  driver.Pipe(kOther, "k", "A", 10, kFirst);
  driver.Pipe(kIn, "k", "?", 20);
  EXPECT_THAT(driver.Take(), ElementsAre("k=A@10 #first"));
}

void CountWindows(TopologyBuilder& flow, bool keep_headers) {
  flow.From(kIn)
      .GroupByKey()
      .Window(Tumbling{.size = 100ms})
      .EmitOnClose()
      .Count("counts", {.keep_headers = keep_headers})
      .ToStream()
      .To(kCounts);
}

TEST(HeadersOfWindows, ComeOutWithAWindowThatCloses) {
  TextDriver driver([](auto& flow) { CountWindows(flow, /*keep_headers=*/true); });
  driver.Pipe(kIn, "a", "1", 10, kFirst);
  driver->CrashAndLoseState();
  driver.Pipe(kIn, "b", "1", 200, kSecond);
  EXPECT_THAT(HeadersIn(driver, kCounts), ElementsAre("#first"));
}

TEST(HeadersOfWindows, AreThoseOfTheRecordThatClosesItIfNoneAreKept) {
  TextDriver driver([](auto& flow) { CountWindows(flow, /*keep_headers=*/false); });
  driver.Pipe(kIn, "a", "1", 10, kFirst);
  driver.Pipe(kIn, "b", "1", 200, kSecond);
  EXPECT_THAT(HeadersIn(driver, kCounts), ElementsAre("#second"));
}

TEST(HeadersOfSessions, ComeOutWithUpdatesAndWithSessionsThatClose) {
  for (const bool on_close : {false, true}) {
    TextDriver driver([on_close](TopologyBuilder& flow) {
      auto sessions = flow.From(kIn).GroupByKey().Window(Sessions{.gap = 50ms});
      if (on_close) sessions = sessions.EmitOnClose();
      sessions.Count("counts", {.keep_headers = true}).ToStream().To(kSessionCounts);
    });
    driver.Pipe(kIn, "a", "1", 10, kFirst);
    const std::vector<Text> before = HeadersIn(driver, kSessionCounts);
    EXPECT_EQ(before, on_close ? std::vector<Text>() : std::vector<Text>{"#first"});
    driver.Pipe(kIn, "b", "1", 200, kSecond);
    EXPECT_THAT(HeadersIn(driver, kSessionCounts), ElementsAre(on_close ? "#first" : "#second"));
  }
}

}  // namespace
}  // namespace millrace::verbs_test
