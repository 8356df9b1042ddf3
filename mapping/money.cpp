#include "mapping/money.hpp"

#include <algorithm>
#include <utility>

#include "mapping/numbers.hpp"
#include "mapping/text.hpp"

namespace assembly_sync::mapping {
namespace {

/// Longer than any amount.
constexpr std::size_t kAmountBytes = 64;

bool is_digit(char32_t c) {
  return c >= '0' && c <= '9';
}

/// White space and apostrophes only ever stand between groups.
bool is_gap(char32_t c) {
  return c == ' ' || c == 0xA0 || c == 0x202F || c == 0x2009 || c == '\'' || c == 0x2019;
}

/// Takes the groups of digits apart: `digits` without what stood between them.
class Groups {
 public:
  explicit Groups(char thousands) : thousands_(thousands) {}

  bool add(char32_t c, std::string& digits) {
    if (is_digit(c)) {
      digits += static_cast<char>(c);
      ++size_;
      return true;
    }
    if (!is_gap(c) && c != static_cast<unsigned char>(thousands_)) return false;
    if (between_ != 0 && c != between_) return false;
    // India groups by two, but for the last three.
    if (size_ == 0 || size_ > 3 || (between_ != 0 && size_ < 2)) return false;
    between_ = c;
    size_ = 0;
    return true;
  }
  bool complete() const { return between_ == 0 || size_ == 3; }

 private:
  const char thousands_;
  char32_t between_ = 0;
  std::size_t size_ = 0;
};

std::string_view without_prefix(std::string_view text, std::size_t count) {
  text.remove_prefix(count);
  return text;
}

/// The whole part may be missing before decimals.
std::optional<std::string> plain_digits(std::string_view text, char decimal, char thousands) {
  std::string digits;
  Groups groups(thousands);
  std::size_t at = 0;
  while (at < text.size() && text[at] != decimal) {
    if (!groups.add(next_character(text, at), digits)) return std::nullopt;
  }
  if (!groups.complete()) return std::nullopt;
  const bool whole = !digits.empty();
  if (!whole) digits = "0";
  if (at == text.size()) return whole ? std::optional(digits) : std::nullopt;
  const std::string_view decimals = without_prefix(text, at + 1);
  if (decimals.empty() || !std::all_of(decimals.begin(), decimals.end(), is_digit)) {
    return std::nullopt;
  }
  return digits + '.' + std::string(decimals);
}

bool is_currency_sign(char32_t c) {
  return c == '$' || (c >= 0xA2 && c <= 0xA5) || (c >= 0x20A0 && c <= 0x20CF);
}

/// `EUR`, `US$`, `€`, `kr`, `Fr`, `zł`: a currency, no other word.
bool is_currency(std::string_view word) {
  std::size_t letters = 0;
  bool sign = false;
  for (std::size_t at = 0; at < word.size();) {
    if (is_currency_sign(next_character(word, at))) {
      sign = true;
    } else {
      ++letters;
    }
  }
  if (sign) return letters <= 3;
  if (letters == 3) return word == upper(word) || lower(word) == "eur" || lower(word) == "usd";
  const std::string small = lower(word);
  return small == "kr" || small == "fr" || small == "zł" || small == "kč" || small == "ft";
}

std::optional<int> factor(std::string_view word) {
  constexpr std::pair<std::string_view, int> kFactors[] = {{"k", 3},  {"tsd", 3}, {"m", 6},
                                                           {"mm", 6}, {"mio", 6}, {"mn", 6},
                                                           {"bn", 9}, {"b", 9},   {"mrd", 9}};
  const std::string small = lower(word);
  for (const auto& [name, exponent] : kFactors) {
    if (small == name) return exponent;
  }
  return std::nullopt;
}

/// Takes a sign from the front or the back; true when it was a minus.
bool take_minus(std::string_view& text) {
  for (const std::string_view minus : {"-", "\u2212"}) {
    const bool front = text.starts_with(minus);
    if (!front && !text.ends_with(minus)) continue;
    text = trim(front ? without_prefix(text, minus.size())
                      : text.substr(0, text.size() - minus.size()));
    return true;
  }
  if (text.starts_with('+')) text = trim(without_prefix(text, 1));
  return false;
}

std::string_view without_dot(std::string_view word) {
  return word.ends_with('.') ? word.substr(0, word.size() - 1) : word;  // Fr. Mio. Tsd.
}

/// An amount taken apart: words, the number from its first to its last digit, words.
struct Amount {
  std::string_view before;
  std::string_view number;
  std::string_view after;
};

std::optional<Amount> taken_apart(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789";
  std::size_t begin = text.find_first_of(kDigits);
  if (begin == text.npos) return std::nullopt;
  const std::size_t end = text.find_last_of(kDigits) + 1;
  const bool only_decimals = begin > 0 && (text[begin - 1] == '.' || text[begin - 1] == ',');
  const bool abbreviated =  // Fr.5
      begin > 1 && ((text[begin - 2] | 0x20) >= 'a' && (text[begin - 2] | 0x20) <= 'z');
  if (only_decimals && !abbreviated) --begin;
  return Amount{trim(text.substr(0, begin)), text.substr(begin, end - begin),
                trim(text.substr(end))};
}

/// A factor, a currency, or both; nothing when there is another word.
std::optional<int> exponent_of(std::string_view after) {
  const std::size_t gap = after.find_first_of(" \xC2");  // also before a no-break space
  const std::string_view first = without_dot(after.substr(0, gap));
  std::string_view rest = after;
  int exponent = 0;
  if (const auto scale = factor(first)) {
    exponent = *scale;
    rest = gap == after.npos ? std::string_view() : trim(without_prefix(after, gap));
  }
  rest = without_dot(rest);
  if (!rest.empty() && !is_currency(rest)) return std::nullopt;
  return exponent;
}

/// The decimal separator that the text itself shows; nothing when there are two readings.
std::optional<char> decimal_of(std::string_view number) {
  const std::size_t dot = number.rfind('.');
  const std::size_t comma = number.rfind(',');
  constexpr auto kNone = std::string_view::npos;
  if (dot == kNone && comma == kNone) return '.';
  if (dot != kNone && comma != kNone) return dot > comma ? '.' : ',';
  const char only = dot != kNone ? '.' : ',';
  const std::size_t at = dot != kNone ? dot : comma;
  if (number.find(only) != at) return only == '.' ? ',' : '.';  // several: they group
  const bool gaps =
      std::any_of(number.begin(), number.begin() + static_cast<std::ptrdiff_t>(at),
                  [](char c) { return c != '-' && !is_digit(static_cast<unsigned char>(c)); });
  const bool could_group = number.size() - at == 4 && at >= 1 && at <= 3 && number[0] != '0';
  return could_group && !gaps ? std::nullopt : std::optional(only);
}

}  // namespace

std::optional<Datum> parse_grouped(std::string_view text, char decimal, char thousands) {
  text = trim(text);
  if (text.size() > kAmountBytes) return std::nullopt;
  const bool negative = !text.ends_with('-') && take_minus(text);
  if (!negative && text.starts_with('+')) text.remove_prefix(1);
  const auto digits = plain_digits(text, decimal, thousands);
  return digits ? parse_number((negative ? "-" : "") + *digits) : std::nullopt;
}

tl::expected<Datum, std::string> parse_money(std::string_view text, std::optional<char> decimal) {
  const auto wrong = [] {
    return tl::unexpected<std::string>(
        "expected an amount such as 1200.50, € 1.234,50 or USD 5k, got a text of another form");
  };
  text = trim(text);
  if (text.size() > kAmountBytes) return wrong();
  const bool in_parentheses = text.starts_with('(') && text.ends_with(')');  // accountants' minus
  if (in_parentheses) text = trim(text.substr(1, text.size() - 2));
  auto amount = taken_apart(text);
  if (!amount) return wrong();
  bool negative = take_minus(amount->before) || in_parentheses;
  for (const std::string_view none : {".--", ",--", ".-", ",-", ".\u2013", ",\u2013"}) {
    if (!amount->after.starts_with(none)) continue;
    amount->after = trim(without_prefix(amount->after, none.size()));  // no decimals
    break;
  }
  if (take_minus(amount->after)) negative = true;
  const std::string_view before = without_dot(amount->before);
  const auto exponent = exponent_of(amount->after);
  if (!exponent || !(before.empty() || is_currency(before))) return wrong();
  if (!decimal) decimal = decimal_of(amount->number);
  if (!decimal) {
    return tl::unexpected<std::string>(
        "expected an amount that can be read in one way, got one whose separator may be of "
        "thousands or of decimals (say which: money(…, \".\") or money(…, \",\") names that of "
        "decimals)");
  }
  auto digits = plain_digits(amount->number, *decimal, *decimal == '.' ? ',' : '.');
  if (!digits) return wrong();
  if (negative) digits->insert(0, 1, '-');
  if (*exponent > 0) *digits += 'e' + std::to_string(*exponent);
  const auto number = parse_number(*digits);
  if (!number) return wrong();
  return narrowed(*number);
}

}  // namespace assembly_sync::mapping
