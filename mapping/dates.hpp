// Dates and times as CRMs write them. No clock and no time zone of the machine (I9): all is UTC
// unless a zone is named (zones.hpp). Patterns are in date_pattern.hpp. Thread-safe.
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
    "1970, got a value of another form (another form is read by parse_date)";

/// A moment, or a day or time of day that does not say where: what its zone is, others know.
struct Moment {
  Instant instant;     // as if in UTC when not zoned
  bool zoned = false;  // had an offset, or counts from 1970
};

/// Reads `2026-01-31`; `2026-01-31T10:00[:00[.123]]` (a space instead of T) with `Z`, `+02:00`,
/// `+0200`, `+02` or nothing (UTC); seconds or milliseconds since 1970 as number or text of at
/// least 9 digits (from 10^11 on they are milliseconds).
std::optional<Instant> parse_instant(const Datum& text_or_number);
std::optional<Moment> parse_moment(const Datum& text_or_number);

/// What the calendar and a clock show.
struct Parts {
  std::int64_t year, month, day, hour, minute, second, ms;
};
Parts parts_of(Instant instant);
/// Nothing when there is no such day or time, or it is outside of the years 1 to 9999. A 60th
/// second is the first of the next minute.
std::optional<Instant> instant_of(const Parts& parts);

std::string date_text(Instant instant);      // 2026-01-31
std::string datetime_text(Instant instant);  // 2026-01-31T10:00:00Z, with .123 when not whole
/// The same moment with a zone's offset: 2026-01-31T11:00:00+01:00.
std::string datetime_text(Instant instant, std::int64_t offset_ms);
/// `+01:00`; without the colon when `colon` is false.
std::string offset_text(std::int64_t offset_ms, bool colon);

/// Milliseconds within the years 1 to 9999.
std::optional<Instant> bounded(std::int64_t ms);

/// Nothing when the result leaves the years 1 to 9999.
std::optional<Instant> plus_days(Instant instant, std::int64_t days);
/// The same day of a later month, or that month's last day; nothing as above.
std::optional<Instant> plus_months(Instant instant, std::int64_t months);
Instant start_of_day(Instant instant);
/// Whole days from the day of `from` to the day of `to`.
std::int64_t days_between(Instant from, Instant to);

}  // namespace assembly_sync::mapping
