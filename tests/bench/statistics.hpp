// Medians and percentiles of measured values. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace assembly_sync::bench {

/// The value below which `share` of all lie; 0 when there is none.
inline double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto last = static_cast<double>(values.size() - 1);
  return values[static_cast<std::size_t>(last * share + 0.5)];
}

inline double median(const std::vector<double>& values) {
  return percentile(values, 0.5);
}

}  // namespace assembly_sync::bench
