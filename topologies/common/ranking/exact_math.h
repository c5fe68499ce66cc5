// exp and log with the same bits on every machine: sums, products and quotients of doubles in a
// fixed order, which IEEE 754 defines to the last bit. Those of the C library differ in it from one
// library to the next, and what is ordered by them would differ, too. Pure; any thread.
#pragma once

namespace millrace::topologies {

// e^x, within 1e-15 of it relatively. x <= -708 gives 0.
// REQUIRES: x <= 700, and not NaN.
double ExactExp(double x);

// The natural logarithm, within 1e-15 relatively or absolutely. REQUIRES: x > 0, finite, normal.
double ExactLog(double x);

// ln(1 + x), exact near 0 as well. REQUIRES: x > -1 and finite.
double ExactLog1p(double x);

}  // namespace millrace::topologies
