#include "millrace/metrics.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "base/json_text.h"
#include "millrace/status.h"

namespace millrace {
namespace {

// {a="x",b="y"}; a label more may be given as text. Prometheus escapes as JSON does here.
std::string LabelText(const MetricLabels& labels, const std::string& extra = "") {
  if (labels.empty() && extra.empty()) return "";
  std::string out = "{";
  for (const auto& [name, value] : labels) {
    if (out.size() > 1) out.push_back(',');
    absl::StrAppend(&out, name, "=");
    AppendJsonString(value, &out);
  }
  if (!extra.empty()) absl::StrAppend(&out, out.size() > 1 ? "," : "", extra);
  return out + "}";
}

// Every digit: absl::StrCat rounds to six, and a rate over that is mostly zero.
std::string NumberText(double number) {
  char digits[32];
  return std::string(digits, std::to_chars(digits, digits + sizeof(digits), number).ptr);
}
std::string NumberText(int64_t number) { return absl::StrCat(number); }

template <class M>
M* FindOrMake(std::map<std::string, std::map<MetricLabels, std::unique_ptr<M>>>* family,
              const std::string& name, const MetricLabels& labels) {
  std::unique_ptr<M>& metric = (*family)[name][labels];
  if (metric == nullptr) metric = std::make_unique<M>();
  return metric.get();
}

template <class M, class Values>
void AppendFamily(const char* type, const Values& family, std::string* out) {
  for (const auto& [name, metrics] : family) {
    absl::StrAppend(out, "# TYPE ", name, " ", type, "\n");
    for (const auto& [labels, metric] : metrics) {
      absl::StrAppend(out, name, LabelText(labels), " ", NumberText(metric->value()), "\n");
    }
  }
}

void AppendHistogram(const std::string& name, const MetricLabels& labels,
                     const Histogram& histogram, std::string* out) {
  int64_t cumulative = 0;
  for (int i = 0; i < Histogram::kBuckets; ++i) {
    cumulative += histogram.bucket(i);
    const bool last = i + 1 == Histogram::kBuckets;
    const std::string bound = last ? "+Inf" : NumberText(Histogram::UpperBound(i));
    absl::StrAppend(out, name, "_bucket", LabelText(labels, absl::StrCat("le=\"", bound, "\"")),
                    " ", cumulative, "\n");
  }
  absl::StrAppend(out, name, "_sum", LabelText(labels), " ", NumberText(histogram.sum()), "\n");
  absl::StrAppend(out, name, "_count", LabelText(labels), " ", cumulative, "\n");
}

}  // namespace

void Histogram::Observe(double seconds) {
  int bucket = 0;
  while (bucket + 1 < kBuckets && seconds > UpperBound(bucket)) ++bucket;
  buckets_[static_cast<size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_ns_.fetch_add(static_cast<int64_t>(seconds * 1e9), std::memory_order_relaxed);
  count_.fetch_add(1, std::memory_order_relaxed);
}

double Histogram::Quantile(double q) const {
  const int64_t total = count();
  if (total == 0) return 0;
  const auto rank = static_cast<int64_t>(std::ceil(q * static_cast<double>(total)));
  int64_t seen = 0;
  for (int i = 0; i < kBuckets; ++i) {
    seen += bucket(i);
    if (seen >= std::max<int64_t>(rank, 1)) return UpperBound(i);
  }
  return UpperBound(kBuckets - 1);
}

Counter* MetricsRegistry::counter(const std::string& name, const MetricLabels& labels) {
  std::lock_guard lock(mutex_);
  MR_CHECK(!gauges_.contains(name) && !histograms_.contains(name), name);
  return FindOrMake(&counters_, name, labels);
}

Gauge* MetricsRegistry::gauge(const std::string& name, const MetricLabels& labels) {
  std::lock_guard lock(mutex_);
  MR_CHECK(!counters_.contains(name) && !histograms_.contains(name), name);
  return FindOrMake(&gauges_, name, labels);
}

Histogram* MetricsRegistry::histogram(const std::string& name, const MetricLabels& labels) {
  std::lock_guard lock(mutex_);
  MR_CHECK(!counters_.contains(name) && !gauges_.contains(name), name);
  return FindOrMake(&histograms_, name, labels);
}

std::vector<MetricSample> MetricsRegistry::Snapshot() const {
  std::lock_guard lock(mutex_);
  std::vector<MetricSample> samples;
  auto append = [&samples](const auto& family) {
    for (const auto& [name, metrics] : family) {
      for (const auto& [labels, metric] : metrics) {
        samples.push_back({name, labels, static_cast<double>(metric->value())});
      }
    }
  };
  append(counters_);
  append(gauges_);
  std::sort(samples.begin(), samples.end(), [](const MetricSample& a, const MetricSample& b) {
    return std::tie(a.name, a.labels) < std::tie(b.name, b.labels);
  });
  return samples;
}

std::string MetricsRegistry::PrometheusText() const {
  std::lock_guard lock(mutex_);
  std::string out;
  AppendFamily<Counter>("counter", counters_, &out);
  AppendFamily<Gauge>("gauge", gauges_, &out);
  for (const auto& [name, metrics] : histograms_) {
    absl::StrAppend(&out, "# TYPE ", name, " histogram\n");
    for (const auto& [labels, metric] : metrics) AppendHistogram(name, labels, *metric, &out);
  }
  return out;
}

}  // namespace millrace
