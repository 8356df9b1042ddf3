// Functions of numbers. Whole numbers stay exact to 64 bits; a result outside is refused, never
// rounded silently.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "mapping/evaluator.hpp"
#include "mapping/functions.hpp"
#include "mapping/money.hpp"
#include "mapping/numbers.hpp"
#include "mapping/text.hpp"

namespace assembly_sync::mapping {
namespace {

constexpr std::string_view kTooLarge =
    "expected a result within the range of numbers, got a larger one";

/// A sum or product to 15 digits, as many as a double holds in decimals: 0.1 + 0.2 is 0.3.
double decimal(double exact) {
  if (!(std::fabs(exact) < 1e15)) return exact;
  std::array<char, 32> text{};
  char* const last = text.data() + text.size();
  const auto end = std::to_chars(text.data(), last, exact, std::chars_format::general, 15).ptr;
  double out = exact;
  std::from_chars(text.data(), end, out);
  return out;
}

Datum finite(Call& call, double result) {
  return std::isfinite(result) ? narrowed(Datum(result)) : call.fail(std::string(kTooLarge));
}

/// The separator of decimals that argument `i` names, as far as it is given.
struct Separators {
  std::optional<char> decimal;
  char thousands = ',';
};

struct NumberSetting final : Prepared {
  Separators separators;
};

PrepareResult prepare_number(Literals literals) {
  auto out = std::make_shared<NumberSetting>();
  if (literals.size() < 2) return out;
  const std::string_view decimal = *literals[1];
  if (decimal != "." && decimal != ",") {
    return prepare_error(1,
                         "expected \".\" or \",\" as the separator of decimals, got another text");
  }
  out->separators = {decimal[0], decimal == "." ? ',' : '.'};
  return out;
}

Datum to_number(Call& call) {
  if (call[0].is_number()) return call[0];
  const std::string_view text = trim(call.text(0));
  if (text.empty()) return {};
  const Separators& separators = call.prepared<NumberSetting>().separators;
  const auto number = separators.decimal
                          ? parse_grouped(text, *separators.decimal, separators.thousands)
                          : parse_number(text);
  if (number) return *number;
  if (separators.decimal) {
    return call.fail("expected a number with these separators, got a text of another form");
  }
  return call.fail(
      "expected a decimal number such as 1200.50, got a text of another form (with other "
      "separators: to_number(…, \",\"); with a currency: money)");
}

Datum money(Call& call) {
  if (call[0].is_number()) return call[0];
  if (trim(call.text(0)).empty()) return {};
  const auto amount = parse_money(call.text(0), call.prepared<NumberSetting>().separators.decimal);
  return amount ? *amount : call.fail(amount.error());
}

Datum to_int(Call& call) {
  const Datum number = to_number(call);
  if (call.failed() || number.is_null()) return {};
  if (!number.is_double()) return number;
  const auto whole = whole_number(Datum(std::trunc(number.as_double())));
  return whole ? Datum(*whole) : call.fail(std::string(kTooLarge));
}

template <class Change>
Datum of_double(Call& call, Change&& change) {
  return call[0].is_double() ? narrowed(Datum(change(call[0].as_double()))) : call[0];
}
Datum floor_of(Call& call) {
  return of_double(call, [](double n) { return std::floor(n); });
}
Datum ceil_of(Call& call) {
  return of_double(call, [](double n) { return std::ceil(n); });
}

Datum round_of(Call& call) {
  if (call.size() < 2) return of_double(call, [](double n) { return std::round(n); });
  const auto digits = whole_number(call[1]);
  if (!digits || *digits < 0 || *digits > 15) {
    return call.fail("expected 0 to 15 decimals, got another number");
  }
  const double scale = std::pow(10.0, static_cast<double>(*digits));
  return of_double(call, [&](double n) {
    const double scaled = std::round(n * scale);
    return std::isfinite(scaled) ? scaled / scale : n;  // so large that it has no decimals
  });
}

Datum abs_of(Call& call) {
  if (call[0].is_double()) return Datum(std::fabs(call[0].as_double()));
  if (call[0].is_uint() || call[0].as_int() >= 0) return call[0];
  const auto bits = static_cast<std::uint64_t>(call[0].as_int());
  return Datum(std::uint64_t{0} - bits);
}

/// The elements to compare: those of one list, or the arguments themselves.
std::span<const Datum> candidates(Call& call, std::vector<Datum>& own) {
  if (call.size() == 1 && call[0].is_list()) return call.items(0);
  for (std::size_t i = 0; i < call.size(); ++i) own.push_back(call[i]);
  return own;
}

Datum extreme(Call& call, int wanted) {
  std::vector<Datum> own;
  Datum best;
  for (const Datum& item : candidates(call, own)) {
    if (item.is_null()) continue;
    if (!item.is_number()) {
      return call.fail("expected numbers, got " + to_text(item.type()) + " among them");
    }
    if (best.is_null() || compare_numbers(item, best) == wanted) best = item;
  }
  return best;
}
Datum min_of(Call& call) {
  return extreme(call, -1);
}
Datum max_of(Call& call) {
  return extreme(call, 1);
}

/// `exact` is a compiler's overflow-checked operation on integers.
template <class Exact, class Real>
Datum arithmetic(Call& call, const Datum& a, const Datum& b, Exact&& exact, Real&& real) {
  if (a.is_int() && b.is_int()) {
    std::int64_t result = 0;
    if (exact(a.as_int(), b.as_int(), &result)) return call.fail(std::string(kTooLarge));
    return Datum(result);
  }
  return finite(call, decimal(real(a.as_double(), b.as_double())));
}
Datum plus(Call& call, const Datum& a, const Datum& b) {
  return arithmetic(
      call, a, b, [](auto x, auto y, auto* out) { return __builtin_add_overflow(x, y, out); },
      [](double x, double y) { return x + y; });
}

Datum add(Call& call) {
  return plus(call, call[0], call[1]);
}
Datum sub(Call& call) {
  return arithmetic(
      call, call[0], call[1],
      [](auto x, auto y, auto* out) { return __builtin_sub_overflow(x, y, out); },
      [](double x, double y) { return x - y; });
}
Datum mul(Call& call) {
  return arithmetic(
      call, call[0], call[1],
      [](auto x, auto y, auto* out) { return __builtin_mul_overflow(x, y, out); },
      [](double x, double y) { return x * y; });
}

/// CRMs send the numbers of list elements as text, and no function changes each element.
Datum sum(Call& call) {
  Datum total(std::int64_t{0});
  for (const Datum& item : call.items(0)) {
    if (item.is_blank()) continue;
    const auto number = item.is_text() ? parse_number(trim(item.as_text())) : std::optional(item);
    if (!number || !number->is_number()) {
      return call.fail("expected numbers in the list, got " + to_text(item.type()));
    }
    total = plus(call, total, *number);
    if (call.failed()) return {};
  }
  return call.failed() ? Datum() : total;
}

Datum div(Call& call) {
  const double divisor = call[1].as_double();
  if (divisor == 0) return call.fail("expected a divisor other than 0");
  const bool whole = call[0].is_int() && call[1].is_int() && call[1].as_int() != -1;
  if (whole && call[0].as_int() % call[1].as_int() == 0) {
    return Datum(call[0].as_int() / call[1].as_int());
  }
  return finite(call, call[0].as_double() / divisor);
}

}  // namespace

std::vector<Function> number_functions() {
  using P = Parameter;
  constexpr Subject kSubject = Subject::number;
  const P kDecimal = {"decimal", kText, P::kOptional | P::kLiteral};
  return {
      {"to_number",
       kSubject,
       {{"value", kText | kNumber, P::kNumeric}, kDecimal},
       kNumber,
       "A number from text: digits with optional sign, fraction after a point and exponent; white "
       "space around it is ignored. Empty text gives null. Separators of thousands are refused, "
       "as nobody can tell 1,200 from 1,200, unless the separator of decimals is named (\".\" or "
       "\",\"): then the other one, white space or an apostrophe may stand between groups.",
       {{"to_number(a)", R"({"a": " 1200.50 "})", "1200.5"},
        {"to_number(a)", R"({"a": ""})", "null"},
        {"to_number(a, ',')", R"({"a": "1.200,50"})", "1200.5"},
        {"to_number(a, '.')", R"({"a": "1,200"})", "1200"},
        {"to_number(a)", R"({"a": "1,200"})",
         "refused: to_number: expected a decimal number such as 1200.50, got a text of another "
         "form (with other separators: to_number(…, \",\"); with a currency: money)"}},
       to_number,
       Form::plain,
       prepare_number},
      {"to_int",
       kSubject,
       {{"value", kText | kNumber, P::kNumeric}, kDecimal},
       kNumber,
       "As to_number, then without its decimals.",
       {{"to_int(a)", R"({"a": "20.9"})", "20"}, {"to_int(a)", R"({"a": -2.5})", "-2"}},
       to_int,
       Form::plain,
       prepare_number},
      {"money",
       kSubject,
       {{"value", kText | kNumber, P::kNumeric}, kDecimal},
       kNumber,
       "The number of an amount as people write it: with a currency before or after it, grouped "
       "thousands, a factor (k, m, bn), a minus or parentheses. The currency is dropped, nothing "
       "is exchanged. An amount that can be read in two ways (1.234) is refused, unless the "
       "separator of decimals is named. Empty text gives null.",
       {{"money(a)", R"({"a": "€ 1.234,50"})", "1234.5"},
        {"money(a)", R"({"a": "$1,234.50"})", "1234.5"},
        {"money(a)", R"({"a": "USD 5k"})", "5000"},
        {"money(a)", R"({"a": "EUR -12.00"})", "-12"},
        {"money(a, ',')", R"({"a": "1.234"})", "1234"}},
       money,
       Form::plain,
       prepare_number},
      {"round",
       kSubject,
       {{"number", kNumber}, {"decimals", kNumber, P::kOptional}},
       kNumber,
       "To the nearest whole number, or to so many decimals; halves go away from 0.",
       {{"round(a)", R"({"a": 2.5})", "3"}, {"round(a, 2)", R"({"a": 3.14159})", "3.14"}},
       round_of},
      {"floor",
       kSubject,
       {{"number", kNumber}},
       kNumber,
       "The next whole number below.",
       {{"floor(a)", R"({"a": -1.5})", "-2"}},
       floor_of},
      {"ceil",
       kSubject,
       {{"number", kNumber}},
       kNumber,
       "The next whole number above.",
       {{"ceil(a)", R"({"a": 1.2})", "2"}},
       ceil_of},
      {"abs",
       kSubject,
       {{"number", kNumber}},
       kNumber,
       "Without its sign.",
       {{"abs(a)", R"({"a": -7})", "7"}},
       abs_of},
      {"min",
       kSubject,
       {{"number", kNumber | kList, P::kRepeats, NullArgument::skipped}},
       kNumber,
       "The least of the numbers or of a list's numbers; nulls are left out.",
       {{"min(a, b)", R"({"a": 3, "b": 2.5})", "2.5"}, {"min(a)", R"({"a": [4, 2, 9]})", "2"}},
       min_of},
      {"max",
       kSubject,
       {{"number", kNumber | kList, P::kRepeats, NullArgument::skipped}},
       kNumber,
       "The greatest of the numbers or of a list's numbers; nulls are left out.",
       {{"max(a, 0)", R"({"a": -3})", "0"}, {"max(a, 0)", R"({})", "0"}},
       max_of},
      {"sum",
       kSubject,
       {{"list", kList}},
       kNumber,
       "The sum of a list's numbers. Texts in it are read as to_number does; nulls and empty texts "
       "are left out.",
       {{"sum(lines | pluck('amount'))", R"({"lines": [{"amount": "9.90"}, {"amount": 5}]})",
         "14.9"},
        {"sum(a)", R"({"a": []})", "0"}},
       sum},
      {"add",
       kSubject,
       {{"a", kNumber}, {"b", kNumber}},
       kNumber,
       "a + b.",
       {{"add(a, 1)", R"({"a": 41})", "42"}},
       add},
      {"sub",
       kSubject,
       {{"a", kNumber}, {"b", kNumber}},
       kNumber,
       "a - b.",
       {{"sub(seats, used)", R"({"seats": 50, "used": 20})", "30"}},
       sub},
      {"mul",
       kSubject,
       {{"a", kNumber}, {"b", kNumber}},
       kNumber,
       "a times b.",
       {{"to_number(mrr) | mul(12)", R"({"mrr": "99.5"})", "1194"}},
       mul},
      {"div",
       kSubject,
       {{"a", kNumber}, {"b", kNumber}},
       kNumber,
       "a divided by b; 0 as b refuses the record.",
       {{"div(a, 4)", R"({"a": 10})", "2.5"},
        {"div(a, 0)", R"({"a": 1})", "refused: div: expected a divisor other than 0"}},
       div},
  };
}

}  // namespace assembly_sync::mapping
