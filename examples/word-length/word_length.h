// word-length: how many words of each length the lines of a topic have had.
#pragma once

#include <cstdint>
#include <string>

#include "millrace/millrace.h"

inline const millrace::Topic<std::string, std::string> kLines{"lines"};
// Key: letters in a word; value: how many such words there have been.
inline const millrace::Topic<int64_t, int64_t> kWordLengths{"word-lengths"};

absl::StatusOr<millrace::Topology> BuildWordLength();
