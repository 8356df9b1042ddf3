// Functions of dates. All is UTC unless a zone is named; there is no `now`, as a mapping must give
// the same tomorrow (I9).
#include "mapping/date_pattern.hpp"
#include "mapping/dates.hpp"
#include "mapping/evaluator.hpp"
#include "mapping/functions.hpp"
#include "mapping/numbers.hpp"
#include "mapping/text.hpp"
#include "mapping/zones.hpp"

namespace assembly_sync::mapping {
namespace {

constexpr std::string_view kOutOfYears = "expected a result in the years 1 to 9999, got another";

/// What a date function's literals become. Zones live as long as the program.
struct DateSetting final : Prepared {
  const Zone* zone = nullptr;  // nullptr: UTC
  std::string pattern;

  std::int64_t offset_ms(Instant moment) const {
    return zone == nullptr ? 0 : zone->offset_ms(moment);
  }
  Instant local(Instant moment) const { return {moment.ms + offset_ms(moment)}; }
  Instant moment_of(Instant local) const {
    return zone == nullptr ? local : zone->moment_of(local);
  }
};

/// The zone is the argument at kZone, the pattern that at kPattern; kNone = the function has none.
constexpr std::size_t kNone = 99;

template <std::size_t kZone, std::size_t kPattern, bool kReads>
PrepareResult prepare_date(Literals literals) {
  auto out = std::make_shared<DateSetting>();
  if (kZone < literals.size()) {
    const auto zone = find_zone(*literals[kZone]);
    if (!zone) return prepare_error(kZone, zone.error());
    out->zone = *zone;
  }
  if (kPattern < literals.size()) {
    out->pattern = *literals[kPattern];
    if (auto wrong = check_date_pattern(out->pattern, kReads)) {
      return prepare_error(kPattern, std::move(wrong->message), wrong->at);
    }
  }
  return out;
}
constexpr Prepare kZoneSecond = prepare_date<1, kNone, false>;
constexpr Prepare kZoneThird = prepare_date<2, kNone, false>;

const DateSetting& setting(const Call& call) {
  return call.prepared<DateSetting>();
}

/// Nothing and failure when it is outside of what dates can say.
std::optional<Instant> in_years(Call& call, Instant when) {
  const auto result = bounded(when.ms);
  if (!result) call.fail(std::string(kOutOfYears));
  return result;
}

/// The moment that an argument stands for; one without an offset is local in the call's zone.
/// Nothing without failure: the empty text, which is what a CRM sends for a cleared date.
std::optional<Instant> moment(Call& call, std::size_t i) {
  if (call[i].is_text() && trim(call.text(i)).empty()) return std::nullopt;
  const auto result = parse_moment(call[i]);
  if (!result) {
    call.fail(std::string(kNotADate));
    return std::nullopt;
  }
  if (result->zoned) return result->instant;
  return in_years(call, setting(call).moment_of(result->instant));
}

/// What the clocks of the call's zone show then.
std::optional<Instant> local(Call& call, std::size_t i) {
  const auto when = moment(call, i);
  return when ? in_years(call, setting(call).local(*when)) : std::nullopt;
}

Datum to_date(Call& call) {
  const auto day = local(call, 0);
  return day ? call.keep(date_text(*day)) : Datum();
}
Datum to_datetime(Call& call) {
  const auto when = moment(call, 0);
  return when ? call.keep(datetime_text(*when)) : Datum();
}
Datum in_zone(Call& call) {
  const auto shown = local(call, 0);
  if (!shown) return {};
  const Instant when = *moment(call, 0);
  return call.keep(datetime_text(when, shown->ms - when.ms));
}
Datum to_epoch(Call& call) {
  const auto when = moment(call, 0);
  if (!when) return {};
  return Datum((when->ms - (when->ms % 1000 + 1000) % 1000) / 1000);
}

Datum year(Call& call) {
  const auto day = local(call, 0);
  return day ? Datum(parts_of(*day).year) : Datum();
}
Datum month(Call& call) {
  const auto day = local(call, 0);
  return day ? Datum(parts_of(*day).month) : Datum();
}
Datum day_of_month(Call& call) {
  const auto day = local(call, 0);
  return day ? Datum(parts_of(*day).day) : Datum();
}

Datum start_of_day_of(Call& call) {
  const auto day = local(call, 0);
  const auto begin =
      day ? in_years(call, setting(call).moment_of(start_of_day(*day))) : std::nullopt;
  return begin ? call.keep(datetime_text(*begin)) : Datum();
}

/// The day of the first argument, moved by the second.
template <class Move>
Datum moved(Call& call, std::string_view unit, Move&& move) {
  const auto day = local(call, 0);
  if (!day) return {};
  const auto count = whole_number(call[1]);
  if (!count) {
    return call.fail("expected a whole number of " + std::string(unit) + ", got another number");
  }
  const auto result = move(*day, *count);
  return result ? call.keep(date_text(*result)) : call.fail(std::string(kOutOfYears));
}
Datum add_days(Call& call) {
  return moved(call, "days", plus_days);
}
Datum add_months(Call& call) {
  return moved(call, "months", plus_months);
}

Datum days_from_to(Call& call) {
  const auto from = local(call, 0);
  if (!from) return {};
  const auto to = local(call, 1);
  return to ? Datum(days_between(*from, *to)) : Datum();
}

Datum date_format(Call& call) {
  const auto shown = local(call, 0);
  if (!shown) return {};
  return call.keep(formatted(*shown, shown->ms - moment(call, 0)->ms, setting(call).pattern));
}

Datum parse_date(Call& call) {
  if (trim(call.text(0)).empty()) return {};
  const DateSetting& how = setting(call);
  const auto read = read_date(call.text(0), how.pattern);
  if (!read) return call.fail("expected a date of the pattern, got a text of another form");
  if (!read->has_time) return call.keep(date_text(read->moment.instant));
  const Instant when = read->moment.instant;
  const auto result = in_years(call, read->moment.zoned ? when : how.moment_of(when));
  return result ? call.keep(datetime_text(*result)) : Datum();
}

}  // namespace

std::vector<Function> date_functions() {
  using P = Parameter;
  constexpr Subject kSubject = Subject::date;
  constexpr TypeSet kDated = kText | kNumber;
  constexpr Form kPlain = Form::plain;
  const P kWhen = {"when", kDated, P::kDate};
  const P kZone = {"zone", kText, P::kOptional | P::kLiteral};
  return {
      {"to_date",
       kSubject,
       {kWhen, kZone},
       kText,
       "The day as YYYY-MM-DD, in UTC or in the zone. Takes `2026-01-31`, `2026-01-31T10:00:00` "
       "with `Z`, `+02:00`, `+0200` or nothing, and seconds or milliseconds since 1970 as number "
       "or text (from 100000000000 on they are milliseconds). What has no offset is already the "
       "zone's time, so `2026-01-31` stays the same day in every zone. Empty text gives null. "
       "A CRM's pure days that come as milliseconds are midnight in UTC: give them no zone.",
       {{"to_date(a)", R"({"a": "2026-01-31T23:30:00.000+0000"})", R"("2026-01-31")"},
        {"to_date(a, 'Europe/Berlin')", R"({"a": "2026-01-31T23:30:00.000+0000"})",
         R"("2026-02-01")"},
        {"to_date(a)", R"({"a": "2026-01-31T23:30:00-02:00"})", R"("2026-02-01")"},
        {"to_date(a)", R"({"a": "1767225600000"})", R"("2026-01-01")"},
        {"to_date(a)", R"({"a": 1767225600})", R"("2026-01-01")"}},
       to_date,
       kPlain,
       kZoneSecond},
      {"to_datetime",
       kSubject,
       {kWhen, kZone},
       kText,
       "The moment as RFC 3339 in UTC. Takes what to_date takes; what has no offset is in UTC, or "
       "in the zone.",
       {{"to_datetime(a)", R"({"a": "2026-01-31 10:00+02:00"})", R"("2026-01-31T08:00:00Z")"},
        {"to_datetime(a)", R"({"a": 1767225600500})", R"("2026-01-01T00:00:00.500Z")"},
        {"to_datetime(a, 'America/New_York')", R"({"a": "2026-07-01 09:00"})",
         R"("2026-07-01T13:00:00Z")"}},
       to_datetime,
       kPlain,
       kZoneSecond},
      {"in_zone",
       kSubject,
       {kWhen, {"zone", kText, P::kLiteral}},
       kText,
       "The moment as the zone's clocks show it, with its offset. What has no offset is already "
       "the zone's time; a time that the clocks skip in spring moves on by an hour, of a time that "
       "they show twice in autumn it is the first. Zones have names such as Europe/Berlin, "
       "America/New_York, Asia/Tokyo, UTC.",
       {{"in_zone(a, 'Europe/Berlin')", R"({"a": "2026-07-01T10:00:00Z"})",
         R"("2026-07-01T12:00:00+02:00")"},
        {"in_zone(a, 'Europe/Berlin')", R"({"a": "2026-03-29 02:30"})",
         R"("2026-03-29T03:30:00+02:00")"},
        {"in_zone(a, 'Europe/Berlin')", R"({"a": "2026-10-25 02:30"})",
         R"("2026-10-25T02:30:00+02:00")"}},
       in_zone,
       kPlain,
       kZoneSecond},
      {"parse_date",
       kSubject,
       {{"text", kText}, {"pattern", kText, P::kLiteral}, kZone},
       kText,
       "Reads a date of another form: %Y year (%y with two digits), %m month, %d day, %B or %b "
       "the month's English name, %H hour (%I with %p AM or PM), %M minute, %S second, %z offset. "
       "Without %H or %I the result is a day as YYYY-MM-DD, else a moment as RFC 3339 in UTC. "
       "Empty text gives null.",
       {{"parse_date(a, '%d.%m.%Y')", R"({"a": "31.1.2026"})", R"("2026-01-31")"},
        {"parse_date(a, '%m/%d/%Y %I:%M %p', 'America/Chicago')", R"({"a": "1/31/2026 3:05 pm"})",
         R"("2026-01-31T21:05:00Z")"},
        {"parse_date(a, '%d.%m.%Y')", R"({"a": "2026-01-31"})",
         "refused: parse_date: expected a date of the pattern, got a text of another form"}},
       parse_date,
       kPlain,
       prepare_date<2, 1, true>},
      {"date_format",
       kSubject,
       {kWhen, {"pattern", kText, P::kLiteral}, kZone},
       kText,
       "The date in another form, with the letters of parse_date; %B and %b are the month's "
       "English name, long and short.",
       {{"date_format(a, '%d %b %Y')", R"({"a": "2026-01-31"})", R"("31 Jan 2026")"},
        {"date_format(a, '%H:%M', 'Asia/Tokyo')", R"({"a": "2026-01-31T10:00:00Z"})",
         R"("19:00")"}},
       date_format,
       kPlain,
       prepare_date<2, 1, false>},
      {"to_epoch",
       kSubject,
       {kWhen, kZone},
       kNumber,
       "Whole seconds since 1970.",
       {{"to_epoch(a)", R"({"a": "2026-01-01T00:00:00Z"})", "1767225600"}},
       to_epoch,
       kPlain,
       kZoneSecond},
      {"start_of_day",
       kSubject,
       {kWhen, kZone},
       kText,
       "The first moment of the day, in UTC or in the zone, as RFC 3339 in UTC.",
       {{"start_of_day(a)", R"({"a": "2026-01-31T10:00:00Z"})", R"("2026-01-31T00:00:00Z")"},
        {"start_of_day(a, 'Europe/Berlin')", R"({"a": "2026-01-31T23:30:00Z"})",
         R"("2026-01-31T23:00:00Z")"}},
       start_of_day_of,
       kPlain,
       kZoneSecond},
      {"year",
       kSubject,
       {kWhen, kZone},
       kNumber,
       "The year of a date.",
       {{"year(a)", R"({"a": "2026-01-31"})", "2026"}},
       year,
       kPlain,
       kZoneSecond},
      {"month",
       kSubject,
       {kWhen, kZone},
       kNumber,
       "The month of a date, 1 to 12.",
       {{"month(a)", R"({"a": "2026-01-31"})", "1"}},
       month,
       kPlain,
       kZoneSecond},
      {"day",
       kSubject,
       {kWhen, kZone},
       kNumber,
       "The day of the month of a date, 1 to 31.",
       {{"day(a)", R"({"a": "2026-01-31"})", "31"}},
       day_of_month,
       kPlain,
       kZoneSecond},
      {"add_days",
       kSubject,
       {kWhen, {"days", kNumber}, kZone},
       kText,
       "The day so many days later (earlier when negative), as YYYY-MM-DD.",
       {{"add_days(start, 365)", R"({"start": "2025-03-01"})", R"("2026-03-01")"}},
       add_days,
       kPlain,
       kZoneThird},
      {"add_months",
       kSubject,
       {kWhen, {"months", kNumber}, kZone},
       kText,
       "The same day so many months later (earlier when negative), as YYYY-MM-DD; the last day of "
       "the month where it has no such day.",
       {{"add_months(start, 12)", R"({"start": "2025-03-01"})", R"("2026-03-01")"},
        {"add_months(start, 1)", R"({"start": "2026-01-31"})", R"("2026-02-28")"}},
       add_months,
       kPlain,
       kZoneThird},
      {"days_between",
       kSubject,
       {{"from", kDated, P::kDate}, {"to", kDated, P::kDate}, kZone},
       kNumber,
       "Whole days from one day to another; negative when `to` is earlier.",
       {{"days_between(a, b)", R"({"a": "2026-01-31", "b": "2026-02-02"})", "2"}},
       days_from_to,
       kPlain,
       kZoneThird},
  };
}

}  // namespace assembly_sync::mapping
