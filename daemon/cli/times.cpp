#include "daemon/cli/times.hpp"

#include <charconv>

#include "core/calendar.hpp"

namespace assembly_sync::cli {
namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kDay = 86'400 * kSecond;

std::int64_t unit_ms(std::string_view unit) {
  if (unit == "s") return kSecond;
  if (unit == "m" || unit == "min") return 60 * kSecond;
  if (unit == "h") return 3600 * kSecond;
  if (unit == "d") return kDay;
  if (unit == "w") return 7 * kDay;
  return 0;
}

/// `12h`: how long that is; nothing for another text and beyond a hundred years.
std::optional<std::int64_t> span_ms(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const auto digits = static_cast<std::size_t>(end - text.data());
  if (error != std::errc() || digits == 0 || count < 0) return std::nullopt;
  const std::int64_t unit = unit_ms(text.substr(digits));
  if (unit == 0 || count > 36'525 * kDay / unit) return std::nullopt;
  return count * unit;
}

}  // namespace

core::Result<std::optional<std::int64_t>> parse_time(const std::string& text, core::WallTime now) {
  if (text.empty()) return std::nullopt;
  const std::int64_t now_ms = core::to_ms(now);
  const std::int64_t today = now_ms - now_ms % kDay;
  if (text == "today") return today;
  if (text == "yesterday") return today - kDay;
  if (const auto span = span_ms(text)) return now_ms - *span;
  if (const auto time = core::parse_calendar_ms(text)) return *time;
  return core::fail(
      "--since: expected a time like 2026-01-31, 2026-01-31T10:00:00Z, yesterday or 12h, got " +
      text);
}

}  // namespace assembly_sync::cli
