#include "connectors/decimal.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>

namespace assembly_sync::connectors {
namespace {

/// More digits than any amount has; keeps a hostile exponent from filling the memory.
constexpr std::size_t kMostDigits = 100;

struct Decimal {
  bool negative = false;
  std::string digits;     // at least one
  std::size_t scale = 0;  // how many of them stand behind the point
};

bool is_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Moves the point by an exponent; false when the number gets too long.
bool shift(Decimal& number, int exponent) {
  if (exponent < 0) {
    number.scale += static_cast<std::size_t>(-exponent);
  } else {
    const auto right = static_cast<std::size_t>(exponent);
    if (right > number.scale) number.digits.append(right - number.scale, '0');
    number.scale -= std::min(right, number.scale);
  }
  return number.digits.size() <= kMostDigits && number.scale <= kMostDigits;
}

std::optional<Decimal> parse(std::string_view text) {
  constexpr int kMostExponent = 60;
  Decimal number;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    number.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  const std::string_view mantissa = text.substr(0, e);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::string_view whole = mantissa.substr(0, point);
  const std::string_view fraction = mantissa.substr(std::min(point + 1, mantissa.size()));
  number.digits = std::string(whole).append(fraction);
  number.scale = fraction.size();
  if (number.digits.empty() || number.digits.size() > kMostDigits || !is_digits(number.digits)) {
    return std::nullopt;
  }
  if (e == text.size()) return number;
  std::string_view exponent_text = text.substr(e + 1);
  if (exponent_text.starts_with("+-")) return std::nullopt;
  if (exponent_text.starts_with('+')) exponent_text.remove_prefix(1);
  int exponent = 0;
  const char* const last = exponent_text.data() + exponent_text.size();
  const auto [end, error] = std::from_chars(exponent_text.data(), last, exponent);
  const bool good = error == std::errc{} && end == last && exponent >= -kMostExponent &&
                    exponent <= kMostExponent;
  if (!good || !shift(number, exponent)) return std::nullopt;
  return number;
}

/// Both of the same length from here on.
void align(std::string& a, std::string& b) {
  const std::size_t length = std::max(a.size(), b.size());
  a.insert(0, length - a.size(), '0');
  b.insert(0, length - b.size(), '0');
}

std::string sum_of(std::string a, std::string b) {
  align(a, b);
  int carry = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    const int digit = (a[i] - '0') + (b[i] - '0') + carry;
    a[i] = static_cast<char>('0' + digit % 10);
    carry = digit / 10;
  }
  if (carry != 0) a.insert(0, 1, '1');
  return a;
}

/// `a` must not be the smaller.
std::string difference_of(std::string a, std::string b) {
  align(a, b);
  int borrow = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    int digit = (a[i] - '0') - (b[i] - '0') - borrow;
    borrow = digit < 0 ? 1 : 0;
    digit += borrow * 10;
    a[i] = static_cast<char>('0' + digit);
  }
  return a;
}

}  // namespace

bool DecimalSum::add(std::string_view text) {
  auto number = parse(text);
  if (!number) return false;
  if (number->scale < scale_) number->digits.append(scale_ - number->scale, '0');
  if (number->scale > scale_) {
    plus_.append(number->scale - scale_, '0');
    minus_.append(number->scale - scale_, '0');
    scale_ = number->scale;
  }
  std::string& side = number->negative ? minus_ : plus_;
  side = sum_of(std::move(side), std::move(number->digits));
  return true;
}

std::string DecimalSum::text() const {
  std::string a = plus_;
  std::string b = minus_;
  align(a, b);
  const bool negative = a < b;
  std::string digits = negative ? difference_of(b, a) : difference_of(a, b);
  if (digits.size() <= scale_) digits.insert(0, scale_ + 1 - digits.size(), '0');
  std::string whole = digits.substr(0, digits.size() - scale_);
  std::string fraction = digits.substr(digits.size() - scale_);
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return (negative ? "-" : "") + whole + (fraction.empty() ? "" : "." + fraction);
}

}  // namespace assembly_sync::connectors
