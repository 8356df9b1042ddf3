// Functions of numbers. Whole numbers stay exact to 64 bits; a result outside is refused, never
// rounded silently.
#include <algorithm>
#include <cmath>

#include "mapping/evaluator.hpp"
#include "mapping/functions.hpp"
#include "mapping/numbers.hpp"
#include "mapping/text.hpp"

namespace assembly_sync::mapping {
namespace {

constexpr std::string_view kTooLarge =
    "expected a result within the range of numbers, got a larger one";

Datum finite(Call& call, double result) {
  return std::isfinite(result) ? narrowed(Datum(result)) : call.fail(std::string(kTooLarge));
}

Datum to_number(Call& call) {
  if (call[0].is_number()) return call[0];
  const std::string_view text = trim(call.text(0));
  if (text.empty()) return {};
  const auto number = parse_number(text);
  return number
             ? *number
             : call.fail("expected a decimal number such as 1200.50, got a text of another form");
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
Datum arithmetic(Call& call, Exact&& exact, Real&& real) {
  if (call[0].is_int() && call[1].is_int()) {
    std::int64_t result = 0;
    if (exact(call[0].as_int(), call[1].as_int(), &result))
      return call.fail(std::string(kTooLarge));
    return Datum(result);
  }
  return finite(call, real(call[0].as_double(), call[1].as_double()));
}

Datum add(Call& call) {
  return arithmetic(
      call, [](auto a, auto b, auto* out) { return __builtin_add_overflow(a, b, out); },
      [](double a, double b) { return a + b; });
}
Datum sub(Call& call) {
  return arithmetic(
      call, [](auto a, auto b, auto* out) { return __builtin_sub_overflow(a, b, out); },
      [](double a, double b) { return a - b; });
}
Datum mul(Call& call) {
  return arithmetic(
      call, [](auto a, auto b, auto* out) { return __builtin_mul_overflow(a, b, out); },
      [](double a, double b) { return a * b; });
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
  return {
      {"to_number",
       kSubject,
       {{"value", kText | kNumber}},
       kNumber,
       "A decimal number from text: digits with optional sign, fraction after a point and "
       "exponent; "
       "white space around it is ignored. Empty text gives null. Thousands separators are refused, "
       "as nobody can tell 1.200 from 1.200: remove them with replace.",
       {{"to_number(a)", R"({"a": " 1200.50 "})", "1200.5"},
        {"to_number(a)", R"({"a": ""})", "null"},
        {"a | replace(' ', '') | replace(',', '.') | to_number", R"({"a": "1 200,50"})", "1200.5"},
        {"to_number(a)", R"({"a": "1,200"})",
         "refused: to_number: expected a decimal number such as 1200.50, got a text of another "
         "form"}},
       to_number},
      {"to_int",
       kSubject,
       {{"value", kText | kNumber}},
       kNumber,
       "As to_number, then without its decimals.",
       {{"to_int(a)", R"({"a": "20.9"})", "20"}, {"to_int(a)", R"({"a": -2.5})", "-2"}},
       to_int},
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
       {{"number", kNumber | kList, P::kNullable | P::kRepeats}},
       kNumber,
       "The least of the numbers or of a list's numbers; nulls are left out.",
       {{"min(a, b)", R"({"a": 3, "b": 2.5})", "2.5"}, {"min(a)", R"({"a": [4, 2, 9]})", "2"}},
       min_of},
      {"max",
       kSubject,
       {{"number", kNumber | kList, P::kNullable | P::kRepeats}},
       kNumber,
       "The greatest of the numbers or of a list's numbers; nulls are left out.",
       {{"max(a, 0)", R"({"a": -3})", "0"}, {"max(a, 0)", R"({})", "0"}},
       max_of},
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
