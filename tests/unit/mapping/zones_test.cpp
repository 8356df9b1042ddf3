// Time zones: gaps, overlaps, zones without summer time, far years; dates of other forms.
#include "mapping/zones.hpp"

#include <gtest/gtest.h>

#include "mapping/date_pattern.hpp"
#include "mapping_support.hpp"

namespace assembly_sync::mapping {
namespace {

using test::evaluate;

std::string shown(const std::string& call, const std::string& when) {
  return evaluate(call, R"({"a": ")" + when + R"("})");
}
std::string in_zone(const std::string& when, const std::string& zone) {
  return shown("in_zone(a, '" + zone + "')", when);
}

TEST(Zones, ShowAMomentAsTheirClocksDo) {
  EXPECT_EQ(in_zone("2026-01-15T12:00:00Z", "Europe/Berlin"), R"("2026-01-15T13:00:00+01:00")");
  EXPECT_EQ(in_zone("2026-07-15T12:00:00Z", "Europe/Berlin"), R"("2026-07-15T14:00:00+02:00")");
  EXPECT_EQ(in_zone("2026-07-15T12:00:00.250Z", "America/New_York"),
            R"("2026-07-15T08:00:00.250-04:00")");
  EXPECT_EQ(in_zone("2026-07-15T12:00:00Z", "Asia/Kolkata"), R"("2026-07-15T17:30:00+05:30")");
  EXPECT_EQ(in_zone("2026-07-15T12:00:00Z", "UTC"), R"("2026-07-15T12:00:00+00:00")");
  EXPECT_EQ(in_zone("1784116800", "Asia/Tokyo"), R"("2026-07-15T21:00:00+09:00")");
}

TEST(Zones, TakeWhatHasNoOffsetForTheirOwnTime) {
  EXPECT_EQ(in_zone("2026-07-15T12:00:00", "Europe/Berlin"), R"("2026-07-15T12:00:00+02:00")");
  EXPECT_EQ(in_zone("2026-07-15", "Europe/Berlin"), R"("2026-07-15T00:00:00+02:00")");
  EXPECT_EQ(shown("to_datetime(a, 'Europe/Berlin')", "2026-07-15 12:00"),
            R"("2026-07-15T10:00:00Z")");
  EXPECT_EQ(shown("to_date(a, 'America/Los_Angeles')", "2026-07-15"), R"("2026-07-15")");
  EXPECT_EQ(shown("to_date(a, 'America/Los_Angeles')", "2026-07-15T00:00:00Z"), R"("2026-07-14")");
}

TEST(Zones, MoveATimeThatTheClocksSkip) {
  EXPECT_EQ(in_zone("2026-03-29T01:59:59", "Europe/Berlin"), R"("2026-03-29T01:59:59+01:00")");
  EXPECT_EQ(in_zone("2026-03-29T02:00:00", "Europe/Berlin"), R"("2026-03-29T03:00:00+02:00")");
  EXPECT_EQ(in_zone("2026-03-29T02:59:59", "Europe/Berlin"), R"("2026-03-29T03:59:59+02:00")");
  EXPECT_EQ(in_zone("2026-03-29T03:00:00", "Europe/Berlin"), R"("2026-03-29T03:00:00+02:00")");
  EXPECT_EQ(in_zone("2026-03-08T02:30:00", "America/New_York"), R"("2026-03-08T03:30:00-04:00")");
}

TEST(Zones, TakeTheFirstOfATimeThatTheClocksShowTwice) {
  EXPECT_EQ(in_zone("2026-10-25T02:30:00", "Europe/Berlin"), R"("2026-10-25T02:30:00+02:00")");
  EXPECT_EQ(in_zone("2026-10-25T00:30:00Z", "Europe/Berlin"), R"("2026-10-25T02:30:00+02:00")");
  EXPECT_EQ(in_zone("2026-10-25T01:30:00Z", "Europe/Berlin"), R"("2026-10-25T02:30:00+01:00")");
  EXPECT_EQ(in_zone("2026-10-25T03:00:00", "Europe/Berlin"), R"("2026-10-25T03:00:00+01:00")");
}

TEST(Zones, BeginADayThatHasNoMidnight) {
  // Clocks in Beirut went from 23:59:59 on 29 March 2025 to 01:00.
  EXPECT_EQ(shown("start_of_day(a, 'Asia/Beirut')", "2025-03-30T12:00:00Z"),
            R"("2025-03-29T22:00:00Z")");
  EXPECT_EQ(shown("start_of_day(a, 'Europe/Berlin')", "2026-03-29T12:00:00Z"),
            R"("2026-03-28T23:00:00Z")");
}

TEST(Zones, FollowTheirRulesBeyondTheListedYears) {
  EXPECT_EQ(in_zone("2036-07-15T12:00:00Z", "Europe/Berlin"), R"("2036-07-15T14:00:00+02:00")");
  EXPECT_EQ(in_zone("2038-07-15T12:00:00Z", "Europe/Berlin"), R"("2038-07-15T14:00:00+02:00")");
  EXPECT_EQ(in_zone("2038-12-15T12:00:00Z", "Europe/Berlin"), R"("2038-12-15T13:00:00+01:00")");
  EXPECT_EQ(in_zone("2040-03-25T00:59:59Z", "Europe/Berlin"), R"("2040-03-25T01:59:59+01:00")");
  EXPECT_EQ(in_zone("2040-03-25T01:00:00Z", "Europe/Berlin"), R"("2040-03-25T03:00:00+02:00")");
  EXPECT_EQ(in_zone("2104-07-15T12:00:00", "America/New_York"), R"("2104-07-15T12:00:00-04:00")");
  EXPECT_EQ(in_zone("9999-12-31T12:00:00Z", "Asia/Tokyo"), R"("9999-12-31T21:00:00+09:00")");
}

TEST(Zones, NeverLeaveTheYearsOneTo9999) {
  EXPECT_EQ(in_zone("9999-12-31T23:00:00Z", "Asia/Tokyo"),
            "refused: in_zone: expected a result in the years 1 to 9999, got another");
  EXPECT_EQ(shown("to_date(a, 'America/New_York')", "0001-01-01T00:00:00Z"),
            "refused: to_date: expected a result in the years 1 to 9999, got another");
  EXPECT_EQ(shown("to_datetime(a, 'Asia/Tokyo')", "0001-01-01"),
            "refused: to_datetime: expected a result in the years 1 to 9999, got another");
}

TEST(Zones, AreSharedByTheirNames) {
  const auto berlin = find_zone("Europe/Berlin");
  ASSERT_TRUE(berlin);
  EXPECT_EQ(find_zone("Europe/Berlin").value(), *berlin);
  EXPECT_EQ((*berlin)->offset_ms({1784116800000}), 2 * 3'600'000);
  for (const char* name : {"", "CET Berlin", "../../etc/passwd", "europe/berlin", "/etc/passwd"}) {
    EXPECT_FALSE(find_zone(name)) << name;
  }
}

std::string read(const std::string& text, const std::string& pattern) {
  const auto date = read_date(text, pattern);
  return date ? datetime_text(date->moment.instant) : "no date";
}

TEST(ReadDate, TakesTheFormsOfSpreadsheets) {
  EXPECT_EQ(read("31.01.2026", "%d.%m.%Y"), "2026-01-31T00:00:00Z");
  EXPECT_EQ(read("1/2/26", "%m/%d/%y"), "2026-01-02T00:00:00Z");
  EXPECT_EQ(read("1/2/71", "%m/%d/%y"), "1971-01-02T00:00:00Z");
  EXPECT_EQ(read("20260131", "%Y%m%d"), "2026-01-31T00:00:00Z");
  EXPECT_EQ(read("31 jan 2026", "%d %b %Y"), "2026-01-31T00:00:00Z");
  EXPECT_EQ(read("January  31, 2026", "%B %d, %Y"), "2026-01-31T00:00:00Z");
  EXPECT_EQ(read("31/12/2026 12:05 AM", "%d/%m/%Y %I:%M %p"), "2026-12-31T00:05:00Z");
  EXPECT_EQ(read("31/12/2026 12:05pm", "%d/%m/%Y %I:%M%p"), "2026-12-31T12:05:00Z");
  EXPECT_EQ(read("2026-01-31 10:00:05 +0530", "%Y-%m-%d %H:%M:%S %z"), "2026-01-31T04:30:05Z");
  EXPECT_EQ(read(" 100%31.1.2026", "100%%%d.%m.%Y"), "2026-01-31T00:00:00Z");
}

TEST(ReadDate, RefusesWhatDoesNotFit) {
  EXPECT_EQ(read("31.02.2026", "%d.%m.%Y"), "no date");
  EXPECT_EQ(read("31.1.26", "%d.%m.%Y"), "no date");
  EXPECT_EQ(read("31.1.2026 x", "%d.%m.%Y"), "no date");
  EXPECT_EQ(read("31.1.", "%d.%m.%Y"), "no date");
  EXPECT_EQ(read("1/1/2026 13:00 PM", "%m/%d/%Y %I:%M %p"), "no date");
  EXPECT_EQ(read("1 Foo 2026", "%d %b %Y"), "no date");
  EXPECT_EQ(read("", "%d %b %Y"), "no date");
}

TEST(Formatted, ReadsBack) {
  const Instant when{1769853905000};  // 2026-01-31T10:05:05Z
  const std::string pattern = "%d %B %Y %I:%M:%S %p %z";
  const std::string text = formatted({when.ms + 3'600'000}, 3'600'000, pattern);
  EXPECT_EQ(text, "31 January 2026 11:05:05 AM +0100");
  EXPECT_EQ(read_date(text, pattern)->moment.instant.ms, when.ms);
}

}  // namespace
}  // namespace assembly_sync::mapping
