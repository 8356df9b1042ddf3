// Dates, domains, letters: the parts under the functions.
#include <gtest/gtest.h>

#include "mapping/dates.hpp"
#include "mapping/domains.hpp"
#include "mapping/numbers.hpp"
#include "mapping/text.hpp"

namespace assembly_sync::mapping {
namespace {

std::string moment(std::string_view text) {
  const auto when = parse_instant(Datum(text));
  return when ? datetime_text(*when) : "no date";
}

TEST(ParseInstant, ReadsTheFormsThatCrmsSend) {
  EXPECT_EQ(moment("2026-01-31"), "2026-01-31T00:00:00Z");
  EXPECT_EQ(moment("2026-01-31T10:00:00Z"), "2026-01-31T10:00:00Z");
  EXPECT_EQ(moment("2026-01-31T10:00:00.000+0000"), "2026-01-31T10:00:00Z");
  EXPECT_EQ(moment("2026-01-31T10:00:00.123456+02:00"), "2026-01-31T08:00:00.123Z");
  EXPECT_EQ(moment("2026-01-31 10:00:00"), "2026-01-31T10:00:00Z");
  EXPECT_EQ(moment("2026-01-31T23:30-0530"), "2026-02-01T05:00:00Z");
  EXPECT_EQ(moment("2026-01-31T10:00:00+02"), "2026-01-31T08:00:00Z");
  EXPECT_EQ(moment(" 2024-02-29 "), "2024-02-29T00:00:00Z");
  EXPECT_EQ(moment("1767225600"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(moment("1767225600500"), "2026-01-01T00:00:00.500Z");
  EXPECT_EQ(moment("0001-01-01"), "0001-01-01T00:00:00Z");
  EXPECT_EQ(moment("1969-12-31T23:59:59.999Z"), "1969-12-31T23:59:59.999Z");
}

TEST(ParseInstant, RefusesWhatIsNoDateOrAmbiguous) {
  for (const char* text :
       {"", "2026-02-30", "2025-02-29", "2026-13-01", "31.01.2026", "01/31/2026", "20260131",
        "2026-1-31", "2026-01-31T", "2026-01-31T25:00", "2026-01-31T10:00:00X", "0000-01-01",
        "2026-01-31T10:00:00+2:00", "2026-01-31Z10:00", "12345", "99999999999999999999", "-"}) {
    EXPECT_EQ(moment(text), "no date") << text;
  }
}

TEST(ParseInstant, TakesNumbersAsSecondsOrMilliseconds) {
  EXPECT_EQ(date_text(*parse_instant(Datum(std::int64_t{0}))), "1970-01-01");
  EXPECT_EQ(date_text(*parse_instant(Datum(std::int64_t{-1}))), "1969-12-31");
  EXPECT_EQ(date_text(*parse_instant(Datum(1767225600.5))), "2026-01-01");
  EXPECT_EQ(date_text(*parse_instant(Datum(std::int64_t{1767225600000}))), "2026-01-01");
  EXPECT_FALSE(parse_instant(Datum(1e18)));
  EXPECT_FALSE(parse_instant(Datum(std::uint64_t{18446744073709551615U})));
}

TEST(PlusDays, StaysInTheYearsOneToNineThousand) {
  const Instant last = *parse_instant(Datum(std::string_view("9999-12-31")));
  EXPECT_FALSE(plus_days(last, 1));
  EXPECT_FALSE(plus_days(last, INT64_MAX));
  EXPECT_EQ(date_text(*plus_days(last, -1)), "9999-12-30");
}

TEST(RegistrableDomain, IsFoundInUrlsHostsAndAddresses) {
  EXPECT_EQ(registrable_domain("https://user:pw@www.Acme.co.uk:8080/x?y#z"), "acme.co.uk");
  EXPECT_EQ(registrable_domain("acme.test."), "acme.test");
  EXPECT_EQ(registrable_domain("//cdn.acme.com/x"), "acme.com");
  EXPECT_EQ(registrable_domain("mailto:ada@mail.acme.de"), "acme.de");
  EXPECT_EQ(registrable_domain("食狮.公司.cn"), "xn--85x722f.xn--55qx5d.cn");
  EXPECT_EQ(registrable_domain("WWW.MÜNCHEN.de"), "xn--mnchen-3ya.de");
}

TEST(RegistrableDomain, IsNothingForAddressesSuffixesAndOtherText) {
  for (const char* text : {"", "10.0.0.1", "http://[::1]/", "localhost", "co.uk", "com", "n/a",
                           "not a domain.com", "a..com", "-a.com", "http://", "@", "1.2.3.4:80"}) {
    EXPECT_EQ(registrable_domain(text), std::nullopt) << text;
  }
  EXPECT_EQ(registrable_domain(std::string(100'000, 'a')), std::nullopt);
}

TEST(IsDomain, AsksForTwoLabelsOfLettersDigitsAndHyphens) {
  EXPECT_TRUE(is_domain("acme.com"));
  EXPECT_TRUE(is_domain("a-1.B2.xn--p1ai"));
  for (const char* text :
       {"", "acme", ".com", "acme.", "a_b.com", "acme .com", "10.0.0.1", "https://acme.com",
        "a@acme.com", "acme.com/x", "-a.com", "münchen.de"}) {
    EXPECT_FALSE(is_domain(text)) << text;
  }
  EXPECT_FALSE(is_domain(std::string(64, 'a').append(".com")));
}

TEST(IsEmail, AsksForANameAndADomain) {
  EXPECT_TRUE(is_email("ada.l+x@mail.acme.com"));
  for (const char* text : {"", "@acme.com", "ada", "ada@", "ada@acme", "a b@acme.com", "a@b@c.com",
                           "Ada <ada@acme.com>", "a@b.com,c@d.com", "ada@10.0.0.1"}) {
    EXPECT_FALSE(is_email(text)) << text;
  }
}

TEST(Letters, ChangeCaseInLatinGreekCyrillicAndArmenian) {
  EXPECT_EQ(lower("ÀÉÎØÞ ĀŁŽŸ ΆΣΩ ЁЖЯ ԱՖ Ẁ ẞ"), "àéîøþ āłžÿ άσω ёжя աֆ ẁ ß");
  EXPECT_EQ(upper("àéîøþ āłžÿ άσςω ёжя աֆ ẁ"), "ÀÉÎØÞ ĀŁŽŸ ΆΣΣΩ ЁЖЯ ԱՖ Ẁ");
  EXPECT_EQ(lower("×÷ 中文 İ"), "×÷ 中文 i");
  EXPECT_EQ(upper("ß÷ı"), "ß÷I");
}

TEST(Letters, ThatAreNotUtf8BecomeReplacementCharacters) {
  EXPECT_EQ(lower("A\xFF\xC3"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(count_characters("\xF0\x9F\x98\x80\x80"), 2U);
}

TEST(Trim, TakesAllKindsOfWhiteSpace) {
  EXPECT_EQ(trim("\xC2\xA0 \t\n x y \xE3\x80\x80"), "x y");
  EXPECT_EQ(trim(" \n "), "");
}

TEST(Slug, DropsAccentsAndJoinsWords) {
  EXPECT_EQ(slug("  Straße — Łódź & Ærø!! 24/7 "), "strasse-lodz-aero-24-7");
  EXPECT_EQ(slug("中文"), "");
}

TEST(NumberText, ReadsBackAsTheSameNumber) {
  EXPECT_EQ(number_text(Datum(0.1)), "0.1");
  EXPECT_EQ(number_text(Datum(512.0)), "512");
  EXPECT_EQ(number_text(Datum(-0.0)), "0");
  EXPECT_EQ(number_text(Datum(123456789012345.0)), "123456789012345");
  EXPECT_EQ(number_text(Datum(1e21)), "1e+21");
}

}  // namespace
}  // namespace assembly_sync::mapping
