#include "mapping/dates.hpp"

#include <array>
#include <chrono>

#include "core/calendar.hpp"
#include "mapping/numbers.hpp"
#include "mapping/text.hpp"

namespace assembly_sync::mapping {
namespace {

using namespace std::chrono;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::size_t kLeastEpochDigits = 9;

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};

std::optional<Instant> to_instant(std::optional<std::int64_t> ms) {
  if (!ms) return std::nullopt;
  return Instant{*ms};
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

struct Parts {
  std::int64_t year, month, day, hour, minute, second, ms;
};

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

}  // namespace

std::optional<Instant> parse_instant(const Datum& text_or_number) {
  if (text_or_number.is_number()) return to_instant(core::epoch_ms(text_or_number.as_double()));
  const std::string_view text = trim(text_or_number.as_text());
  if (const auto calendar = core::parse_calendar_ms(text)) return to_instant(calendar);
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  const bool digits_only = text.find_first_not_of("0123456789", sign) == std::string_view::npos;
  if (!digits_only || text.size() < sign + kLeastEpochDigits) return std::nullopt;
  const auto number = parse_number(text);
  return number ? to_instant(core::epoch_ms(number->as_double())) : std::nullopt;
}

std::string date_text(Instant instant) {
  const Parts p = parts_of(instant);
  return year_text(p.year) + '-' + two_digits(p.month) + '-' + two_digits(p.day);
}

std::string datetime_text(Instant instant) {
  const Parts p = parts_of(instant);
  std::string out = date_text(instant) + 'T' + two_digits(p.hour) + ':' + two_digits(p.minute) +
                    ':' + two_digits(p.second);
  if (p.ms != 0) {
    out += '.';
    out += static_cast<char>('0' + p.ms / 100);
    out += two_digits(p.ms % 100);
  }
  return out + 'Z';
}

std::int64_t year_of(Instant instant) {
  return parts_of(instant).year;
}

std::optional<Instant> plus_days(Instant instant, std::int64_t count) {
  constexpr std::int64_t kMostDays = 4'000'000;  // more than the years 1 to 9999 have
  if (count > kMostDays || count < -kMostDays) return std::nullopt;
  return to_instant(core::within_calendar(instant.ms + count * kDayMs));
}

std::int64_t days_between(Instant from, Instant to) {
  return (day_of(to) - day_of(from)).count();
}

std::optional<std::string> formatted(Instant instant, std::string_view pattern) {
  const Parts p = parts_of(instant);
  const std::string_view month = kMonths[static_cast<std::size_t>(p.month - 1)];
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      out += pattern[i];
      continue;
    }
    switch (++i < pattern.size() ? pattern[i] : '\0') {
      case 'Y':
        out += year_text(p.year);
        break;
      case 'm':
        out += two_digits(p.month);
        break;
      case 'd':
        out += two_digits(p.day);
        break;
      case 'H':
        out += two_digits(p.hour);
        break;
      case 'M':
        out += two_digits(p.minute);
        break;
      case 'S':
        out += two_digits(p.second);
        break;
      case 'B':
        out += month;
        break;
      case 'b':
        out += month.substr(0, 3);
        break;
      case '%':
        out += '%';
        break;
      default:
        return std::nullopt;
    }
  }
  return out;
}

}  // namespace assembly_sync::mapping
