#include "core/time_text.hpp"

#include <cctype>
#include <string>

namespace assembly_sync::core {
namespace {

/// The number written with exactly these digits, or -1.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int number = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return -1;
    number = number * 10 + (c - '0');
  }
  return number;
}

bool has(std::string_view text, std::size_t at, char c) {
  return at < text.size() && text[at] == c;
}

std::optional<Millis> parse_time_of_day(std::string_view text) {
  const int hour = digits(text, 0, 2);
  const int minute = digits(text, 3, 2);
  const int second = digits(text, 6, 2);
  if (!has(text, 2, ':') || !has(text, 5, ':')) return std::nullopt;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
    return std::nullopt;
  }
  return std::chrono::hours{hour} + std::chrono::minutes{minute} + std::chrono::seconds{second};
}

/// Takes `.123…` off the front of `text`.
std::optional<Millis> take_fraction(std::string_view& text) {
  if (!has(text, 0, '.')) return Millis{0};
  std::size_t end = 1;
  while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])) != 0) ++end;
  if (end == 1) return std::nullopt;
  std::string three(text.substr(1, std::min<std::size_t>(end - 1, 3)));
  three.resize(3, '0');
  text.remove_prefix(end);
  return Millis{digits(three, 0, 3)};
}

std::optional<Millis> parse_offset(std::string_view text) {
  if (text == "Z" || text == "z") return Millis{0};
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const int hours = digits(text, 1, 2);
  const int minutes = digits(text, 4, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  const Millis span = std::chrono::hours{hours} + std::chrono::minutes{minutes};
  return text[0] == '-' ? -span : span;
}

}  // namespace

std::optional<WallTime> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int year = digits(text, 0, 4);
  const int month = digits(text, 5, 2);
  const int day = digits(text, 8, 2);
  if (year < 0 || month < 0 || day < 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  return WallTime{std::chrono::sys_days{date}};
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  const auto date = parse_date(text.substr(0, 10));
  if (!date || text.size() < 20 || (text[10] != 'T' && text[10] != 't')) return std::nullopt;
  const auto time = parse_time_of_day(text.substr(11, 8));
  text.remove_prefix(19);
  const auto fraction = take_fraction(text);
  const auto offset = parse_offset(text);
  if (!time || !fraction || !offset) return std::nullopt;
  return *date + *time + *fraction - *offset;
}

}  // namespace assembly_sync::core
