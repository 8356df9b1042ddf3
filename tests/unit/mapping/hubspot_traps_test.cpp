// Traps of HubSpot's values, as far as the mapping language meets them. tests/traps/hubspot.md
// names all of them.
#include <gtest/gtest.h>

#include "mapping_support.hpp"

namespace assembly_sync::mapping {
namespace {

using test::evaluate;

TEST(HubspotTraps, T01_AllValuesAreTextAndSomeNumbersAreNone) {
  EXPECT_EQ(evaluate("to_number(a)", R"({"a":"1200.5"})"), "1200.5");
  EXPECT_TRUE(evaluate("to_number(a)", R"({"a":"a;b;c"})").starts_with("refused: to_number"));
  EXPECT_EQ(evaluate("to_date(a)", R"({"a":"1767225600000.0"})"), R"("2026-01-01")");
}

TEST(HubspotTraps, T02_DatesComeAsMillisecondsOrIso) {
  for (const char* form : {R"("2026-01-31")", R"("2026-01-31T00:00:00.000Z")", R"("1769817600000")",
                           "1769817600000"}) {
    EXPECT_EQ(evaluate("to_date(a)", std::string(R"({"a":)") + form + "}"), R"("2026-01-31")")
        << form;
  }
}

TEST(HubspotTraps, T03_AClearedPropertyIsTheEmptyTextOrNull) {
  for (const char* record : {R"({"a":""})", R"({"a":null})", "{}"}) {
    EXPECT_EQ(evaluate("is_empty(a)", record), "true") << record;
    EXPECT_EQ(evaluate("to_number(a)", record), "null") << record;
    EXPECT_EQ(evaluate("to_date(a)", record), "null") << record;
  }
}

TEST(HubspotTraps, T04_SeveralChoicesAreJoinedBySemicolonsWhichMayComeFirst) {
  for (const char* record : {R"({"a":"x;y"})", R"({"a":";x;y"})", R"({"a":"x;;y;"})"}) {
    EXPECT_EQ(evaluate("a | split(';') | compact", record), R"(["x","y"])") << record;
  }
}

TEST(HubspotTraps, T12_ADomainComesInSeveralSpellings) {
  for (const char* domain : {"Acme.test", "www.acme.test", "https://acme.test/about"}) {
    EXPECT_EQ(evaluate("domain_of(a)", std::string(R"({"a":")") + domain + "\"}"), R"("acme.test")")
        << domain;
  }
}

TEST(HubspotTraps, T13_FurtherDomainsOfACompanyAreAList) {
  EXPECT_EQ(evaluate("a | split(';') | compact", R"({"a":"acme.example;acme.test"})"),
            R"(["acme.example","acme.test"])");
}

TEST(HubspotTraps, T14_AFreeMailDomainIsNoCompanys) {
  EXPECT_EQ(evaluate("is_free_mail(a)", R"({"a":"gmail.com"})"), "true");
  EXPECT_EQ(evaluate("if(not is_free_mail(a), domain_of(a))", R"({"a":"x@gmail.com"})"), "null");
}

TEST(HubspotTraps, T15_FurtherAddressesOfAContactAreAList) {
  EXPECT_EQ(evaluate("a | split(';') | compact", R"({"a":"a@acme.test;b@acme.test"})"),
            R"(["a@acme.test","b@acme.test"])");
  EXPECT_EQ(evaluate("lower(a)", R"({"a":null})"), "null");
}

}  // namespace
}  // namespace assembly_sync::mapping
