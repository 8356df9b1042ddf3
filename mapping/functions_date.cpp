// Functions of dates. All is UTC; there is no `now`, as a mapping must give the same tomorrow (I9).
#include "mapping/dates.hpp"
#include "mapping/evaluator.hpp"
#include "mapping/functions.hpp"
#include "mapping/numbers.hpp"
#include "mapping/text.hpp"

namespace assembly_sync::mapping {
namespace {

/// Nothing without failure: the empty text, which is what a CRM sends for a cleared date.
std::optional<Instant> instant(Call& call, std::size_t i) {
  if (call[i].is_text() && trim(call.text(i)).empty()) return std::nullopt;
  const auto result = parse_instant(call[i]);
  if (!result) call.fail(std::string(kNotADate));
  return result;
}

Datum to_date(Call& call) {
  const auto when = instant(call, 0);
  return when ? call.keep(date_text(*when)) : Datum();
}
Datum to_datetime(Call& call) {
  const auto when = instant(call, 0);
  return when ? call.keep(datetime_text(*when)) : Datum();
}
Datum year(Call& call) {
  const auto when = instant(call, 0);
  return when ? Datum(year_of(*when)) : Datum();
}

Datum add_days(Call& call) {
  const auto when = instant(call, 0);
  if (!when) return {};
  const auto days = whole_number(call[1]);
  if (!days) return call.fail("expected a whole number of days, got another number");
  const auto moved = plus_days(*when, *days);
  return moved ? call.keep(date_text(*moved))
               : call.fail("expected a result in the years 1 to 9999, got another");
}

Datum days_from_to(Call& call) {
  const auto from = instant(call, 0);
  if (!from) return {};
  const auto to = instant(call, 1);
  return to ? Datum(days_between(*from, *to)) : Datum();
}

Datum date_format(Call& call) {
  const auto when = instant(call, 0);
  if (!when) return {};
  const auto made = formatted(*when, call.text(1));
  return made ? call.keep(*made)
              : call.fail("expected %Y %m %d %H %M %S %B %b or %% in the pattern, got another %");
}

}  // namespace

std::vector<Function> date_functions() {
  using P = Parameter;
  constexpr Subject kSubject = Subject::date;
  constexpr TypeSet kDated = kText | kNumber;
  return {
      {"to_date",
       kSubject,
       {{"when", kDated, P::kDate}},
       kText,
       "The day as YYYY-MM-DD in UTC. Takes `2026-01-31`, `2026-01-31T10:00:00` with `Z`, "
       "`+02:00`, "
       "`+0200` or nothing (UTC), and seconds or milliseconds since 1970 as number or text (from "
       "100000000000 on they are milliseconds). Empty text gives null.",
       {{"to_date(a)", R"({"a": "2026-01-31T23:30:00.000+0000"})", R"("2026-01-31")"},
        {"to_date(a)", R"({"a": "2026-01-31T23:30:00-02:00"})", R"("2026-02-01")"},
        {"to_date(a)", R"({"a": "1767225600000"})", R"("2026-01-01")"},
        {"to_date(a)", R"({"a": 1767225600})", R"("2026-01-01")"}},
       to_date},
      {"to_datetime",
       kSubject,
       {{"when", kDated, P::kDate}},
       kText,
       "The moment as RFC 3339 in UTC. Takes what to_date takes.",
       {{"to_datetime(a)", R"({"a": "2026-01-31 10:00+02:00"})", R"("2026-01-31T08:00:00Z")"},
        {"to_datetime(a)", R"({"a": 1767225600500})", R"("2026-01-01T00:00:00.500Z")"}},
       to_datetime},
      {"year",
       kSubject,
       {{"when", kDated, P::kDate}},
       kNumber,
       "The year of a date.",
       {{"year(a)", R"({"a": "2026-01-31"})", "2026"}},
       year},
      {"add_days",
       kSubject,
       {{"when", kDated, P::kDate}, {"days", kNumber}},
       kText,
       "The day so many days later (earlier when negative), as YYYY-MM-DD.",
       {{"add_days(start, 365)", R"({"start": "2025-03-01"})", R"("2026-03-01")"}},
       add_days},
      {"days_between",
       kSubject,
       {{"from", kDated, P::kDate}, {"to", kDated, P::kDate}},
       kNumber,
       "Whole days from one day to another; negative when `to` is earlier.",
       {{"days_between(a, b)", R"({"a": "2026-01-31", "b": "2026-02-02"})", "2"}},
       days_from_to},
      {"date_format",
       kSubject,
       {{"when", kDated, P::kDate}, {"pattern", kText}},
       kText,
       "The date in another form: %Y year, %m month, %d day, %H hour, %M minute, %S second, %B and "
       "%b the month's English name, long and short.",
       {{"date_format(a, '%d %b %Y')", R"({"a": "2026-01-31"})", R"("31 Jan 2026")"}},
       date_format},
  };
}

}  // namespace assembly_sync::mapping
