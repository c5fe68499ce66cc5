#include "topologies/word-count/words.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::topologies {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Words(std::string_view line) {
  std::vector<std::string> words;
  ForEachWord(line, [&words](const std::string& word) { words.push_back(word); });
  return words;
}

TEST(Words, AreCutAtPunctuationAndLowered) {
  EXPECT_THAT(Words("To be, or NOT to be?"), ElementsAre("to", "be", "or", "not", "to", "be"));
}

TEST(Words, KeepLettersOutsideOfAsciiTogether) {
  EXPECT_THAT(Words("größer als 日本語"), ElementsAre("größer", "als", "日本語"));
}

TEST(Words, OfALineWithoutLettersAreNone) {
  EXPECT_THAT(Words(""), IsEmpty());
  EXPECT_THAT(Words(" .,;- \t"), IsEmpty());
}

}  // namespace
}  // namespace millrace::topologies
