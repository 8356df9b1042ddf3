// Dates by a pattern: `%d.%m.%Y %H:%M`. Letters as of strftime; names of months in English,
// whatever the machine's locale. Patterns are checked once, then reading and writing can rely on
// them. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mapping/dates.hpp"

namespace assembly_sync::mapping {

/// A pattern's mistake: its byte, and "expected …, got …".
struct PatternError {
  std::size_t at = 0;
  std::string message;
};

/// Letters: Y y m d H I M S p B b z %. For reading there must be year, month and day.
std::optional<PatternError> check_date_pattern(std::string_view pattern, bool for_reading);

/// `local` as the clocks show it, at `offset_ms` from UTC. Of a checked pattern.
std::string formatted(Instant local, std::int64_t offset_ms, std::string_view pattern);

struct ReadDate {
  Moment moment;
  bool has_time = false;
};
/// Numbers may lack leading zeros, white space stands for any white space. Of a checked pattern;
/// nothing when the text has another form or there is no such date.
std::optional<ReadDate> read_date(std::string_view text, std::string_view pattern);

}  // namespace assembly_sync::mapping
