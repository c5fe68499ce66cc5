// Joins of two streams: what the vectors of Kafka Streams do not show.
#include <stdexcept>

#include "verb_testing.h"

namespace millrace::verbs_test {
namespace {

using Options = JoinOptions<Text, Text, Text>;
using Build = std::function<void(TopologyBuilder&)>;

constexpr JoinWindow kWindow{.before = 100ms, .after = 100ms, .grace = 50ms};

Text Pair(const Text& left, const Text& right) { return left + right; }
Text PairOrLeft(const Text& left, const Text* right) { return left + TextOr(right); }
Text PairOrEither(const Text* left, const Text* right) { return TextOr(left) + TextOr(right); }

Build Inner(JoinWindow window, Options options = {}) {
  return [=](auto& flow) {
    flow.From(kIn).Join("pairs", flow.From(kOther), window, Pair, options).To(kOut);
  };
}
Build Left(JoinWindow window, Options options = {}) {
  return [=](auto& flow) {
    flow.From(kIn).LeftJoin("pairs", flow.From(kOther), window, PairOrLeft, options).To(kOut);
  };
}
Build Outer(JoinWindow window, Options options = {}) {
  return [=](auto& flow) {
    flow.From(kIn).OuterJoin("pairs", flow.From(kOther), window, PairOrEither, options).To(kOut);
  };
}

TEST(StreamJoin, JoinsEqualTimestampsWithAWindowOfNothing) {
  TextDriver driver(Inner({.before = 0ms, .after = 0ms}));
  driver.Pipe(kIn, "a", "l", 10);
  driver.Pipe(kOther, "a", "r", 10);
  driver.Pipe(kOther, "a", "s", 11);
  EXPECT_THAT(driver.Take(), ElementsAre("a=lr@10"));
}

TEST(StreamJoin, ByTheRulesOfKafkaStreamsJoinsNothingWithAWindowOfNothing) {
  TextDriver driver(Inner({.before = 0ms, .after = 0ms}, {.kafka_streams_rules = true}));
  driver.Pipe(kIn, "a", "l", 10);
  driver.Pipe(kOther, "a", "r", 10);
  EXPECT_THAT(driver.Take(), IsEmpty());
}

TEST(StreamJoin, OfALateRecordWaitsForItsMatchWithinTheGrace) {
  const auto pipe = [](TextDriver& driver) {
    driver.Pipe(kOther, "b", "x", 140);
    driver.Pipe(kIn, "a", "l", 30);  // its window ended at 130, it is closed behind 180
    driver.Pipe(kOther, "a", "r", 60);
    driver.Pipe(kOther, "b", "y", 300);
  };
  TextDriver exact(Left(kWindow));
  pipe(exact);
  EXPECT_THAT(exact.Take(), ElementsAre("a=lr@60"));
  TextDriver as_there(Left(kWindow, {.kafka_streams_rules = true}));
  pipe(as_there);
  EXPECT_THAT(as_there.Take(), ElementsAre("a=l-@30", "a=lr@60"));
}

TEST(StreamJoin, MakesNoPairOfARecordThatCameOutAlone) {
  TextDriver driver(Left({.before = 200ms, .after = 0ms, .grace = 0ms}));
  driver.Pipe(kIn, "a", "l", 100);
  driver.Pipe(kIn, "b", "m", 101);
  EXPECT_THAT(driver.Take(), ElementsAre("a=l-@100"));
  driver.Pipe(kOther, "a", "r", 50);
  EXPECT_THAT(driver.Take(), IsEmpty());
}

TEST(StreamJoin, LetsBothSidesOutAsSoonAsTheirWindowsAreClosed) {
  TextDriver driver(Outer({.before = 20ms, .after = 80ms, .grace = 10ms}));
  driver.Pipe(kIn, "a", "l", 0);     // waits for right ones until 90
  driver.Pipe(kOther, "b", "r", 0);  // waits for left ones until 30
  driver.Pipe(kIn, "c", "m", 31);
  EXPECT_THAT(driver.Take(), ElementsAre("b=-r@0"));
  driver.Pipe(kOther, "d", "s", 91);
  EXPECT_THAT(driver.Take(), ElementsAre("a=l-@0"));
}

TEST(StreamJoin, RecordsOfOneTimeAndKeyComeOutInTheOrderOfArrival) {
  TextDriver driver(Left(kWindow));
  for (const char* value : {"1", "2", "3"}) driver.Pipe(kIn, "a", value, 10);
  driver.Pipe("b", "x", 500);
  EXPECT_THAT(driver.Take(), ElementsAre("a=1-@10", "a=2-@10", "a=3-@10"));
}

TEST(StreamJoin, KeepsRecordsThatWaitAndItsTimeOverALossOfState) {
  TextDriver driver(Outer(kWindow));
  driver.Pipe(kIn, "a", "l", 0);
  driver.Pipe(kOther, "b", "r", 20);
  driver.Pipe(kOther, std::nullopt, "n", 150);  // moves the time only
  EXPECT_THAT(driver.Take(), ElementsAre("null=-n@150"));
  driver->CrashAndLoseState();
  driver.Pipe(kOther, "a", "s", 90);
  driver.Pipe(kIn, "c", "m", 171);
  EXPECT_THAT(driver.Take(), ElementsAre("a=ls@90", "b=-r@20"));
  driver->Restart();
  driver.Pipe(kIn, "c", "n", 400);
  EXPECT_THAT(driver.Take(), ElementsAre("c=m-@171"));
}

TEST(StreamJoin, GoesOnBehindAFunctionThatThrows) {
  TextDriver driver([](TopologyBuilder& flow) {
    flow.From(kIn)
        .LeftJoin("pairs", flow.From(kOther), kWindow,
                  [](const Text& left, const Text* right) {
                    if (left == "bad") throw std::runtime_error("bad");
                    return left + TextOr(right);
                  })
        .To(kOut);
  });
  driver.Pipe(kIn, "a", "bad", 0);
  driver.Pipe(kIn, "a", "l", 0);
  driver.Pipe(kIn, "b", "x", 300);  // lets both out
  driver.Pipe(kIn, "b", "y", 301);
  EXPECT_THAT(driver.Take(), ElementsAre("a=l-@0"));
}

TEST(StreamJoin, SendsLateRecordsToTheirTopicAsTheyCame) {
  TextDriver driver(Inner(kWindow, {.late = kLate}));
  driver.Pipe(kOther, "a", "r", 100);
  driver.Pipe(kIn, "a", "l", 500);
  Headers headers;
  headers.Add("from", "x");
  driver.Pipe(kIn, "a", "m", 249, headers);
  driver.Pipe(kIn, "a", "n", 250);
  EXPECT_THAT(driver.Take(kLate), ElementsAre("a=m@249 #from"));
  EXPECT_THAT(driver.Take(), IsEmpty());
}

TEST(StreamJoin, OfAStreamWithItselfMakesTheSamePairsWithOneStore) {
  for (const bool one_store : {false, true}) {
    TextDriver driver([=](auto& flow) {
      const auto in = flow.From(kIn);
      in.Join("pairs", in, kWindow, Pair, {.one_store = one_store}).To(kOut);
    });
    driver.Pipe("a", "1", 0);
    driver.Pipe("a", "2", 50);
    EXPECT_THAT(driver.Take(),
                testing::UnorderedElementsAre("a=11@0", "a=12@50", "a=21@50", "a=22@50"));
  }
}

TEST(StreamJoin, IsDescribedAsKafkaStreamsWould) {
  TopologyBuilder flow("verbs");
  Outer(kWindow, {.late = kLate})(flow);
  const Text text = std::move(flow).Build()->Describe();
  EXPECT_THAT(
      text, HasSubstr(R"(    Processor: pairs-this-windowed (stores: [pairs-outer-this-join-store])
      --> pairs-outer-this-join, pairs-this-windowed-late
      <-- )"));
  EXPECT_THAT(text, HasSubstr("Processor: pairs-outer-other-join (stores: ["));
  EXPECT_THAT(text, HasSubstr("pairs-outer-shared-join-store"));
}

TEST(StreamJoin, RefusesWindowsThatCannotBe) {
  EXPECT_THAT(Refusal(Inner({.before = 10ms, .after = -11ms})),
              HasSubstr("join \"pairs\" has a window that ends 1 ms before it starts"));
  EXPECT_THAT(Refusal(Inner({.before = 1ms, .after = 1ms, .grace = -1ms})),
              HasSubstr("join \"pairs\" has a grace of -1 ms"));
  EXPECT_THAT(Refusal(Inner(kWindow, {.one_store = true})),
              HasSubstr("join \"pairs\" asks for one store, but joins two streams"));
}

const Headers kFrom = {{"from", "left"}};

// The dead letters of a topic as "key=value@timestamp #own header at offset".
std::vector<Text> TakeDeadLetters(TextDriver& driver, const Text& topic) {
  std::vector<Text> letters;
  for (const auto& letter : driver->DrainBytes(topic + "-dlq")) {
    Text text = letter.key.value_or("null") + "=" + letter.value.value_or("null") + "@" +
                std::to_string(ToMillis(letter.timestamp));
    if (letter.headers.Last("from") != nullptr) text += " #from";
    text += " at " + *letter.headers.Last("__streams.errors.topic")->value + "-" +
            *letter.headers.Last("__streams.errors.partition")->value + "/" +
            *letter.headers.Last("__streams.errors.offset")->value;
    letters.push_back(text);
  }
  return letters;
}

// Throws on a record that is "bad" and alone, and on any pair with "worse".
Text ThrowsOnBad(const Text& left, const Text* right) {
  if (right == nullptr && left == "bad") throw std::runtime_error("it is bad");
  if (right != nullptr && *right == "worse") throw std::runtime_error("it is worse");
  return left + TextOr(right);
}
void LeftThrowing(TopologyBuilder& flow, Options options = {}) {
  flow.From(kIn).LeftJoin("pairs", flow.From(kOther), kWindow, ThrowsOnBad, options).To(kOut);
}

TEST(StreamJoin, ARecordThatWaitedIsTheDeadLetterIfTheFunctionThrowsOnIt) {
  for (const bool kafka_streams_rules : {false, true}) {
    TextDriver driver(
        [=](auto& flow) { LeftThrowing(flow, {.kafka_streams_rules = kafka_streams_rules}); });
    driver.Pipe(kIn, "z", "first", 1);
    driver.Pipe(kIn, "a", "bad", 10, kFrom);
    driver.Pipe(kIn, "b", "good", 11);
    driver->CrashAndLoseState();
    driver.Pipe(kIn, "c", "lets them out", 500);
    EXPECT_THAT(driver.Take(), ElementsAre("z=first-@1", "b=good-@11"));
    EXPECT_THAT(TakeDeadLetters(driver, "in"), ElementsAre("a=bad@10 #from at in-0/1"));
    driver.Pipe(kIn, "d", "x", 1000);
    EXPECT_THAT(driver.Take(), ElementsAre("c=lets them out-@500"));
  }
}

TEST(StreamJoin, AStepBehindItThrowsOnTheRecordThatWaited) {
  TextDriver driver([](TopologyBuilder& flow) {
    flow.From(kIn)
        .LeftJoin("pairs", flow.From(kOther), kWindow, PairOrLeft)
        .MapValues([](const Text& value) {
          if (value == "bad-") throw std::runtime_error("it is bad");
          return value;
        })
        .To(kOut);
  });
  driver.Pipe(kIn, "a", "bad", 10);
  driver.Pipe(kIn, "b", "lets it out", 500);
  driver.Pipe(kIn, "c", "lets it out", 1000);
  EXPECT_THAT(driver.Take(), ElementsAre("b=lets it out-@500"));
  EXPECT_THAT(TakeDeadLetters(driver, "in"), ElementsAre("a=bad@10 at in-0/0"));
}

TEST(StreamJoin, ARecordStaysWaitingIfTheFunctionThrowsOnItsMatch) {
  TextDriver driver([](auto& flow) { LeftThrowing(flow); });
  driver.Pipe(kIn, "a", "one", 10);
  driver.Pipe(kIn, "a", "two", 10);
  driver.Pipe(kOther, "a", "worse", 20);
  driver.Pipe(kIn, "b", "x", 500);
  EXPECT_THAT(driver.Take(), ElementsAre("a=one-@10", "a=two-@10"));
  EXPECT_THAT(TakeDeadLetters(driver, "other"), ElementsAre("a=worse@20 at other-0/0"));
}

TEST(StreamJoin, NamesTheRecordThatWaitedWhenItStops) {
  TextDriver driver([](auto& flow) { LeftThrowing(flow); }, {.errors = ErrorPolicy::Stop()});
  driver.Pipe(kIn, "a", "bad", 10);
  driver.Pipe(kIn, "b", "x", 500);
  EXPECT_THAT(Text(driver->status().message()), HasSubstr("at offset 0 of in-0"));
}

TEST(StreamJoin, AnUnmatchedRecordHasItsOwnHeaders) {
  for (const bool kafka_streams_rules : {false, true}) {
    TextDriver driver(Left(kWindow, {.kafka_streams_rules = kafka_streams_rules}));
    driver.Pipe(kIn, "a", "l", 10, kFrom);
    const Headers cause = {{"cause", "x"}};
    driver.Pipe(kIn, "b", "x", 500, cause);
    EXPECT_THAT(driver.Take(),
                ElementsAre(kafka_streams_rules ? "a=l-@10 #cause" : "a=l-@10 #from"));
  }
}

}  // namespace
}  // namespace millrace::verbs_test
