// Metrics: counters, gauges and histograms with Prometheus names (units in the name, _total on
// counters, _seconds for times). Cheap on the hot path: look a metric up once, keep the pointer.
// All of it is thread-safe; pointers live as long as the registry.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace millrace {

// Label names and values; a fixed, small set per metric (never user ids or offsets).
using MetricLabels = std::map<std::string, std::string>;

// Grows only. Add() is a plain load and store: each counter has one writing thread at a time.
class Counter {
 public:
  void Add(int64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  alignas(64) std::atomic<int64_t> value_{0};
};

class Gauge {
 public:
  void Set(double value) { value_.store(value, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

// Counts observations in buckets that double from 1 us to 137 s. In seconds.
class Histogram {
 public:
  static constexpr int kBuckets = 28;

  void Observe(double seconds);
  int64_t count() const { return count_.load(std::memory_order_relaxed); }
  double sum() const { return static_cast<double>(sum_ns_.load(std::memory_order_relaxed)) / 1e9; }
  // Observations in bucket i, whose upper bound is UpperBound(i) (the last one has none).
  int64_t bucket(int i) const {
    return buckets_[static_cast<size_t>(i)].load(std::memory_order_relaxed);
  }
  static double UpperBound(int i) { return 1e-6 * static_cast<double>(int64_t{1} << i); }
  // An upper bound of the q-quantile (0..1); 0 without observations.
  double Quantile(double q) const;

 private:
  std::array<std::atomic<int64_t>, kBuckets> buckets_{};
  std::atomic<int64_t> count_{0};
  std::atomic<int64_t> sum_ns_{0};
};

// One value of a counter or gauge as Snapshot() found it.
struct MetricSample {
  std::string name;
  MetricLabels labels;
  double value;
};

class MetricsRegistry {
 public:
  // The metric of that name and labels, made on the first call. One kind per name (checked).
  Counter* counter(const std::string& name, const MetricLabels& labels = {});
  Gauge* gauge(const std::string& name, const MetricLabels& labels = {});
  Histogram* histogram(const std::string& name, const MetricLabels& labels = {});

  // Counters and gauges, sorted by name and labels.
  std::vector<MetricSample> Snapshot() const;
  // Prometheus' text format 0.0.4.
  std::string PrometheusText() const;

 private:
  template <class M>
  using Family = std::map<std::string, std::map<MetricLabels, std::unique_ptr<M>>>;

  mutable std::mutex mutex_;
  Family<Counter> counters_;
  Family<Gauge> gauges_;
  Family<Histogram> histograms_;
};

}  // namespace millrace
