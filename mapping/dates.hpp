// Dates and times as CRMs write them. No clock and no time zone of the machine (I9): all is UTC.
// Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mapping/datum.hpp"

namespace assembly_sync::mapping {

/// Milliseconds since the epoch, years 1 to 9999.
struct Instant {
  std::int64_t ms = 0;
};

/// What a text or number is refused with: "expected a date such as …, got a text of another form".
inline constexpr std::string_view kNotADate =
    "expected a date such as 2026-01-31 or 2026-01-31T10:00:00Z, or seconds or milliseconds since "
    "1970, got a value of another form";

/// Reads `2026-01-31`; `2026-01-31T10:00[:00[.123]]` (a space instead of T) with `Z`, `+02:00`,
/// `+0200`, `+02` or nothing (UTC); seconds or milliseconds since 1970 as number or text of at
/// least 9 digits (from 10^11 on they are milliseconds).
std::optional<Instant> parse_instant(const Datum& text_or_number);

std::string date_text(Instant instant);      // 2026-01-31
std::string datetime_text(Instant instant);  // 2026-01-31T10:00:00Z, with .123 when not whole

std::int64_t year_of(Instant instant);
/// Nothing when the result leaves the years 1 to 9999.
std::optional<Instant> plus_days(Instant instant, std::int64_t days);
/// Whole days from the day of `from` to the day of `to`.
std::int64_t days_between(Instant from, Instant to);

/// `%Y %m %d %H %M %S %B %b %%`, months in English. Nothing on another letter after %.
std::optional<std::string> formatted(Instant instant, std::string_view pattern);

}  // namespace assembly_sync::mapping
