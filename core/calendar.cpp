#include "core/calendar.hpp"

#include <chrono>
#include <cmath>

namespace assembly_sync::core {
namespace {

using namespace std::chrono;

constexpr std::int64_t kDayMs = 86'400'000;
/// Seconds of the year 5138, milliseconds of March 1973.
constexpr double kMillisecondsFrom = 1e11;

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

/// False when there is another text than a zone.
bool read_zone(Scanner& in, CalendarTime& time) {
  if (in.done()) return true;
  time.zoned = true;
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
  time.ms -= (west ? -1 : 1) * (hours * 60 + minutes) * std::int64_t{60'000};
  return true;
}

}  // namespace

std::optional<std::int64_t> within_calendar(std::int64_t ms) {
  constexpr std::int64_t kLeastMs = -62'135'596'800'000;  // 0001-01-01T00:00:00Z
  constexpr std::int64_t kMostMs = 253'402'300'799'999;   // 9999-12-31T23:59:59.999Z
  if (ms < kLeastMs || ms > kMostMs) return std::nullopt;
  return ms;
}

std::optional<CalendarTime> parse_calendar(std::string_view text) {
  Scanner in(text);
  int y = 0;
  int m = 0;
  int d = 0;
  if (!in.digits(4, y) || !in.symbol('-') || !in.digits(2, m) || !in.symbol('-') ||
      !in.digits(2, d)) {
    return std::nullopt;
  }
  const year_month_day date{year{y}, month{static_cast<unsigned>(m)},
                            day{static_cast<unsigned>(d)}};
  if (!date.ok()) return std::nullopt;
  CalendarTime time{sys_days{date}.time_since_epoch().count() * kDayMs, false};
  if (!in.done()) {
    if (!in.symbol('T') && !in.symbol('t') && !in.symbol(' ')) return std::nullopt;
    if (!read_time(in, time.ms) || !read_zone(in, time) || !in.done()) return std::nullopt;
  }
  return within_calendar(time.ms) ? std::optional(time) : std::nullopt;
}

std::optional<std::int64_t> parse_calendar_ms(std::string_view text) {
  const auto time = parse_calendar(text);
  return time ? std::optional(time->ms) : std::nullopt;
}

std::optional<std::int64_t> epoch_ms(double seconds_or_ms) {
  if (!(std::fabs(seconds_or_ms) < 1e15)) return std::nullopt;
  const double ms =
      std::fabs(seconds_or_ms) >= kMillisecondsFrom ? seconds_or_ms : seconds_or_ms * 1000;
  return within_calendar(static_cast<std::int64_t>(std::floor(ms)));
}

}  // namespace assembly_sync::core
