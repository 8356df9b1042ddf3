#include "mapping/numbers.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace assembly_sync::mapping {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t digits_at(std::string_view text, std::size_t at) {
  std::size_t count = 0;
  while (at + count < text.size() && is_digit(text[at + count])) ++count;
  return count;
}

template <class T>
std::optional<T> read_all(std::string_view text) {
  T out{};
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, out);
  if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return out;
}

/// Where the fraction and exponent end; npos when they are malformed.
std::size_t skip_fraction_and_exponent(std::string_view text, std::size_t at) {
  if (at < text.size() && text[at] == '.') {
    const std::size_t digits = digits_at(text, at + 1);
    if (digits == 0) return std::string_view::npos;
    at += 1 + digits;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t digits = digits_at(text, at);
    if (digits == 0) return std::string_view::npos;
    at += digits;
  }
  return at;
}

}  // namespace

std::optional<Datum> parse_number(std::string_view text) {
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  if (text.starts_with('+')) {
    text.remove_prefix(1);  // from_chars knows no plus
  }
  const std::size_t digits = digits_at(text, sign);
  if (digits == 0) return std::nullopt;  // also a second sign
  const std::size_t whole_end = sign + digits;
  if (skip_fraction_and_exponent(text, whole_end) != text.size()) return std::nullopt;
  if (whole_end == text.size()) {
    if (const auto number = read_all<std::int64_t>(text)) return Datum(*number);
    if (const auto number = read_all<std::uint64_t>(text)) return Datum(*number);
  }
  const auto number = read_all<double>(text);  // nothing when it is too large for a double
  if (!number || !std::isfinite(*number)) return std::nullopt;
  return Datum(*number);
}

std::string number_text(const Datum& number) {
  std::array<char, 64> buffer{};
  char* const first = buffer.data();
  char* const last = first + buffer.size();
  std::to_chars_result result{};
  if (number.is_int()) {
    result = std::to_chars(first, last, number.as_int());
  } else if (number.is_uint()) {
    result = std::to_chars(first, last, number.as_uint());
  } else if (const double real = number.as_double();
             std::fabs(real) < 1e15 && real == std::trunc(real)) {
    result = std::to_chars(first, last, static_cast<std::int64_t>(real));
  } else {
    result = std::to_chars(first, last, real);
  }
  return {first, result.ptr};
}

Datum narrowed(const Datum& number) {
  constexpr double kExact = 9007199254740992.0;
  if (!number.is_double() || std::fabs(number.as_double()) > kExact) return number;
  const double real = number.as_double();
  return real == std::trunc(real) ? Datum(static_cast<std::int64_t>(real)) : number;
}

std::optional<std::int64_t> whole_number(const Datum& number) {
  if (number.is_int()) return number.as_int();
  if (!number.is_double()) return std::nullopt;
  const double real = number.as_double();
  if (real != std::trunc(real) || std::fabs(real) >= 9.2e18) return std::nullopt;
  return static_cast<std::int64_t>(real);
}

}  // namespace assembly_sync::mapping
