// The best rows of the groups of a table: docs/top.md.
#include <map>
#include <random>

#include "verb_testing.h"

namespace millrace::verbs_test {
namespace {

const Topic<Text, TopRows<Text>> kTops{"out"};

// Rows are "board:score:name".
Text Board(const Text& game) { return game.substr(0, game.find(':')); }
Text Rest(const Text& game) { return game.substr(game.find(':') + 1); }
int Score(const Text& rest) { return std::stoi(rest); }
void HighScores(TopologyBuilder& flow) {
  flow.TableFrom(kIn, "games")
      .GroupBy("games-by-board",
               [](const Text& game) {
                 return KeyValue<Text, Text>{Board(game), Rest(game)};
               })
      .Top("high-scores", 2, Score)
      .ToStream()
      .To(kTops);
}

std::vector<Text> TakeTops(TextDriver& driver) {
  std::vector<Text> taken;
  for (const auto& record : driver->Drain(kTops)) {
    Text text = *record.key + "@" + std::to_string(ToMillis(record.timestamp));
    if (!record.value.has_value()) text += " none";
    if (record.value.has_value()) {
      for (const Text& row : record.value->rows) text += " " + row;
    }
    taken.push_back(text);
  }
  return taken;
}

TEST(Top, KeepsTheBestRowsOfEachGroup) {
  TextDriver driver(HighScores);
  driver.Pipe("g1", "go:5:ann", 10);
  driver.Pipe("g2", "go:7:bob", 20);
  driver.Pipe("g3", "go:6:cid", 5);
  driver.Pipe("g4", "go:1:dan", 30);  // not good enough
  driver.Pipe("g5", "chess:1:eve", 30);
  EXPECT_THAT(TakeTops(driver), ElementsAre("go@10 5:ann", "go@20 7:bob 5:ann", "go@20 7:bob 6:cid",
                                            "chess@30 1:eve"));
}

TEST(Top, LetsTheNextOneInWhenABetterOneLeaves) {
  TextDriver driver(HighScores);
  driver.Pipe("g1", "go:5:ann", 0);
  driver.Pipe("g2", "go:7:bob", 0);
  driver.Pipe("g3", "go:6:cid", 0);
  TakeTops(driver);
  driver.Pipe("g2", std::nullopt, 10);   // leaves
  driver.Pipe("g3", "go:1:cid", 20);     // becomes worse
  driver.Pipe("g1", "chess:5:ann", 30);  // changes its group
  driver.Pipe("g3", std::nullopt, 40);
  EXPECT_THAT(TakeTops(driver), ElementsAre("go@10 6:cid 5:ann", "go@20 5:ann 1:cid", "go@30 1:cid",
                                            "chess@30 5:ann", "go@40 none"));
}

TEST(Top, SaysNothingWhenTheListStaysTheSame) {
  TextDriver driver(HighScores);
  driver.Pipe("g1", "go:5:ann", 0);
  driver.Pipe("g1", "go:5:ann", 10);
  EXPECT_THAT(TakeTops(driver), ElementsAre("go@0 5:ann"));
}

TEST(Top, KnowsAllRowsAfterALossOfState) {
  TextDriver driver(HighScores);
  driver.Pipe("g1", "go:5:ann", 0);
  driver.Pipe("g2", "go:7:bob", 0);
  driver.Pipe("g3", "go:6:cid", 0);
  driver->CrashAndLoseState();
  driver.Pipe("g2", std::nullopt, 10);
  driver->Restart();
  driver.Pipe("g3", std::nullopt, 20);
  EXPECT_THAT(TakeTops(driver), testing::IsSupersetOf({"go@10 6:cid 5:ann", "go@20 5:ann"}));
}

TEST(Top, TakesAFunctionThatComparesRows) {
  TextDriver driver([](auto& flow) {
    flow.TableFrom(kIn, "games")
        .GroupBy("all",
                 [](const Text& game) {
                   return KeyValue<Text, Text>{"all", game};
                 })
        .Top("shortest", 2, [](const Text& a, const Text& b) { return a.size() < b.size(); })
        .ToStream()
        .To(kTops);
  });
  driver.Pipe("1", "long", 0);
  driver.Pipe("2", "b", 0);
  driver.Pipe("3", "a", 0);
  EXPECT_THAT(TakeTops(driver), ElementsAre("all@0 long", "all@0 b long", "all@0 a b"));
}

// The last list of each board is that of a sort, whatever the updates were.
TEST(Top, AgreesWithASort) {
  constexpr unsigned kSeed = 20;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  std::mt19937 random(kSeed);
  TextDriver driver(HighScores);
  std::map<Text, Text> games;
  std::map<Text, std::vector<Text>> lists;
  for (int i = 0; i < 400; ++i) {
    const Text key = "g" + std::to_string(random() % 8);
    const Text game = (random() % 2 == 0 ? "go:" : "chess:") + std::to_string(random() % 5) + ":p" +
                      std::to_string(random() % 3);
    if (random() % 4 == 0) {
      driver.Pipe(key, std::nullopt, i);
      games.erase(key);
    } else {
      driver.Pipe(key, game, i);
      games[key] = game;
    }
    for (const auto& record : driver->Drain(kTops)) {
      lists[*record.key] = record.value.has_value() ? record.value->rows : std::vector<Text>();
    }
    for (const Text board : {"go", "chess"}) {
      std::vector<Text> sorted;
      for (const auto& [_, other] : games) {
        if (Board(other) == board) sorted.push_back(Rest(other));
      }
      std::sort(sorted.begin(), sorted.end(), [](const Text& a, const Text& b) {
        return Score(a) != Score(b) ? Score(a) > Score(b) : a < b;
      });
      if (sorted.size() > 2) sorted.resize(2);
      ASSERT_EQ(lists[board], sorted) << "after update " << i;
    }
  }
}

TEST(Top, OfNothingIsRefused) {
  EXPECT_THAT(Refusal([](auto& flow) {
                flow.TableFrom(kIn, "games")
                    .GroupBy("all",
                             [](const Text& game) {
                               return KeyValue<Text, Text>{"", game};
                             })
                    .Top("none", 0, Score);
              }),
              HasSubstr("Top \"none\" asks for 0 rows"));
}

}  // namespace
}  // namespace millrace::verbs_test
