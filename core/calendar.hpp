// Points in time as other programs write them, in ms since the epoch. No clock and no time zone of
// the machine: what names no zone is UTC. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace assembly_sync::core {

/// `ms`; nothing outside the years 1 to 9999.
std::optional<std::int64_t> within_calendar(std::int64_t ms);

struct CalendarTime {
  std::int64_t ms = 0;
  bool zoned = false;  // the text named its zone; else it was read as UTC
};

/// `2026-01-31`; `2026-01-31T10:00[:00[.123]]` (or a blank for the T) with `Z`, `+02:00`, `+0200`,
/// `+02` or nothing behind it. Nothing for any other text and outside the years 1 to 9999.
std::optional<CalendarTime> parse_calendar(std::string_view text);
/// The same, whether the text names a zone or not.
std::optional<std::int64_t> parse_calendar_ms(std::string_view text);

/// Seconds, or from 10^11 on milliseconds, since 1970; the fraction of a millisecond is cut off.
/// Nothing outside the years 1 to 9999.
std::optional<std::int64_t> epoch_ms(double seconds_or_ms);

}  // namespace assembly_sync::core
