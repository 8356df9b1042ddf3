// Dates and times as other systems write them in JSON. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "core/clock.hpp"

namespace assembly_sync::core {

/// `YYYY-MM-DD`, a real day, as midnight UTC; nothing otherwise.
std::optional<WallTime> parse_date(std::string_view text);
/// RFC 3339: `2025-03-20T15:30:00Z`, with fractions (cut to ms) and numeric offsets; nothing
/// otherwise.
std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace assembly_sync::core
