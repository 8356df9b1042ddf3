// Measurements as plain values: what a part says of itself, for daemon/telemetry to write out.
// Names follow Prometheus: assembly_sync_…, base units, counters end in _total. Labels are of a
// closed set or of the configuration, never of a record (I11). Pure data.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace assembly_sync::core {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

struct MetricFamily {
  enum class Kind : std::uint8_t { counter, gauge };
  struct Sample {
    MetricLabels labels;
    double value = 0;
  };

  std::string name;
  Kind kind = Kind::gauge;
  std::string help;
  std::vector<Sample> samples{};
};

}  // namespace assembly_sync::core
