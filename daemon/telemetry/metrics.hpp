// Metrics: what this process counted and timed since it started, and the page that Prometheus
// reads. What the store knows (sums that outlive a restart, sizes, ages) is handed in when the page
// is written. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/metric.hpp"

namespace assembly_sync::telemetry {

/// Each has its name, its help and its labels in metrics.cpp.
enum class Counted : std::uint8_t {
  webhook_answers,  // source, status
  source_reads,     // source, result
  sweeps,           // source
  runs,             // state
  deliveries,       // lane, outcome
  commits,          // result
  operations,       // none
};
enum class Timed : std::uint8_t {
  delivery_delay,  // lane: receipt of a notice to its delivery
  call,            // outcome: one call to Assembly
  commit,          // none
};

class Metrics {
 public:
  Metrics();
  ~Metrics();

  /// `values`: of the labels, in their order. By 0: the series is there from now on.
  void count(Counted what, const std::vector<std::string>& values, double by = 1);
  void time(Timed what, const std::vector<std::string>& values, double seconds);
  /// The series is there from now on, without a value yet.
  void announce(Timed what, const std::vector<std::string>& values);

  /// The text exposition format, version 0.0.4: what was counted here, then `also`.
  std::string text(const std::vector<core::MetricFamily>& also) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assembly_sync::telemetry
