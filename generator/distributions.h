// The distributions of a social network, on integers: the same draws on every machine.
#pragma once

#include <cstdint>
#include <vector>

#include "generator/random.h"

namespace millrace::gen {

// Draws an index with a probability proportional to its weight. 8 bytes per index.
class WeightedChoice {
 public:
  // REQUIRES: at least one weight, all positive, their sum below 2^63.
  explicit WeightedChoice(std::vector<uint64_t> weights);
  // Zipf's law: the index r has the weight (r + 1)^-s. `s` in thousandths. REQUIRES: count > 0.
  static WeightedChoice Zipf(uint64_t count, uint32_t s_thousandths);

  uint64_t Draw(Draws& draws) const;
  uint64_t size() const { return sums_.size(); }
  uint64_t WeightOf(uint64_t index) const;
  uint64_t total() const { return sums_.back(); }

 private:
  std::vector<uint64_t> sums_;  // of the weights up to and with this one
};

// Lognormal: median * e^(sigma * Z), at most `cap`. Z is the sum of twelve uniform draws, less six.
uint64_t LogNormal(Draws& draws, uint64_t median, uint32_t sigma_thousandths, uint64_t cap);

// Exponential with this mean.
uint64_t Exponential(Draws& draws, uint64_t mean);

}  // namespace millrace::gen
