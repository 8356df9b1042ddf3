#include "mapping/dates.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "core/calendar.hpp"
#include "mapping/numbers.hpp"
#include "mapping/text.hpp"

namespace assembly_sync::mapping {
namespace {

using namespace std::chrono;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::size_t kLeastEpochDigits = 9;

std::optional<Moment> moment(std::optional<Instant> instant, bool zoned) {
  return instant ? std::optional<Moment>({*instant, zoned}) : std::nullopt;
}

std::optional<Moment> parse_calendar(std::string_view text) {
  const auto time = core::parse_calendar(text);
  return time ? moment(Instant{time->ms}, time->zoned) : std::nullopt;
}

std::optional<Instant> from_epoch(const Datum& number) {
  const auto ms = core::epoch_ms(number.as_double());
  return ms ? std::optional(Instant{*ms}) : std::nullopt;
}

sys_days day_of(Instant instant) {
  return floor<days>(sys_time<milliseconds>(milliseconds(instant.ms)));
}

std::string two_digits(std::int64_t n) {
  return {static_cast<char>('0' + n / 10 % 10), static_cast<char>('0' + n % 10)};
}

std::string year_text(std::int64_t y) {
  return two_digits(y / 100) + two_digits(y % 100);
}

}  // namespace

std::optional<Instant> bounded(std::int64_t ms) {
  if (!core::within_calendar(ms)) return std::nullopt;
  return Instant{ms};
}

Parts parts_of(Instant instant) {
  const sys_days whole = day_of(instant);
  const year_month_day date(whole);
  const std::int64_t rest = instant.ms - whole.time_since_epoch().count() * kDayMs;
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          rest / 3'600'000,
          rest / 60'000 % 60,
          rest / 1000 % 60,
          rest % 1000};
}

std::optional<Instant> instant_of(const Parts& p) {
  if (p.year < 1 || p.year > 9999 || p.month < 1 || p.month > 12 || p.day < 1 || p.day > 31 ||
      p.hour < 0 || p.hour > 23 || p.minute < 0 || p.minute > 59 || p.second < 0 || p.second > 60) {
    return std::nullopt;
  }
  const year_month_day date{year{static_cast<int>(p.year)}, month{static_cast<unsigned>(p.month)},
                            day{static_cast<unsigned>(p.day)}};
  if (!date.ok()) return std::nullopt;
  return bounded(sys_days{date}.time_since_epoch().count() * kDayMs +
                 ((p.hour * 60 + p.minute) * 60 + p.second) * 1000 + p.ms);
}

std::optional<Moment> parse_moment(const Datum& text_or_number) {
  if (text_or_number.is_number()) return moment(from_epoch(text_or_number), true);
  const std::string_view text = trim(text_or_number.as_text());
  if (const auto calendar = parse_calendar(text)) return calendar;
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  // Some write milliseconds as a number with a fraction: `1767225600000.0`.
  const std::size_t point = std::min(text.find('.'), text.size());
  const auto digits_only = [](std::string_view part) {
    return part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (!digits_only(text.substr(sign, point - sign)) || point < sign + kLeastEpochDigits ||
      !digits_only(text.substr(std::min(point + 1, text.size())))) {
    return std::nullopt;
  }
  const auto number = parse_number(text);
  return number ? moment(from_epoch(*number), true) : std::nullopt;
}

std::optional<Instant> parse_instant(const Datum& text_or_number) {
  const auto when = parse_moment(text_or_number);
  return when ? std::optional(when->instant) : std::nullopt;
}

std::string date_text(Instant instant) {
  const Parts p = parts_of(instant);
  return year_text(p.year) + '-' + two_digits(p.month) + '-' + two_digits(p.day);
}

namespace {

std::string local_text(Instant instant) {
  const Parts p = parts_of(instant);
  std::string out = date_text(instant) + 'T' + two_digits(p.hour) + ':' + two_digits(p.minute) +
                    ':' + two_digits(p.second);
  if (p.ms != 0) {
    out += '.';
    out += static_cast<char>('0' + p.ms / 100);
    out += two_digits(p.ms % 100);
  }
  return out;
}

}  // namespace

std::string datetime_text(Instant instant) {
  return local_text(instant) + 'Z';
}

std::string datetime_text(Instant instant, std::int64_t offset_ms) {
  return local_text({instant.ms + offset_ms}) + offset_text(offset_ms, true);
}

std::string offset_text(std::int64_t offset_ms, bool colon) {
  const std::int64_t minutes = std::abs(offset_ms) / 60'000;
  return (offset_ms < 0 ? '-' : '+') + two_digits(minutes / 60) + (colon ? ":" : "") +
         two_digits(minutes % 60);
}

std::optional<Instant> plus_days(Instant instant, std::int64_t count) {
  constexpr std::int64_t kMostDays = 4'000'000;  // more than the years 1 to 9999 have
  if (count > kMostDays || count < -kMostDays) return std::nullopt;
  return bounded(instant.ms + count * kDayMs);
}

std::optional<Instant> plus_months(Instant instant, std::int64_t count) {
  constexpr std::int64_t kMostMonths = 120'000;
  if (count > kMostMonths || count < -kMostMonths) return std::nullopt;
  Parts p = parts_of(instant);
  const std::int64_t all = p.year * 12 + p.month - 1 + count;
  if (all < 12) return std::nullopt;
  p.year = all / 12;
  p.month = all % 12 + 1;
  for (; p.day > 28; --p.day) {
    if (const auto moved = instant_of(p)) return moved;
  }
  return instant_of(p);
}

Instant start_of_day(Instant instant) {
  return {day_of(instant).time_since_epoch().count() * kDayMs};
}

std::int64_t days_between(Instant from, Instant to) {
  return (day_of(to) - day_of(from)).count();
}

}  // namespace assembly_sync::mapping
