#include "mapping/dates.hpp"

#include <chrono>
#include <cmath>
#include <cstdlib>

#include "mapping/numbers.hpp"
#include "mapping/text.hpp"

namespace assembly_sync::mapping {
namespace {

using namespace std::chrono;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kLeastMs = -62'135'596'800'000;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kMostMs = 253'402'300'799'999;   // 9999-12-31T23:59:59.999Z
/// Seconds of the year 5138, milliseconds of March 1973.
constexpr double kMillisecondsFrom = 1e11;
constexpr std::size_t kLeastEpochDigits = 9;

/// Reads a text piece by piece; every step is false when the text goes on otherwise.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  bool next_is_digit() const { return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; }
  bool symbol(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool digits(std::size_t count, int& out) {
    if (rest_.size() < count) return false;
    out = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!next_is_digit()) return false;
      out = out * 10 + (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return true;
  }
  /// `.123456789` in whole milliseconds.
  bool fraction(int& ms) {
    int scale = 100;
    if (!next_is_digit()) return false;
    for (; next_is_digit(); rest_.remove_prefix(1), scale /= 10) ms += (rest_[0] - '0') * scale;
    return true;
  }

 private:
  std::string_view rest_;
};

bool read_time(Scanner& in, std::int64_t& ms) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  int milli = 0;
  if (!in.digits(2, hour) || !in.symbol(':') || !in.digits(2, minute)) return false;
  if (in.symbol(':')) {
    if (!in.digits(2, second)) return false;
    if ((in.symbol('.') || in.symbol(',')) && !in.fraction(milli)) return false;
  }
  if (hour > 23 || minute > 59 || second > 60) return false;  // 60: a leap second
  ms += ((hour * 60 + minute) * 60 + second) * std::int64_t{1000} + milli;
  return true;
}

/// False when there is another text than a zone; `zoned` tells whether there is one.
bool read_zone(Scanner& in, std::int64_t& ms, bool& zoned) {
  if (in.done()) return true;
  zoned = true;
  if (in.symbol('Z') || in.symbol('z')) return true;
  in.symbol(' ');
  const bool west = in.symbol('-');
  int hours = 0;
  int minutes = 0;
  if ((!west && !in.symbol('+')) || !in.digits(2, hours)) return false;
  if (!in.done()) {
    in.symbol(':');
    if (!in.digits(2, minutes)) return false;
  }
  if (hours > 15 || minutes > 59) return false;
  ms -= (west ? -1 : 1) * (hours * 60 + minutes) * std::int64_t{60'000};
  return true;
}

std::optional<Moment> moment(std::optional<Instant> instant, bool zoned) {
  return instant ? std::optional<Moment>({*instant, zoned}) : std::nullopt;
}

std::optional<Moment> parse_calendar(std::string_view text) {
  Scanner in(text);
  int y = 0;
  int m = 0;
  int d = 0;
  if (!in.digits(4, y) || !in.symbol('-') || !in.digits(2, m) || !in.symbol('-') ||
      !in.digits(2, d)) {
    return std::nullopt;
  }
  const auto day = instant_of({y, m, d, 0, 0, 0, 0});
  if (!day) return std::nullopt;
  std::int64_t ms = day->ms;
  bool zoned = false;
  if (!in.done()) {
    if (!in.symbol('T') && !in.symbol('t') && !in.symbol(' ')) return std::nullopt;
    if (!read_time(in, ms) || !read_zone(in, ms, zoned) || !in.done()) return std::nullopt;
  }
  return moment(bounded(ms), zoned);
}

std::optional<Instant> from_epoch(const Datum& number) {
  const double value = number.as_double();
  if (!(std::fabs(value) < 1e15)) return std::nullopt;
  const double ms = std::fabs(value) >= kMillisecondsFrom ? value : value * 1000;
  return bounded(static_cast<std::int64_t>(std::floor(ms)));
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
  if (ms < kLeastMs || ms > kMostMs) return std::nullopt;
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
  const bool digits_only = text.find_first_not_of("0123456789", sign) == std::string_view::npos;
  if (!digits_only || text.size() < sign + kLeastEpochDigits) return std::nullopt;
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
