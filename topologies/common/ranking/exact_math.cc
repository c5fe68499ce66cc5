// Compiled with -ffp-contract=off (CMakeLists.txt): a fused multiply-add rounds once where two
// operations round twice. frexp and ldexp only move the exponent, so they are exact.
#include "topologies/common/ranking/exact_math.h"

#include <array>
#include <cmath>

namespace millrace::topologies {
namespace {

// ln 2 in two parts; the first has 21 trailing zero bits, so that its product with an exponent is
// exact.
constexpr double kLn2High = 6.93147180369123816490e-01;
constexpr double kLn2Low = 1.90821492927058770002e-10;
constexpr double kOneOverLn2 = 1.44269504088896338700e+00;
// 1 / n! for n = 14 … 0: what is behind them is below 2^-62 for |r| <= ln 2 / 2.
constexpr std::array<double, 15> kTaylor = {1.0 / 87178291200,
                                            1.0 / 6227020800,
                                            1.0 / 479001600,
                                            1.0 / 39916800,
                                            1.0 / 3628800,
                                            1.0 / 362880,
                                            1.0 / 40320,
                                            1.0 / 5040,
                                            1.0 / 720,
                                            1.0 / 120,
                                            1.0 / 24,
                                            1.0 / 6,
                                            1.0 / 2,
                                            1.0,
                                            1.0};
constexpr double kSqrtHalf = 7.07106781186547524401e-01;

// ln of a number in [sqrt(1/2), sqrt(2)): 2 artanh((m - 1) / (m + 1)) as its series, whose terms
// behind s^23 are below 2^-56 of the first.
double LogOfMantissa(double m) {
  const double s = (m - 1.0) / (m + 1.0);
  const double square = s * s;
  double sum = 0;
  for (int power = 23; power >= 3; power -= 2) sum = (sum + 1.0 / power) * square;
  return 2.0 * s + 2.0 * s * sum;
}

}  // namespace

double ExactExp(double x) {
  if (x <= -708.0) return 0;
  const double k = std::floor(x * kOneOverLn2 + 0.5);
  const double r = (x - k * kLn2High) - k * kLn2Low;  // |r| <= ln 2 / 2
  double sum = 0;
  for (const double coefficient : kTaylor) sum = sum * r + coefficient;
  return std::ldexp(sum, static_cast<int>(k));
}

double ExactLog(double x) {
  int exponent = 0;
  double m = std::frexp(x, &exponent);
  if (m < kSqrtHalf) {
    m *= 2;
    --exponent;
  }
  return exponent * kLn2High + (LogOfMantissa(m) + exponent * kLn2Low);
}

double ExactLog1p(double x) {
  const double y = 1.0 + x;
  // What the sum has rounded away, as a part of y.
  const double lost = x >= 1.0 ? 1.0 - (y - x) : x - (y - 1.0);
  return ExactLog(y) + lost / y;
}

}  // namespace millrace::topologies
