#include "connectors/timestamp.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace assembly_sync::connectors {
namespace {

/// Nothing unless the text is digits only. Some official clients let any other text pass the age
/// check, or read as far as the digits go.
std::optional<std::int64_t> parse_digits(std::string_view text) {
  const bool digits_only = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
  if (!digits_only) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  return number;
}

std::string in_words(std::chrono::seconds span) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(span);
  if (minutes != span) return std::to_string(span.count()) + " seconds";
  return std::to_string(minutes.count()) + (minutes.count() == 1 ? " minute" : " minutes");
}

}  // namespace

std::string timestamp_problem(std::string_view text, TimestampUnit unit,
                              std::chrono::seconds tolerance, core::WallTime now) {
  const auto sent = parse_digits(text);
  if (!sent) return "timestamp is not a number";
  const std::int64_t a_second = unit == TimestampUnit::seconds ? 1 : 1000;
  const std::int64_t here = core::to_ms(now) * a_second / 1000;
  const std::int64_t most = tolerance.count() * a_second;
  // Compared without subtracting: the sender's number may be as large as 64 bits allow.
  if (*sent < here - most) return "timestamp older than " + in_words(tolerance);
  if (*sent > here + most) return "timestamp more than " + in_words(tolerance) + " ahead";
  return {};
}

}  // namespace assembly_sync::connectors
