// What a measurement costs: time, CPU, disk.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace millrace::bench {

// Of the whole process, since the stopwatch was made.
class Stopwatch {
 public:
  Stopwatch();
  double Seconds() const;
  double CpuSeconds() const;

 private:
  std::chrono::steady_clock::time_point started_;
  double cpu_;
};

// Of all files below the directory.
int64_t BytesBelow(const std::string& directory);

// The value that so many percent of the values do not exceed. REQUIRES: values.
double Percentile(std::vector<double> values, int percent);

}  // namespace millrace::bench
