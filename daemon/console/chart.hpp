// Charts as inline SVG: drawn by the server, so that they are there without a script, and renewed
// with the rest of the page. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/console/html.hpp"

namespace assembly_sync::console {

struct ChartPoint {
  std::int64_t at_ms = 0;
  double value = 0;
};

struct Chart {
  std::string_view name;           // of the line: `calls a second`
  std::vector<ChartPoint> points;  // the oldest first
  std::int64_t now_ms = 0;         // the right edge
  double limit = 0;                // a line that the values stay below; 0 = none
  std::string summary;             // what it shows, for those who can't see it
};

/// The last five minutes.
Markup chart(const Chart& chart);

}  // namespace assembly_sync::console
