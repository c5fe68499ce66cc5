#include "generator/distributions.h"

#include <algorithm>
#include <utility>

#include "generator/fixed_point.h"
#include "millrace/status.h"

namespace millrace::gen {

WeightedChoice::WeightedChoice(std::vector<uint64_t> weights) : sums_(std::move(weights)) {
  MR_CHECK(!sums_.empty(), "a choice of nothing");
  for (size_t i = 1; i < sums_.size(); ++i) sums_[i] += sums_[i - 1];
}

WeightedChoice WeightedChoice::Zipf(uint64_t count, uint32_t s_thousandths) {
  std::vector<uint64_t> weights(count);
  for (uint64_t rank = 1; rank <= count; ++rank) {
    const int64_t power = -(Log2Q32(rank) * s_thousandths / 1000);
    weights[rank - 1] = static_cast<uint64_t>(std::max<int64_t>(1, Exp2Q32(power)));
  }
  return WeightedChoice(std::move(weights));
}

uint64_t WeightedChoice::Draw(Draws& draws) const {
  const uint64_t ticket = draws.Below(sums_.back());
  return static_cast<uint64_t>(std::upper_bound(sums_.begin(), sums_.end(), ticket) -
                               sums_.begin());
}

uint64_t WeightedChoice::WeightOf(uint64_t index) const {
  return index == 0 ? sums_[0] : sums_[index] - sums_[index - 1];
}

uint64_t LogNormal(Draws& draws, uint64_t median, uint32_t sigma_thousandths, uint64_t cap) {
  int64_t normal = -6 * kOneQ32;
  for (int i = 0; i < 12; ++i) normal += static_cast<int64_t>(draws.Next() >> 32);
  const int64_t exponent = MulQ32(normal, kLog2EQ32) * sigma_thousandths / 1000;
  const auto factor = static_cast<unsigned __int128>(Exp2Q32(std::min(exponent, 20 * kOneQ32)));
  return std::min(cap, static_cast<uint64_t>((factor * median) >> 32));
}

uint64_t Exponential(Draws& draws, uint64_t mean) {
  // -ln of a uniform number in (0, 1].
  const int64_t log2 = 64 * kOneQ32 - Log2Q32(std::max<uint64_t>(draws.Next(), 1));
  const auto ln = static_cast<unsigned __int128>(MulQ32(log2, kLn2Q32));
  return static_cast<uint64_t>((ln * mean) >> 32);
}

}  // namespace millrace::gen
