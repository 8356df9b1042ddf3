#include "mapping/date_pattern.hpp"

#include <array>

#include "mapping/text.hpp"

namespace assembly_sync::mapping {
namespace {

constexpr std::string_view kLetters = "YymdHIMSpBbz%";

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};

std::string padded(std::int64_t number, int width) {
  std::string out = std::to_string(number);
  if (out.size() < static_cast<std::size_t>(width)) {
    out.insert(0, static_cast<std::size_t>(width) - out.size(), '0');
  }
  return out;
}

/// Hours of a clock with 12 of them: 12, 1, …, 11.
std::int64_t twelve(std::int64_t hour) {
  return (hour + 11) % 12 + 1;
}

std::string piece(char letter, const Parts& p, std::int64_t offset_ms) {
  const std::string_view month = kMonths[static_cast<std::size_t>(p.month - 1)];
  switch (letter) {
    case 'Y':
      return padded(p.year, 4);
    case 'y':
      return padded(p.year % 100, 2);
    case 'm':
      return padded(p.month, 2);
    case 'd':
      return padded(p.day, 2);
    case 'H':
      return padded(p.hour, 2);
    case 'I':
      return padded(twelve(p.hour), 2);
    case 'M':
      return padded(p.minute, 2);
    case 'S':
      return padded(p.second, 2);
    case 'p':
      return p.hour < 12 ? "AM" : "PM";
    case 'B':
      return std::string(month);
    case 'b':
      return std::string(month.substr(0, 3));
    case 'z':
      return offset_text(offset_ms, false);
    default:
      return "%";
  }
}

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }

  bool same(char c) {
    if (c == ' ') {
      const std::string_view after = trim_begin();
      const bool any = after.size() < rest_.size();
      rest_ = after;
      return any;
    }
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool piece(char letter) {
    switch (letter) {
      case 'Y':
        return number(4, 4, parts_.year);
      case 'y':
        if (!number(2, 2, parts_.year)) return false;
        parts_.year += parts_.year < 70 ? 2000 : 1900;
        return true;
      case 'm':
        return number(1, 2, parts_.month);
      case 'd':
        return number(1, 2, parts_.day);
      case 'H':
      case 'I':
        has_time_ = true;
        return number(1, 2, parts_.hour) && (letter == 'H' || (parts_.hour > 0 && twelve_hours()));
      case 'M':
        return number(2, 2, parts_.minute);
      case 'S':
        return number(2, 2, parts_.second);
      case 'p':
        return half_of_day();
      case 'B':
      case 'b':
        return month_name();
      case 'z':
        return offset();
      default:
        return same('%');
    }
  }

  std::optional<ReadDate> result() {
    if (half_ && !twelve_) return std::nullopt;
    if (twelve_) parts_.hour = parts_.hour % 12 + (afternoon_ ? 12 : 0);
    const auto local = instant_of(parts_);
    const auto instant = local ? bounded(local->ms - offset_ms_) : std::nullopt;
    if (!instant) return std::nullopt;
    return ReadDate{{*instant, zoned_}, has_time_};
  }

 private:
  std::string_view trim_begin() const {
    const std::string_view inner = trim(rest_);
    return inner.empty() ? inner
                         : rest_.substr(static_cast<std::size_t>(inner.data() - rest_.data()));
  }
  bool twelve_hours() {
    twelve_ = true;
    return parts_.hour <= 12;
  }

  bool number(std::size_t least, std::size_t most, std::int64_t& out) {
    std::size_t count = 0;
    out = 0;
    while (count < most && count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9') {
      out = out * 10 + (rest_[count++] - '0');
    }
    rest_.remove_prefix(count);
    return count >= least;
  }

  bool word(std::string_view expected) {
    if (lower(rest_.substr(0, expected.size())) != lower(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  bool half_of_day() {
    half_ = true;
    afternoon_ = word("PM");
    return afternoon_ || word("AM");
  }

  bool month_name() {
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
      if (!word(kMonths[i]) && !word(kMonths[i].substr(0, 3))) continue;
      parts_.month = static_cast<std::int64_t>(i) + 1;
      return true;
    }
    return false;
  }

  bool offset() {
    zoned_ = true;
    if (same('Z') || same('z')) return true;
    const bool west = same('-');
    std::int64_t hours = 0;
    std::int64_t minutes = 0;
    if ((!west && !same('+')) || !number(2, 2, hours)) return false;
    same(':');
    if (!number(2, 2, minutes) || hours > 15 || minutes > 59) return false;
    offset_ms_ = (west ? -1 : 1) * (hours * 60 + minutes) * 60'000;
    return true;
  }

  std::string_view rest_;
  Parts parts_{1970, 1, 1, 0, 0, 0, 0};
  std::int64_t offset_ms_ = 0;
  bool zoned_ = false;
  bool has_time_ = false;
  bool twelve_ = false;
  bool half_ = false;
  bool afternoon_ = false;
};

bool has(std::string_view pattern, char letter) {
  for (std::size_t i = 0; i + 1 < pattern.size(); ++i) {
    if (pattern[i] == '%' && pattern[++i] == letter) return true;
  }
  return false;
}

}  // namespace

std::optional<PatternError> check_date_pattern(std::string_view pattern, bool for_reading) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') continue;
    const bool known = i + 1 < pattern.size() && kLetters.find(pattern[i + 1]) != kLetters.npos;
    if (!known) {
      return PatternError{i,
                          "expected %Y %y %m %d %H %I %M %S %p %B %b %z or %% in the pattern, got "
                          "another %"};
    }
    ++i;
  }
  if (!for_reading) return std::nullopt;
  const bool year = has(pattern, 'Y') || has(pattern, 'y');
  const bool month = has(pattern, 'm') || has(pattern, 'B') || has(pattern, 'b');
  if (year && month && has(pattern, 'd')) return std::nullopt;
  return PatternError{0,
                      "expected a pattern with year, month and day such as '%d.%m.%Y', got one "
                      "without " +
                          std::string(!year    ? "%Y"
                                      : !month ? "%m"
                                               : "%d")};
}

std::string formatted(Instant local, std::int64_t offset_ms, std::string_view pattern) {
  const Parts parts = parts_of(local);
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '%' && i + 1 < pattern.size()) {
      out += piece(pattern[++i], parts, offset_ms);
    } else {
      out += pattern[i];
    }
  }
  return out;
}

std::optional<ReadDate> read_date(std::string_view text, std::string_view pattern) {
  Reader reader(trim(text));
  pattern = trim(pattern);
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool letter = pattern[i] == '%' && i + 1 < pattern.size();
    if (!(letter ? reader.piece(pattern[++i]) : reader.same(pattern[i]))) return std::nullopt;
  }
  return reader.done() ? reader.result() : std::nullopt;
}

}  // namespace assembly_sync::mapping
